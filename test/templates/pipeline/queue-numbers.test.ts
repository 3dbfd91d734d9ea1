import { Duration } from 'aws-cdk-lib';
import { ThumbnailCompute, type ThumbnailLambdaOptions, type ThumbnailPipelineProps } from '../../../lib';
import { CALL_TIMEOUT } from '../../../runtime/storage/s3/s3-object-store';
import { synthesize } from '../../support/stacks';

// docs/decisions/0017-time-and-tries.md: the numbers were chosen together, and are held together here.

interface Numbers {
  /** Seconds. */
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

/** SQS keeps a message for four days where nothing else is said. */
const DEFAULT_RETENTION = 345_600;

function numbersOf(props: ThumbnailPipelineProps): Numbers {
  const { template } = synthesize(props);
  const all = <T>(type: string): T[] =>
    Object.values(template.findResources(type)).map(({ Properties }: { Properties?: unknown }) => Properties as T);
  const functions = all<LambdaFunction>('AWS::Lambda::Function');
  const timeoutOf = (door: string): number => functions.find(({ Handler }) => Handler.startsWith(door))?.Timeout ?? NaN;
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
  ['a timeout of its own', lambda({ timeout: Duration.seconds(77) }), Duration.seconds(20)],
  [
    'the longest timeout',
    lambda({ timeout: Duration.minutes(15), maxBatchingWindow: Duration.minutes(5) }),
    Duration.seconds(20),
  ],
  ['images that take long', { limits: { maxDuration: Duration.seconds(300) } }, Duration.seconds(300)],
])('with %s', (_, props, longest) => {
  let numbers: Numbers;
  beforeAll(() => (numbers = numbersOf(props)));

  test('the queue hides a message for six timeouts and the window, as AWS advises', () => {
    const { timeout, window, visibility } = numbers;
    expect(visibility).toBe(6 * timeout + window);
    expect(visibility).toBeLessThanOrEqual(43_200);
  });

  test('the function has time for the longest image, and for two calls to S3 that never come to an end', () => {
    expect(numbers.timeout).toBeGreaterThanOrEqual(longest.toSeconds() + (2 * CALL_TIMEOUT) / 1000);
  });

  test('a call to S3 with all of its tries fits into a request to the API', () => {
    expect(numbers.apiTimeout).toBeLessThan(30);
    expect(numbers.apiTimeout * 1000 - 2000).toBeGreaterThan(CALL_TIMEOUT);
  });

  test('all tries are over long before the queue forgets the message, and the dead letters wait longest', () => {
    const { maxReceiveCount, visibility, retention, deadRetention } = numbers;
    expect(maxReceiveCount).toBe(5);
    expect(maxReceiveCount * visibility).toBeLessThan(retention / 2);
    expect(deadRetention).toBe(1_209_600);
    expect(deadRetention).toBeGreaterThan(retention);
  });

  test('messages of a batch come back one by one', () => {
    expect(numbers.reports).toEqual(['ReportBatchItemFailures']);
  });
});
