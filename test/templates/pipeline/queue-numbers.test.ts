import { Duration } from 'aws-cdk-lib';
import { ThumbnailCompute, type ThumbnailLambdaOptions, type ThumbnailPipelineProps } from '../../../lib';
import { CALL_TIMEOUT } from '../../../runtime/storage/s3/s3-object-store';
import { synthesize } from '../../support/templates/stacks';

// The timeouts and numbers of attempts depend on each other: docs/decisions/0017-timeouts-and-retries.md

interface Numbers {
  /** Timeout in seconds. */
  readonly timeout: number;
  readonly apiTimeout: number;
  readonly visibility: number;
  readonly window: number;
  readonly batchSize: number;
  readonly maxReceiveCount: number;
  readonly retention: number;
  readonly deadRetention: number;
  readonly reports: readonly string[];
}

interface Mapping {
  readonly MaximumBatchingWindowInSeconds?: number;
  readonly BatchSize: number;
  readonly FunctionResponseTypes: readonly string[];
}
interface Queue {
  readonly VisibilityTimeout?: number;
  readonly MessageRetentionPeriod?: number;
  readonly RedrivePolicy?: { readonly maxReceiveCount: number };
}
interface LambdaFunction {
  readonly Handler: string;
  readonly Timeout: number;
}

/** Default retention period of SQS in seconds: 4 days. */
const DEFAULT_RETENTION = 345_600;

function numbersOf(props: ThumbnailPipelineProps): Numbers {
  const { template } = synthesize(props);
  const all = <T>(type: string): T[] =>
    Object.values(template.findResources(type)).map(({ Properties }: { Properties?: unknown }) => Properties as T);
  const functions = all<LambdaFunction>('AWS::Lambda::Function');
  const timeoutOf = (handler: string): number =>
    functions.find(({ Handler }) => Handler.startsWith(handler))?.Timeout ?? NaN;
  const queues = all<Queue>('AWS::SQS::Queue');
  const queue = queues.find(({ RedrivePolicy }) => RedrivePolicy)!;
  const dead = queues.find(({ RedrivePolicy }) => !RedrivePolicy)!;
  const [mapping] = all<Mapping>('AWS::Lambda::EventSourceMapping');
  return {
    timeout: timeoutOf('upload-function'),
    apiTimeout: timeoutOf('api-function'),
    visibility: queue.VisibilityTimeout ?? NaN,
    window: mapping?.MaximumBatchingWindowInSeconds ?? 0,
    batchSize: mapping?.BatchSize ?? NaN,
    maxReceiveCount: queue.RedrivePolicy?.maxReceiveCount ?? NaN,
    retention: queue.MessageRetentionPeriod ?? DEFAULT_RETENTION,
    deadRetention: dead.MessageRetentionPeriod ?? DEFAULT_RETENTION,
    reports: mapping?.FunctionResponseTypes ?? [],
  };
}

const lambda = (props: ThumbnailLambdaOptions): ThumbnailPipelineProps => ({ compute: ThumbnailCompute.lambda(props) });

describe.each<[string, ThumbnailPipelineProps, Duration]>([
  ['the defaults', {}, Duration.seconds(20)],
  ['a batch and a window', lambda({ batchSize: 10, maxBatchingWindow: Duration.seconds(30) }), Duration.seconds(20)],
  ['large batches', lambda({ batchSize: 100, maxBatchingWindow: Duration.minutes(5) }), Duration.seconds(20)],
  ['a custom timeout', lambda({ timeout: Duration.seconds(77) }), Duration.seconds(20)],
  [
    'the longest timeout',
    lambda({ timeout: Duration.minutes(15), maxBatchingWindow: Duration.minutes(5) }),
    Duration.seconds(20),
  ],
  ['a long maxDuration', { limits: { maxDuration: Duration.seconds(300) } }, Duration.seconds(300)],
])('with %s', (_, props, longest) => {
  let numbers: Numbers;
  beforeAll(() => (numbers = numbersOf(props)));

  test('the visibility timeout is six function timeouts plus the batching window, as AWS recommends', () => {
    const { timeout, window, visibility } = numbers;
    expect(visibility).toBe(6 * timeout + window);
    expect(visibility).toBeLessThanOrEqual(43_200);
  });

  test('the function timeout is longer than maxDuration and two S3 calls that time out', () => {
    expect(numbers.timeout).toBeGreaterThanOrEqual(longest.toSeconds() + (2 * CALL_TIMEOUT) / 1000);
  });

  test('an S3 call with all attempts ends before the timeout of an API request', () => {
    expect(numbers.apiTimeout).toBeLessThan(30);
    expect(numbers.apiTimeout * 1000 - 2000).toBeGreaterThan(CALL_TIMEOUT);
  });

  test('all attempts end before the retention period of the queue', () => {
    const { maxReceiveCount, visibility, retention, deadRetention } = numbers;
    expect(maxReceiveCount).toBe(5);
    expect(maxReceiveCount * visibility).toBeLessThan(retention / 2);
    expect(deadRetention).toBe(1_209_600);
    expect(deadRetention).toBeGreaterThan(retention);
  });

  test('the function reports failed messages of a batch individually', () => {
    expect(numbers.reports).toEqual(['ReportBatchItemFailures']);
  });
});
