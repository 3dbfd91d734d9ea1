import type { Stack } from 'aws-cdk-lib';
import { CfnParameter, Duration, Fn, RemovalPolicy, Size, Token } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import {
  Thumbnail,
  ThumbnailCompute,
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
  ThumbnailTrigger,
} from '../../../lib';
import { errorFor, newStack, problemsOf, synthesize, variablesOf } from '../../support/templates/stacks';

const MANY = Array.from({ length: 51 }, (_, index) => Thumbnail.inside(`t${index}`, 10));

describe('reports the prop, the value and the allowed values', () => {
  type Props = ThumbnailPipelineProps | ((stack: Stack) => ThumbnailPipelineProps);
  const cases: [string, Props, ...string[]][] = [
    ['no thumbnails', { thumbnails: [] }, 'thumbnails', '0 thumbnails', '1 to 50'],
    ['too many thumbnails', { thumbnails: MANY }, 'thumbnails', '51 thumbnails', '1 to 50'],
    [
      'a duplicate name',
      { thumbnails: [Thumbnail.inside('a', 1), Thumbnail.cover('a', 2, 2)] },
      'thumbnails',
      'a occurs twice',
    ],
    ['a prefix with a leading slash', { sourcePrefix: '/uploads/' }, 'sourcePrefix', '"/uploads/"', 'leading slash'],
    ['a prefix with a wildcard', { thumbnailPrefix: 'thumbnails/*' }, 'thumbnailPrefix', '"thumbnails/*"', 'without *'],
    ['a thumbnail prefix of 514 bytes', { thumbnailPrefix: 'é'.repeat(257) }, 'thumbnailPrefix', '514 bytes', '512'],
    ['a source prefix of 1,025 bytes', { sourcePrefix: 'a'.repeat(1025) }, 'sourcePrefix', '1025 bytes', '1024'],
    ['an empty suffix', { sourceSuffixes: [''] }, 'sourceSuffixes', '""', '.jpg'],
    ['a suffix with a wildcard', { sourceSuffixes: ['*.jpg'] }, 'sourceSuffixes', '"*.jpg"', 'without *'],
    ['a duplicate suffix in another case', { sourceSuffixes: ['.jpg', '.JPG'] }, 'sourceSuffixes', '".jpg"', 'twice'],
    [
      'a suffix that ends with another one',
      { sourceSuffixes: ['.jpg', '-small.JPG'] },
      'sourceSuffixes',
      '"-small.jpg"',
      '".jpg"',
    ],
    [
      'more suffixes than a bucket supports',
      { sourceSuffixes: Array.from({ length: 13 }, (_, index) => `.x${index}y`) },
      'sourceSuffixes',
      '13 suffixes',
      'at most 12',
    ],
    [
      'a file size out of range',
      { limits: { maxFileSize: Size.gibibytes(3) } },
      'limits.maxFileSize',
      '3,221,225,472 bytes',
      '1 to 2,147,483,648 bytes',
    ],
    ['pixels out of range', { limits: { maxPixels: 0 } }, 'limits.maxPixels', '0', '1 to 268,402,689'],
    [
      'pixels of progressive JPEGs out of range',
      { limits: { maxProgressivePixels: 1.5 } },
      'limits.maxProgressivePixels',
      '1.5',
      '1 to 268,402,689',
    ],
    [
      'pixels of animations out of range',
      { limits: { maxAnimationPixels: -1 } },
      'limits.maxAnimationPixels',
      '-1',
      '1 to 268,402,689',
    ],
    ['frames out of range', { limits: { maxFrames: 0 } }, 'limits.maxFrames', '0', '1 to 10,000'],
    [
      'a duration out of range',
      { limits: { maxDuration: Duration.millis(500) } },
      'limits.maxDuration',
      '0.5 s',
      'whole seconds from 1 to 900',
    ],
    ['a header value with a line break', { cacheControl: 'no-store\r\nX-Evil: 1' }, 'cacheControl', '\\r\\n', 'ASCII'],
    ['an empty header value', { cacheControl: '' }, 'cacheControl', '""', 'ASCII'],
    [
      'a FIFO queue',
      (stack) => ({ queue: new sqs.Queue(stack, 'Q', { fifo: true, visibilityTimeout: Duration.minutes(6) }) }),
      'queue',
      'Stack/Q',
      'FIFO',
    ],
    [
      'a FIFO dead-letter queue',
      (stack) => ({ deadLetterQueue: new sqs.Queue(stack, 'Q', { fifo: true }) }),
      'deadLetterQueue',
      'Stack/Q',
      'FIFO',
    ],
    ['attempts out of range', { maxReceiveCount: 0 }, 'maxReceiveCount', '0', '1 to 1,000'],
    [
      'a dead-letter queue for an existing queue',
      (stack) => ({ queue: longQueue(stack), deadLetterQueue: new sqs.Queue(stack, 'Dead') }),
      'deadLetterQueue',
      'Stack/Dead',
      'Stack/Q',
    ],
    [
      'attempts of an existing queue',
      (stack) => ({ queue: longQueue(stack), maxReceiveCount: 3 }),
      'maxReceiveCount',
      '3',
      'Stack/Q',
    ],
    [
      'a key for existing buckets',
      (stack) => ({
        encryptionKey: new kms.Key(stack, 'Key'),
        sourceBucket: new s3.Bucket(stack, 'A'),
        thumbnailBucket: new s3.Bucket(stack, 'B'),
      }),
      'encryptionKey',
      'Stack/Key',
      'Bucket.fromBucketAttributes()',
    ],
    [
      'automatic deletion from retained buckets',
      { autoDeleteObjects: true },
      'autoDeleteObjects',
      'true',
      'RemovalPolicy.DESTROY',
    ],
    ['options of a disabled API', { apiEnabled: false, api: {} }, 'api', 'apiEnabled'],
    ['one bucket without prefixes', sameBucket, 'sourcePrefix', '""', 'disjoint prefixes'],
    [
      'one bucket without a thumbnail prefix',
      (stack) => ({ ...sameBucket(stack), sourcePrefix: 'images/' }),
      'thumbnailPrefix',
      '""',
      'sourcePrefix "images/"',
    ],
    [
      'a thumbnail prefix inside the source prefix of one bucket',
      (stack) => ({ ...sameBucket(stack), sourcePrefix: 'images/', thumbnailPrefix: 'images/thumbnails/' }),
      'thumbnailPrefix',
      '"images/thumbnails/"',
      'sourcePrefix "images/"',
    ],
    [
      'a source prefix inside the thumbnail prefix of one bucket',
      (stack) => ({ ...sameBucket(stack), sourcePrefix: 'all/images/', thumbnailPrefix: 'all/' }),
      'thumbnailPrefix',
      '"all/"',
      'sourcePrefix "all/images/"',
    ],
    [
      'one bucket imported twice',
      (stack) => ({
        sourceBucket: s3.Bucket.fromBucketName(stack, 'A', 'photos'),
        thumbnailBucket: s3.Bucket.fromBucketArn(stack, 'B', 'arn:aws:s3:::photos'),
        thumbnailPrefix: 'thumbnails/',
      }),
      'sourcePrefix',
      '""',
      'thumbnailPrefix "thumbnails/"',
    ],
  ];
  test.each(cases)('%s', (_case, props, prop = '', ...details) => {
    expect(problemsOf(props)).toEqual([errorFor(prop, ...details)]);
  });
});

