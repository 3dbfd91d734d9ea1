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
import { newStack, problemsOf, synthesize, variablesOf } from '../../support/stacks';

const MANY = Array.from({ length: 51 }, (_, index) => Thumbnail.inside(`t${index}`, 10));
const APART =
  "in one bucket sources and thumbnails need a prefix each, such as 'images/' and 'thumbnails/', or every thumbnail " +
  'would be the source of more; or use two buckets';

describe('fails with a message about', () => {
  type Props = ThumbnailPipelineProps | ((stack: Stack) => ThumbnailPipelineProps);
  const cases: [string, Props, string][] = [
    ['no thumbnail', { thumbnails: [] }, 'thumbnails: 0 thumbnails is invalid; expected 1 to 50 of them'],
    ['too many thumbnails', { thumbnails: MANY }, 'thumbnails: 51 thumbnails is invalid; expected 1 to 50 of them'],
    [
      'a name twice',
      { thumbnails: [Thumbnail.inside('a', 1), Thumbnail.cover('a', 2, 2)] },
      'thumbnails: a twice is invalid; expected every name once',
    ],
    [
      'a prefix that begins with a slash',
      { sourcePrefix: '/uploads/' },
      'sourcePrefix: "/uploads/" is invalid; expected the plain start of a key, without a slash before it and without *',
    ],
    [
      'a prefix that is a pattern',
      { thumbnailPrefix: 'thumbnails/*' },
      'thumbnailPrefix: "thumbnails/*" is invalid; expected the plain start of a key, without a slash before it and without *',
    ],
    [
      'a prefix that leaves no room for keys',
      { thumbnailPrefix: 'é'.repeat(257) },
      'thumbnailPrefix: 514 bytes is invalid; expected at most 512 bytes',
    ],
    [
      'a prefix that is longer than a key',
      { sourcePrefix: 'a'.repeat(1025) },
      'sourcePrefix: 1025 bytes is invalid; expected at most 1024 bytes',
    ],
    [
      'an empty suffix',
      { sourceSuffixes: [''] },
      `sourceSuffixes: "" is invalid; expected the plain end of a key such as '.jpg', not empty and without *`,
    ],
    [
      'a suffix that is a pattern',
      { sourceSuffixes: ['*.jpg'] },
      `sourceSuffixes: "*.jpg" is invalid; expected the plain end of a key such as '.jpg', not empty and without *`,
    ],
    [
      'a suffix twice in any case',
      { sourceSuffixes: ['.jpg', '.JPG'] },
      'sourceSuffixes: ".jpg" twice is invalid; expected every suffix once, in any case',
    ],
    [
      'a suffix that another one holds, which S3 refuses',
      { sourceSuffixes: ['.jpg', '-small.JPG'] },
      'sourceSuffixes: "-small.jpg" is invalid; expected left out: every key that ends with it ends with ".jpg"',
    ],
    [
      'more suffixes than a bucket can notify of',
      { sourceSuffixes: Array.from({ length: 13 }, (_, index) => `.x${index}y`) },
      'sourceSuffixes: 13 suffixes is invalid; expected at most 12, which is what a bucket can notify of',
    ],
    [
      'a file size out of range',
      { limits: { maxFileSize: Size.gibibytes(3) } },
      'limits.maxFileSize: 3,221,225,472 bytes is out of range; expected a size from 1 to 2,147,483,648 bytes',
    ],
    [
      'pixels out of range',
      { limits: { maxPixels: 0 } },
      'limits.maxPixels: 0 is out of range; expected an integer from 1 to 268,402,689',
    ],
    [
      'pixels of progressive JPEG out of range',
      { limits: { maxProgressivePixels: 1.5 } },
      'limits.maxProgressivePixels: 1.5 is out of range; expected an integer from 1 to 268,402,689',
    ],
    [
      'pixels of moving pictures out of range',
      { limits: { maxAnimationPixels: -1 } },
      'limits.maxAnimationPixels: -1 is out of range; expected an integer from 1 to 268,402,689',
    ],
    [
      'frames out of range',
      { limits: { maxFrames: 0 } },
      'limits.maxFrames: 0 is out of range; expected an integer from 1 to 10,000',
    ],
    [
      'a duration out of range',
      { limits: { maxDuration: Duration.millis(500) } },
      'limits.maxDuration: 0.5 s is out of range; expected whole seconds from 1 to 900',
    ],
    [
      'a header value of several lines',
      { cacheControl: 'no-store\r\nX-Evil: 1' },
      'cacheControl: "no-store\\r\\nX-Evil: 1" is invalid; expected a header value: visible ASCII on one line',
    ],
    [
      'an empty header',
      { cacheControl: '' },
      'cacheControl: "" is invalid; expected a header value: visible ASCII on one line',
    ],
    [
      'a FIFO queue',
      (stack) => ({ queue: new sqs.Queue(stack, 'Q', { fifo: true, visibilityTimeout: Duration.minutes(6) }) }),
      'queue: Stack/Q, a FIFO queue is invalid; expected a standard queue: S3 and EventBridge send to no other here',
    ],
    [
      'a FIFO dead-letter queue',
      (stack) => ({ deadLetterQueue: new sqs.Queue(stack, 'Q', { fifo: true }) }),
      'deadLetterQueue: Stack/Q, a FIFO queue is invalid; expected a standard queue: S3 and EventBridge send to no other here',
    ],
    [
      'tries out of range',
      { maxReceiveCount: 0 },
      'maxReceiveCount: 0 is out of range; expected an integer from 1 to 1,000 tries',
    ],
    [
      'a dead-letter queue beside a queue of one’s own',
      (stack) => ({ queue: longQueue(stack), deadLetterQueue: new sqs.Queue(stack, 'Dead') }),
      'deadLetterQueue: Stack/Dead is invalid; expected left out with a queue of your own: set it as the deadLetterQueue of that queue',
    ],
    [
      'tries beside a queue of one’s own',
      (stack) => ({ queue: longQueue(stack), maxReceiveCount: 3 }),
      'maxReceiveCount: 3 is invalid; expected left out with a queue of your own: set it as the deadLetterQueue of that queue',
    ],
    [
      'a key that encrypts nothing',
      (stack) => ({
        encryptionKey: new kms.Key(stack, 'Key'),
        sourceBucket: new s3.Bucket(stack, 'A'),
        thumbnailBucket: new s3.Bucket(stack, 'B'),
      }),
      'encryptionKey: Stack/Key is invalid; expected left out where both buckets are your own: import a bucket with ' +
        'Bucket.fromBucketAttributes to name its key',
    ],
    [
      'emptying buckets that stay',
      { autoDeleteObjects: true },
      'autoDeleteObjects: true with removalPolicy the default, RETAIN is invalid; expected false, or removalPolicy DESTROY',
    ],
    [
      'options of an API that is not there',
      { apiEnabled: false, api: {} },
      'api: options with apiEnabled false is invalid; expected left out, or apiEnabled true',
    ],
    [
      'one bucket without prefixes',
      (stack) => sameBucket(stack),
      `sourcePrefix: "" is invalid; expected set: ${APART}`,
    ],
    [
      'one bucket with thumbnails anywhere',
      (stack) => ({ ...sameBucket(stack), sourcePrefix: 'images/' }),
      `thumbnailPrefix: "" is invalid; expected set: ${APART}`,
    ],
    [
      'one bucket with thumbnails among the sources',
      (stack) => ({ ...sameBucket(stack), sourcePrefix: 'images/', thumbnailPrefix: 'images/thumbnails/' }),
      `thumbnailPrefix: "images/thumbnails/" is invalid; expected neither inside sourcePrefix "images/" nor around it: ${APART}`,
    ],
    [
      'one bucket with sources among the thumbnails',
      (stack) => ({ ...sameBucket(stack), sourcePrefix: 'all/images/', thumbnailPrefix: 'all/' }),
      `thumbnailPrefix: "all/" is invalid; expected neither inside sourcePrefix "all/images/" nor around it: ${APART}`,
    ],
    [
      'one bucket imported twice',
      (stack) => ({
        sourceBucket: s3.Bucket.fromBucketName(stack, 'A', 'photos'),
        thumbnailBucket: s3.Bucket.fromBucketArn(stack, 'B', 'arn:aws:s3:::photos'),
        thumbnailPrefix: 'thumbnails/',
      }),
      `sourcePrefix: "" is invalid; expected set: ${APART}`,
    ],
  ];
  test.each(cases)('%s', (_what, props, message) => {
    expect(problemsOf(props)).toEqual([message]);
  });
});

