import { App, Stack } from 'aws-cdk-lib';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { ThumbnailPipeline, type ThumbnailPipelineProps, ThumbnailTrigger } from '../../../lib';
import { errorFor, newStack, problemsOf, warningsOf } from '../../support/templates/stacks';

const ACCOUNT = '111111111111';
const OTHER_ACCOUNT = '222222222222';
/** Returns suffixes with two spellings each, such as `.j1` and `.J1`. */
const suffixes = (count: number, first = 0): string[] =>
  Array.from({ length: count }, (_, index) => `.j${first + index}x`);

const withId = (id: string): unknown => expect.stringMatching(new RegExp(`\\[ack: cdk-thumbnails:${id}\\]$`));
const warningOf = (stack: Stack, id: string): string | undefined =>
  warningsOf(stack).find((warning) => warning.endsWith(`[ack: cdk-thumbnails:${id}]`));

describe('a source bucket of another account', () => {
  function stackWith(trigger: ThumbnailTrigger, props: ThumbnailPipelineProps = {}): Stack {
    const stack = newStack({ env: { account: ACCOUNT, region: 'eu-central-1' } });
    const attributes = { bucketName: 'theirs', account: OTHER_ACCOUNT };
    const sourceBucket = Bucket.fromBucketAttributes(stack, 'Bucket', attributes);
    new ThumbnailPipeline(stack, 'Photos', { sourceBucket, trigger, apiEnabled: false, ...props });
    return stack;
  }

  /** Returns the policy statements that a warning contains. */
  function statementsIn(warning: string | undefined): unknown {
    return JSON.parse(`[${/\{.*\}/.exec(warning ?? '')?.[0]}]`);
  }

  test('a bucket of another account with eventBridge() causes a warning about the event bus of that account', () => {
    const stack = stackWith(ThumbnailTrigger.eventBridge({ enableOnBucket: false }));
    expect(warningsOf(stack)).toEqual([withId('otherAccountBucket'), withId('otherAccountEvents')]);
    expect(warningOf(stack, 'otherAccountEvents')).toMatch(/^trigger: .*Stack\/Bucket.*222222222222.*111111111111/);
  });

  test('the warning contains the statements that the runtime requires in the bucket policy', () => {
    const stack = stackWith(ThumbnailTrigger.s3Notification(), { sourcePrefix: 'in/' });
    const common = { Effect: 'Allow', Principal: { AWS: ACCOUNT } };
    expect(statementsIn(warningOf(stack, 'otherAccountBucket'))).toEqual([
      { ...common, Action: 's3:GetObject', Resource: 'arn:aws:s3:::theirs/in/*' },
      { ...common, Action: 's3:ListBucket', Resource: 'arn:aws:s3:::theirs' },
    ]);
  });

  test('the warning contains the permission to read the tags of a malware scan', () => {
    const stack = stackWith(ThumbnailTrigger.afterMalwareScan({ enableOnBucket: false }), { sourcePrefix: 'in/' });
    expect(statementsIn(warningOf(stack, 'otherAccountBucket'))).toContainEqual({
      Effect: 'Allow',
      Principal: { AWS: ACCOUNT },
      Action: ['s3:GetObject', 's3:GetObjectTagging'],
      Resource: 'arn:aws:s3:::theirs/in/*',
    });
  });

  test.each([
    ['s3Notification()', ThumbnailTrigger.s3Notification()],
    ['eventBridge()', ThumbnailTrigger.eventBridge()],
  ])(
    'a bucket of another account with %s requires the statement in the warning for the notification handler',
    (_case, trigger) => {
      expect(statementsIn(warningOf(stackWith(trigger), 'otherAccountNotifications'))).toEqual([
        {
          Effect: 'Allow',
          Principal: { AWS: ACCOUNT },
          Action: ['s3:GetBucketNotification', 's3:PutBucketNotification'],
          Resource: 'arn:aws:s3:::theirs',
        },
      ]);
    },
  );
});

describe('the notification configurations of a bucket', () => {
  function errorsOfSecond(first: ThumbnailPipelineProps, second: ThumbnailPipelineProps): string[] {
    return problemsOf((stack) => {
      const sourceBucket = new Bucket(stack, 'Bucket');
      new ThumbnailPipeline(stack, 'First', { sourceBucket, sourcePrefix: 'a/', ...first });
      return { sourceBucket, sourcePrefix: 'b/', ...second };
    });
  }

  test('all pipelines of a bucket have at most 100 notification configurations', () => {
    // 2 spellings × 4 events × 6 suffixes are 48 configurations. With 7 suffixes, there are 56.
    expect(errorsOfSecond({ sourceSuffixes: suffixes(6) }, { sourceSuffixes: suffixes(7) })).toEqual([
      errorFor('sourceSuffixes', '56', '48 of Stack/First', '100', 'eventBridge()'),
    ]);
  });

  test.each<[string, ThumbnailPipelineProps]>([
    ['as many configurations as the limit', { sourceSuffixes: suffixes(6) }],
    ['no configurations with EventBridge', { sourceSuffixes: suffixes(7), trigger: ThumbnailTrigger.eventBridge() }],
  ])('the pipeline accepts %s', (_case, second) => {
    expect(errorsOfSecond({ sourceSuffixes: suffixes(6) }, second)).toEqual([]);
  });

  test('a pipeline with S3 notifications has at most 12 suffixes', () => {
    expect(problemsOf({ sourceSuffixes: suffixes(13) })).toEqual([
      errorFor('sourceSuffixes', '13 suffixes', 'at most 12', 'eventBridge()'),
    ]);
    expect(problemsOf({ sourceSuffixes: suffixes(13), trigger: ThumbnailTrigger.eventBridge() })).toEqual([]);
  });
});

describe('the event pattern', () => {
  const patternWarnings = (props: ThumbnailPipelineProps): string[] => {
    const stack = newStack();
    new ThumbnailPipeline(stack, 'Photos', { trigger: ThumbnailTrigger.eventBridge(), ...props });
    return warningsOf(stack);
  };

  test('an event pattern of more than 2,048 characters causes a warning', () => {
    const sourcePrefix = `${'p'.repeat(120)}/`;
    expect(patternWarnings({ sourcePrefix, sourceSuffixes: suffixes(12) })).toEqual([withId('eventPatternSize')]);
  });

  test('an event pattern within 2,048 characters causes no warning', () => {
    expect(patternWarnings({ sourcePrefix: 'images/', sourceSuffixes: suffixes(12) })).toEqual([]);
  });
});

describe('one imported bucket in two stacks', () => {
  function secondOfTwo(trigger?: ThumbnailTrigger): Stack {
    const app = new App();
    const stacks = ['First', 'Second'].map((id) => {
      const stack = new Stack(app, id);
      const sourceBucket: IBucket = Bucket.fromBucketName(stack, 'Bucket', 'photos');
      new ThumbnailPipeline(stack, 'Photos', { sourceBucket, sourcePrefix: `${id}/`, trigger });
      return stack;
    });
    return stacks[1]!;
  }

  test('an imported bucket with S3 notifications causes a warning that recommends EventBridge', () => {
    const stack = secondOfTwo();
    expect(warningsOf(stack)).toEqual([withId('sharedBucketNotifications')]);
    expect(warningsOf(stack)[0]).toMatch(/First\/Photos.*eventBridge\(\)/);
  });

  test('an imported bucket with EventBridge causes no warning', () => {
    expect(warningsOf(secondOfTwo(ThumbnailTrigger.eventBridge()))).toEqual([]);
  });
});
