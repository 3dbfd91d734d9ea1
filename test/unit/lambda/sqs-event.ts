import type { S3Event, SQSEvent, SQSRecord } from 'aws-lambda';

/** Returns the text of an S3 event notification for objects. Encodes the keys as S3 does. */
export function notification(bucket: string, ...keys: readonly string[]): string {
  const event: S3Event = {
    Records: keys.map((key, index) => ({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'eu-central-1',
      eventTime: '2026-07-10T19:19:05.766Z',
      eventName: 'ObjectCreated:Put',
      userIdentity: { principalId: 'AWS:AIDAEXAMPLE' },
      requestParameters: { sourceIPAddress: '192.0.2.1' },
      responseElements: { 'x-amz-request-id': 'C3D13FE58DE4C810', 'x-amz-id-2': 'FMyUVURIY8' },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: 'thumbnails',
        bucket: { name: bucket, ownerIdentity: { principalId: 'A3NL1KOZZKExample' }, arn: `arn:aws:s3:::${bucket}` },
        object: {
          key: encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/'),
          size: 1024,
          eTag: 'd41d8cd98f00b204e9800998ecf8427e',
          sequencer: `0055AED6DCD90281${index}`,
        },
      },
    })),
  };
  return JSON.stringify(event);
}

/** Text of the test event that S3 sends to each new notification destination. */
export const TEST_EVENT = JSON.stringify({
  Service: 'Amazon S3',
  Event: 's3:TestEvent',
  Time: '2026-07-10T19:19:05.766Z',
  Bucket: 'photos',
  RequestId: '5582815E1AEA5ADF',
  HostId: '8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR',
});

/** Returns an SQS event of Lambda. The message ids are m0, m1, … in order. */
export function sqsEvent(...bodies: readonly string[]): SQSEvent {
  return {
    Records: bodies.map((body, index): SQSRecord => ({
      messageId: `m${index}`,
      receiptHandle: `handle-${index}`,
      body,
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '1783711145766',
        SenderId: 'AIDAEXAMPLE',
        ApproximateFirstReceiveTimestamp: '1783711145770',
      },
      messageAttributes: {},
      md5OfBody: '7b270e59b47ff90a553787216d55d91d',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-central-1:123456789012:thumbnails',
      awsRegion: 'eu-central-1',
    })),
  };
}