function longQueue(stack: Stack): sqs.Queue {
  return new sqs.Queue(stack, 'Q', { visibilityTimeout: Duration.minutes(6) });
}

function sameBucket(stack: Stack): ThumbnailPipelineProps {
  const bucket = new s3.Bucket(stack, 'Bucket');
  return { sourceBucket: bucket, thumbnailBucket: bucket };
}

test('one bucket with two prefixes apart is fine', () => {
  const { template } = synthesize((stack) => ({
    ...sameBucket(stack),
    sourcePrefix: 'images/',
    thumbnailPrefix: 'thumbnails/',
  }));
  expect(variablesOf(template)).toMatchObject({ SOURCE_PREFIX: 'images/', THUMBNAIL_PREFIX: 'thumbnails/' });
});

test('tells all mistakes at once, after the path of the construct', () => {
  expect(() => {
    new ThumbnailPipeline(newStack(), 'Photos', {
      thumbnails: [Thumbnail.inside('Big', 0), Thumbnail.inside('ok', 1, { formats: [] })],
      sourcePrefix: '/a',
      limits: { maxFrames: 0 },
      compute: ThumbnailCompute.lambda({ memorySize: 64 }),
      maxReceiveCount: 0,
      api: { throttle: { rateLimit: 0 } },
    });
  }).toThrow(
    new Error(
      [
        'Stack/Photos: 9 validation errors:',
        '  - thumbnails[0].name: "Big" is invalid; expected 1 to 64 lower-case letters, digits and inner hyphens',
        '  - thumbnails[0].width: 0 is out of range; expected an integer from 1 to 8,192',
        '  - thumbnails[0].height: 0 is out of range; expected an integer from 1 to 8,192',
        '  - thumbnails[1].formats: none is invalid; expected at least one format',
        '  - sourcePrefix: "/a" is invalid; expected the plain start of a key, without a slash before it and without *',
        '  - limits.maxFrames: 0 is out of range; expected an integer from 1 to 10,000',
        '  - maxReceiveCount: 0 is out of range; expected an integer from 1 to 1,000 tries',
        '  - api.throttle.rateLimit: 0 is out of range; expected an integer from 1 to 1,000,000 requests per second',
        '  - compute.memorySize: 64 is out of range; expected an integer from 128 to 10,240 MiB',
      ]
        .join('\n')
        .replace('7 props', '8 props'),
    ),
  );
});

