import fc from 'fast-check';
import { EventError, readChangedObjects } from '../../../runtime/pipeline';
import { sourceKey } from './arbitraries';

fc.configureGlobal({ seed: 1 });

const PARAMETERS = { seed: 11, numRuns: 1000 };

/** Encodes a key as S3 does in notifications: form encoding without slashes. */
function formEncoded(key: string): string {
  return Array.from(Buffer.from(key), (byte) => {
    const character = String.fromCharCode(byte);
    if (character === ' ') {
      return '+';
    }
    return /[A-Za-z0-9/_.*-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

function record(eventName: string, encodedKey: string, bucket = 'photos'): unknown {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'eu-central-1',
    eventTime: '2026-05-01T12:00:00.000Z',
    eventName,
    s3: {
      s3SchemaVersion: '1.0',
      bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
      object: {
        key: encodedKey,
        size: 1024,
        eTag: 'd41d8cd98f00b204e9800998ecf8427e',
        sequencer: '0A1B2C3D4E5F678901',
      },
    },
  };
}

function notification(...records: unknown[]): string {
  return JSON.stringify({ Records: records });
}

function bridgeEvent(type: string, key: string, bucket = 'photos'): string {
  return JSON.stringify({
    version: '0',
    'detail-type': type,
    source: 'aws.s3',
    detail: { version: '0', bucket: { name: bucket }, object: { key, size: 5 }, reason: 'PutObject' },
  });
}

function bySns(message: string): string {
  return JSON.stringify({ Type: 'Notification', TopicArn: 'arn:aws:sns:eu-central-1:1:t', Message: message });
}

describe('S3 event notifications', () => {
  test.each([
    'ObjectCreated:Put',
    'ObjectCreated:CompleteMultipartUpload',
    'ObjectRemoved:Delete',
    'ObjectRemoved:DeleteMarkerCreated',
    'LifecycleExpiration:Delete',
    'LifecycleExpiration:DeleteMarkerCreated',
    'ObjectRestore:Completed',
    's3:ObjectCreated:Put',
  ])('%s reports a changed object', (eventName) => {
    expect(readChangedObjects(notification(record(eventName, 'a.jpg')))).toEqual([{ bucket: 'photos', key: 'a.jpg' }]);
  });

  test.each([
    'ObjectRestore:Post',
    'ObjectRestore:Delete',
    'ObjectTagging:Put',
    'ObjectAcl:Put',
    'Replication:OperationMissedThreshold',
    'ReducedRedundancyLostObject',
    'IntelligentTiering',
  ])('%s reports nothing', (eventName) => {
    expect(readChangedObjects(notification(record(eventName, 'a.jpg')))).toEqual([]);
  });

  test('the parser preserves the order of records', () => {
    const body = notification(
      record('ObjectCreated:Put', 'a.jpg'),
      record('ObjectAcl:Put', 'b.jpg'),
      record('ObjectRemoved:Delete', 'c.jpg', 'other'),
      record('ObjectCreated:Put', 'a.jpg'),
    );
    expect(readChangedObjects(body)).toEqual([
      { bucket: 'photos', key: 'a.jpg' },
      { bucket: 'other', key: 'c.jpg' },
      { bucket: 'photos', key: 'a.jpg' },
    ]);
  });

  test.each([
    ['red+flower.jpg', 'red flower.jpg'],
    ['a%2Bb.jpg', 'a+b.jpg'],
    ['100%25.jpg', '100%.jpg'],
    ['%252B', '%2B'],
    ['%C3%BC/%F0%9F%98%80.png', 'ü/😀.png'],
    ['folder/', 'folder/'],
    ['a%2fb', 'a/b'],
  ])('decode %s to the key %s', (encoded, key) => {
    expect(readChangedObjects(notification(record('ObjectCreated:Put', encoded)))).toEqual([{ bucket: 'photos', key }]);
  });

  test('decode every key', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          sourceKey,
          sourceKey.map((key) => `${key}/`),
        ),
        (key) => {
          expect(readChangedObjects(notification(record('ObjectCreated:Put', formEncoded(key))))).toEqual([
            { bucket: 'photos', key },
          ]);
        },
      ),
      PARAMETERS,
    );
  });

  test.each(['100%', '%', '%2', '%zz', '%E4', '%C3%28', '%ED%A0%80'])(
    'the parser rejects notifications with the key %s',
    (encoded) => {
      expect(() => readChangedObjects(notification(record('ObjectCreated:Put', encoded)))).toThrow(EventError);
      expect(() => readChangedObjects(notification(record('ObjectCreated:Put', encoded)))).toThrow(
        `object key: ${JSON.stringify(encoded)}`,
      );
    },
  );

  test('the parser throws only an EventError for any notification', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: fc.constantFrom('%', '+', 'C', '3', 'B', 'F', 'z') }), (encoded) => {
        try {
          readChangedObjects(notification(record('ObjectCreated:Put', encoded)));
        } catch (error) {
          expect(error).toBeInstanceOf(EventError);
        }
      }),
      PARAMETERS,
    );
  });
});