function longQueue(stack: Stack): sqs.Queue {
  return new sqs.Queue(stack, 'Q', { visibilityTimeout: Duration.minutes(6) });
}

function sameBucket(stack: Stack): ThumbnailPipelineProps {
  const bucket = new s3.Bucket(stack, 'Bucket');
  return { sourceBucket: bucket, thumbnailBucket: bucket };
}

test('the validation accepts disjoint prefixes in one bucket', () => {
  const { template } = synthesize((stack) => ({
    ...sameBucket(stack),
    sourcePrefix: 'images/',
    thumbnailPrefix: 'thumbnails/',
  }));
  expect(variablesOf(template)).toMatchObject({ SOURCE_PREFIX: 'images/', THUMBNAIL_PREFIX: 'thumbnails/' });
});

test('the validation throws one error with the construct path and all invalid props', () => {
  const construct = (): ThumbnailPipeline =>
    new ThumbnailPipeline(newStack(), 'Photos', {
      thumbnails: [Thumbnail.inside('Big', 0), Thumbnail.inside('ok', 1, { formats: [] })],
      sourcePrefix: '/a',
      limits: { maxFrames: 0 },
      compute: ThumbnailCompute.lambda({ memorySize: 64 }),
      maxReceiveCount: 0,
      api: { throttle: { rateLimit: 0 } },
    });
  const [first, ...rest] = messageOf(construct).split('\n  - ');
  expect(first).toBe('Stack/Photos: 9 validation errors:');
  expect(rest).toEqual([
    errorFor('thumbnails[0].name', '"Big"'),
    errorFor('thumbnails[0].width', '0', '1 to 8,192'),
    errorFor('thumbnails[0].height', '0', '1 to 8,192'),
    errorFor('thumbnails[1].formats', 'at least one'),
    errorFor('sourcePrefix', '"/a"'),
    errorFor('limits.maxFrames', '0', '1 to 10,000'),
    errorFor('maxReceiveCount', '0', '1 to 1,000'),
    errorFor('api.throttle.rateLimit', '0', '1 to 1,000,000 requests per second'),
    errorFor('compute.memorySize', '64', '128 to 10,240 MiB'),
  ]);
});