test('makes nothing of props that are wrong', () => {
  const stack = newStack();
  expect(() => new ThumbnailPipeline(stack, 'Photos', { maxReceiveCount: 0 })).toThrow();
  expect(stack.node.findAll().map((construct) => construct.node.path)).toEqual(['Stack', 'Stack/Photos']);
});

describe('two pipelines in one app', () => {
  function secondFails(first: Props, second: Props): string[] {
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
      return (error as Error).message.split('\n');
    }
  }
  type Shared = { readonly bucket: s3.IBucket; readonly other: s3.IBucket; readonly queue: sqs.IQueue };
  type Props = (shared: Shared) => ThumbnailPipelineProps;

  test('fail when they write over each other', () => {
    expect(
      secondFails(
        ({ bucket }) => ({ thumbnailBucket: bucket }),
        ({ bucket }) => ({ thumbnailBucket: bucket, thumbnailPrefix: 'b/' }),
      ),
    ).toEqual([
      'Stack/Second: thumbnailPrefix: "b/" is invalid; expected apart from "" of Stack/First in the same bucket',
    ]);
  });

  test('fail when one makes thumbnails of the other’s', () => {
    expect(
      secondFails(
        ({ bucket }) => ({ thumbnailBucket: bucket, thumbnailPrefix: 'a/' }),
        ({ bucket }) => ({ sourceBucket: bucket }),
      ),
    ).toEqual(['Stack/Second: sourcePrefix: "" is invalid; expected apart from the thumbnails "a/" of Stack/First']);
    expect(
      secondFails(
        ({ bucket }) => ({ sourceBucket: bucket, sourcePrefix: 'a/' }),
        ({ bucket }) => ({ thumbnailBucket: bucket, thumbnailPrefix: 'a/b/' }),
      ),
    ).toEqual([
      'Stack/Second: thumbnailPrefix: "a/b/" is invalid; expected apart from the sources "a/" of Stack/First',
    ]);
  });

  test('fail when one takes the bucket that the other made', () => {
    const stack = newStack();
    const first = new ThumbnailPipeline(stack, 'First');
    expect(() => new ThumbnailPipeline(stack, 'Second', { sourceBucket: first.thumbnailBucket })).toThrow(
      'Stack/Second: sourcePrefix: "" is invalid; expected apart from the thumbnails "" of Stack/First',
    );
  });

  test('fail when a bucket would have to notify both of a key', () => {
    const problem =
      'Stack/Second: sourcePrefix: "a/b/" is invalid; expected apart from "a/" of Stack/First, because S3 notifies one queue of ' +
      'a key; or give one of them the trigger eventBridge()';
    const second: Props = ({ bucket }) => ({ sourceBucket: bucket, sourcePrefix: 'a/b/', sourceSuffixes: ['.jpg'] });
    expect(secondFails(({ bucket }) => ({ sourceBucket: bucket, sourcePrefix: 'a/' }), second)).toEqual([problem]);
    expect(
      secondFails(({ bucket }) => ({ sourceBucket: bucket, sourcePrefix: 'a/', sourceSuffixes: ['.JPG'] }), second),
    ).toEqual([problem]);
  });

  test('fail when a bucket that they share is imported twice in a stack', () => {
    const stack = newStack();
    const imported = (id: string): s3.IBucket => s3.Bucket.fromBucketName(stack, id, 'photos');
    new ThumbnailPipeline(stack, 'First', { sourceBucket: imported('A'), sourcePrefix: 'a/' });
    expect(() => new ThumbnailPipeline(stack, 'Second', { sourceBucket: imported('B'), sourcePrefix: 'b/' })).toThrow(
      new Error(
        'Stack/Second: sourceBucket: another import of the bucket of Stack/First is invalid; expected the same object: ' +
          'removing one of two imports from a stack takes the notifications of the other with it',
      ),
    );
  });

  test('fail when they share a queue', () => {
    expect(
      secondFails(
        ({ queue }) => ({ queue }),
        ({ queue }) => ({ queue }),
      ),
    ).toEqual([
      "Stack/Second: queue: Stack/Q is invalid; expected another than that of Stack/First: each would take the other's images",
    ]);
  });

  test.each<[string, Props, Props]>([
    ['prefixes apart', withPrefixes('a/'), withPrefixes('b/')],
    [
      'suffixes apart',
      ({ bucket }) => ({ sourceBucket: bucket, sourceSuffixes: ['.jpg'] }),
      ({ bucket }) => ({ sourceBucket: bucket, sourceSuffixes: ['.png'] }),
    ],
    [
      'the same sources, told of by EventBridge',
      ({ bucket }) => ({ sourceBucket: bucket }),
      ({ bucket }) => ({ sourceBucket: bucket, trigger: ThumbnailTrigger.eventBridge() }),
    ],
  ])('share buckets with %s', (_what, first, second) => {
    expect(secondFails(first, second)).toEqual([]);
  });

  function withPrefixes(prefix: string): Props {
    return ({ bucket, other }) => ({
      sourceBucket: bucket,
      sourcePrefix: prefix,
      thumbnailBucket: other,
      thumbnailPrefix: prefix,
    });
  }

  test('of two apps do not see each other', () => {
    for (let app = 0; app < 2; app++) {
      expect(problemsOf((stack) => ({ sourceBucket: s3.Bucket.fromBucketName(stack, 'Bucket', 'photos') }))).toEqual(
        [],
      );
    }
  });
});

test('values that only the deployment knows pass', () => {
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