test('the runtime ignores `s3:TestEvent`', () => {
  const body = { Service: 'Amazon S3', Event: 's3:TestEvent', Time: '2026-05-01T12:00:00.000Z', Bucket: 'photos' };
  expect(readChangedObjects(JSON.stringify(body))).toEqual([]);
});

describe('EventBridge events', () => {
  test.each(['Object Created', 'Object Deleted', 'Object Restore Completed'])('%s reports a changed object', (type) => {
    expect(readChangedObjects(bridgeEvent(type, 'a.jpg'))).toEqual([{ bucket: 'photos', key: 'a.jpg' }]);
  });

  test.each(['Object Restore Initiated', 'Object Restore Expired', 'Object Tags Added', 'Object ACL Updated'])(
    '%s reports nothing',
    (type) => {
      expect(readChangedObjects(bridgeEvent(type, 'a.jpg'))).toEqual([]);
    },
  );

  test('the keys of EventBridge events are not encoded', () => {
    fc.assert(
      fc.property(sourceKey, (key) => {
        expect(readChangedObjects(bridgeEvent('Object Created', key))).toEqual([{ bucket: 'photos', key }]);
      }),
      PARAMETERS,
    );
  });
});

test.each([
  ['a notification of S3', notification(record('ObjectCreated:Put', 'a+b.jpg'))],
  ['an event of EventBridge', bridgeEvent('Object Created', 'a b.jpg')],
])('%s is read from an SNS notification', (_, message) => {
  expect(readChangedObjects(bySns(message))).toEqual([{ bucket: 'photos', key: 'a b.jpg' }]);
});

test('the runtime ignores `s3:TestEvent` in an SNS notification', () => {
  expect(readChangedObjects(bySns(JSON.stringify({ Event: 's3:TestEvent' })))).toEqual([]);
});

describe('rejected messages', () => {
  test.each([
    ['no JSON', 'hello', '"hello" is not valid JSON'],
    ['nothing', '', '"" is not valid JSON'],
    ['no object', '42', 'message: '],
    ['null', 'null', 'message: '],
    ['anything else', '{"hello":1}', 'unrecognized message'],
    ['no list of records', '{"Records":{}}', 'Records: '],
    ['a record of another service', '{"Records":[{"body":"x"}]}', 'Records.0.eventName: '],
    [
      'a record without its object',
      notification({ eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'photos' } } }),
      'Records.0.s3.object: ',
    ],
    ['an empty key', notification(record('ObjectCreated:Put', '')), 'Records.0.s3.object.key: '],
    ['an event without its detail', '{"detail-type":"Object Created"}', 'detail: '],
    ['nonsense by SNS', bySns('hello'), '"hello" is not valid JSON'],
    ['a subscription', '{"Type":"SubscriptionConfirmation","Message":"x"}', 'unrecognized message'],
  ])('%s', (_, body, message) => {
    const read = () => readChangedObjects(body);
    expect(read).toThrow(EventError);
    expect(read).toThrow(message);
  });

  test('the error contains a shortened form of the rejected message', () => {
    const read = () => readChangedObjects('x'.repeat(10_000));
    expect(read).toThrow(`"${'x'.repeat(200)}…"`);
  });

  test('the error for a rejected message is not retryable', () => {
    expect(new EventError('x').retryable).toBe(false);
  });
});