function messageOf(construct: () => unknown): string {
  try {
    construct();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the props are valid');
}

test('a pipeline with invalid props creates no resources', () => {
  const stack = newStack();
  expect(() => new ThumbnailPipeline(stack, 'Photos', { maxReceiveCount: 0 })).toThrow();
  expect(stack.node.findAll().map((construct) => construct.node.path)).toEqual(['Stack', 'Stack/Photos']);
});

describe('two pipelines in one app', () => {
  type Shared = { readonly bucket: s3.IBucket; readonly other: s3.IBucket; readonly queue: sqs.IQueue };
  type Props = (shared: Shared) => ThumbnailPipelineProps;

  /** Returns the errors of the second pipeline, without its construct path. */
  function errorsOf(first: Props, second: Props): string[] {
    const stack = newStack();
    const shared = {
      bucket: new s3.Bucket(stack, 'Shared'),
      other: new s3.Bucket(stack, 'Other'),
      queue: longQueue(stack),
    };
    new ThumbnailPipeline(stack, 'First', first(shared));
    try {
      new ThumbnailPipeline(stack, 'Second', second(shared));
      return [];
    } catch (error) {
      return (error as Error).message.split('\n').map((line) => line.replace('Stack/Second: ', ''));
    }
  }

  test('two pipelines must not share thumbnail keys', () => {
    expect(
      errorsOf(
        ({ bucket }) => ({ thumbnailBucket: bucket }),
        ({ bucket }) => ({ thumbnailBucket: bucket, thumbnailPrefix: 'b/' }),
      ),
    ).toEqual([errorFor('thumbnailPrefix', '"b/"', 'thumbnailPrefix ""', 'Stack/First')]);
  });

  test('a pipeline must not use the thumbnails of another pipeline as sources', () => {
    expect(
      errorsOf(
        ({ bucket }) => ({ thumbnailBucket: bucket, thumbnailPrefix: 'a/' }),
        ({ bucket }) => ({ sourceBucket: bucket }),
      ),
    ).toEqual([errorFor('sourcePrefix', '""', 'thumbnailPrefix "a/"', 'Stack/First')]);
    expect(
      errorsOf(
        ({ bucket }) => ({ sourceBucket: bucket, sourcePrefix: 'a/' }),
        ({ bucket }) => ({ thumbnailBucket: bucket, thumbnailPrefix: 'a/b/' }),
      ),
    ).toEqual([errorFor('thumbnailPrefix', '"a/b/"', 'sourcePrefix "a/"', 'Stack/First')]);
  });

  test('a pipeline must not use a bucket that another pipeline has created', () => {
    const stack = newStack();
    const first = new ThumbnailPipeline(stack, 'First');
    expect(() => new ThumbnailPipeline(stack, 'Second', { sourceBucket: first.thumbnailBucket })).toThrow(
      /^Stack\/Second: sourcePrefix: "" .*thumbnailPrefix "" of Stack\/First/,
    );
  });

  test('two pipelines must not have S3 notifications for the same keys', () => {
    const error = errorFor('sourcePrefix', '"a/b/"', 'sourcePrefix "a/"', 'Stack/First', 'eventBridge()');
    const second: Props = ({ bucket }) => ({ sourceBucket: bucket, sourcePrefix: 'a/b/', sourceSuffixes: ['.jpg'] });
    expect(errorsOf(({ bucket }) => ({ sourceBucket: bucket, sourcePrefix: 'a/' }), second)).toEqual([error]);
    expect(
      errorsOf(({ bucket }) => ({ sourceBucket: bucket, sourcePrefix: 'a/', sourceSuffixes: ['.JPG'] }), second),
    ).toEqual([error]);
  });

  test('two pipelines in a stack must share one import of a bucket', () => {
    const stack = newStack();
    const imported = (id: string): s3.IBucket => s3.Bucket.fromBucketName(stack, id, 'photos');
    new ThumbnailPipeline(stack, 'First', { sourceBucket: imported('A'), sourcePrefix: 'a/' });
    expect(() => new ThumbnailPipeline(stack, 'Second', { sourceBucket: imported('B'), sourcePrefix: 'b/' })).toThrow(
      /^Stack\/Second: sourceBucket: .*twice.*Stack\/First/,
    );
  });

  test('two pipelines must not share a queue', () => {
    expect(
      errorsOf(
        ({ queue }) => ({ queue }),
        ({ queue }) => ({ queue }),
      ),
    ).toEqual([errorFor('queue', 'Stack/Q', 'Stack/First')]);
  });

  test.each<[string, Props, Props]>([
    ['disjoint prefixes', withPrefixes('a/'), withPrefixes('b/')],
    [
      'disjoint suffixes',
      ({ bucket }) => ({ sourceBucket: bucket, sourceSuffixes: ['.jpg'] }),
      ({ bucket }) => ({ sourceBucket: bucket, sourceSuffixes: ['.png'] }),
    ],
    [
      'an EventBridge trigger',
      ({ bucket }) => ({ sourceBucket: bucket }),
      ({ bucket }) => ({ sourceBucket: bucket, trigger: ThumbnailTrigger.eventBridge() }),
    ],
  ])('the pipelines can share buckets with %s', (_case, first, second) => {
    expect(errorsOf(first, second)).toEqual([]);
  });

  function withPrefixes(prefix: string): Props {
    return ({ bucket, other }) => ({
      sourceBucket: bucket,
      sourcePrefix: prefix,
      thumbnailBucket: other,
      thumbnailPrefix: prefix,
    });
  }

  test('pipelines in two apps of one process can use the same bucket', () => {
    for (let app = 0; app < 2; app++) {
      expect(problemsOf((stack) => ({ sourceBucket: s3.Bucket.fromBucketName(stack, 'Bucket', 'photos') }))).toEqual(
        [],
      );
    }
  });
});

test('the validation accepts tokens', () => {
  const { template } = synthesize((stack) => {
    const text = new CfnParameter(stack, 'Text').valueAsString;
    const number = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
    return {
      thumbnails: [Thumbnail.inside(text, number)],
      sourceBucket: s3.Bucket.fromBucketName(stack, 'Source', Fn.importValue('Source')),
      thumbnailBucket: s3.Bucket.fromBucketArn(stack, 'Thumbnails', text),
      sourcePrefix: text,
      sourceSuffixes: [text],
      thumbnailPrefix: text,
      cacheControl: text,
      maxReceiveCount: number,
      limits: { maxPixels: number, maxFileSize: Size.bytes(number), maxDuration: Duration.seconds(number) },
      compute: ThumbnailCompute.lambda({ memorySize: number, batchSize: number, reservedConcurrentExecutions: number }),
      removalPolicy: RemovalPolicy.DESTROY,
    };
  });
  expect(variablesOf(template)).toMatchObject({
    SOURCE_BUCKET: { 'Fn::ImportValue': 'Source' },
    SOURCE_PREFIX: { Ref: 'Text' },
    SOURCE_SUFFIXES: { 'Fn::Join': ['', ['["', { Ref: 'Text' }, '"]']] },
    THUMBNAIL_PREFIX: { Ref: 'Text' },
    CACHE_CONTROL: { Ref: 'Text' },
    LIMITS: {
      'Fn::Join': [
        '',
        [
          '{"maxFileSizeBytes":',
          { Ref: 'Number' },
          ',"maxPixels":',
          { Ref: 'Number' },
          ',"maxDurationSeconds":',
          { Ref: 'Number' },
          '}',
        ],
      ],
    },
  });
  expect(Token.isUnresolved(template)).toBe(false);
  template.hasResourceProperties('AWS::Lambda::EventSourceMapping', { BatchSize: { Ref: 'Number' } });
});
