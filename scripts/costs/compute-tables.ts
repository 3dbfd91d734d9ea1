import { type ApiComputeName, computeCost, type ComputeName, estimate, sumOf } from '../../cost';

/** Properties of a compute type in the tables of the README and of docs/reference/compute.md. */
interface ComputeFacts {
  /** Name of the factory method in `ThumbnailCompute`. */
  readonly factory: string;
  /** Name of the compute type in the cost model. */
  readonly model: ComputeName | Extract<ApiComputeName, 'web-function'>;
  readonly firstImage: string;
  readonly burst: string;
  readonly largestImage: string;
  readonly deployment: string;
  readonly choice: string;
}

const FACTS: readonly ComputeFacts[] = [
  {
    factory: 'lambda()',
    model: 'lambda',
    firstImage: 'one cold start',
    burst: 'up to `maxConcurrency` functions, 100 by default',
    largestImage: '10 GB of memory, 15 minutes',
    deployment: 'only the CDK',
    choice: 'you have fewer than 4 million images a month',
  },
  {
    factory: 'fargate()',
    model: 'fargate-spot',
    firstImage: 'one to two minutes, unless `minCapacity` is 1 or more',
    burst: 'one task per 100 queued images, up to `maxCapacity`',
    largestImage: '120 GB of memory',
    deployment: 'Docker; by default, the construct creates a VPC',
    choice: 'you have more than 4 million images a month, or more than 120,000 a month in daily batches',
  },
  {
    factory: 'hybrid()',
    model: 'hybrid',
    firstImage: 'one cold start; one to two minutes for large images',
    burst: 'up to `maxConcurrency` functions; the compute for large images scales separately',
    largestImage: 'the limits of the compute for large images',
    deployment: 'the CDK, and the requirements of the compute for large images',
    choice: 'most images fit into Lambda, and a few need more memory or time',
  },
  {
    factory: 'lambda({ capacityProvider })',
    model: 'managed-instances',
    firstImage: 'no cold start',
    burst: 'adds instances as the CPU usage rises; can throttle if the traffic doubles within five minutes',
    largestImage: 'memory of `memorySize`, 15 minutes',
    deployment: 'a VPC and a capacity provider',
    choice: 'images arrive evenly and keep three EC2 instances busy',
  },
  {
    factory: 'ecs()',
    model: 'ecs',
    firstImage: 'one to two minutes, plus the start of an instance if none is running',
    burst: 'one task per 100 queued images, up to `maxCapacity`; the cluster adds instances',
    largestImage: 'the memory of your largest instance',
    deployment: 'Docker; a cluster with capacity',
    choice:
      'you already have an ECS cluster on EC2 or Managed Instances, or pay for reserved capacity or Savings Plans',
  },
  {
    factory: 'eks()',
    model: 'eks',
    firstImage: 'one to two minutes, plus the start of a node if none has capacity',
    burst: 'KEDA adds pods up to `maxCapacity`; the cluster adds nodes',
    largestImage: 'the memory of your largest node',
    deployment: 'Docker; a cluster with a kubectl provider',
    choice: 'your organisation runs Kubernetes on Amazon EKS',
  },
  {
    factory: 'webFunction()',
    model: 'web-function',
    firstImage: 'one cold start',
    burst: '64 requests in each environment, up to `maxEnvironments`',
    largestImage: '618 MiB of memory, 15 minutes',
    deployment: 'only the CDK, 2.276 or newer',
    choice:
      'you want an API for many concurrent requests without API Gateway (experimental; for `api.compute`, not for workers)',
  },
];

const MILLION = 1_000_000;
/** Fraction of the API requests, from 0 to 1, that request a missing thumbnail. */
export const FIRST_REQUESTS = 0.01;

/** Returns the tables of all compute types by table name: the full table, and the short table of the README. */
export function computeTables(dollars: (usd: number) => string): ReadonlyMap<string, string> {
  const costsOf = ({ model }: ComputeFacts): { readonly idle: string; readonly busy: string } => {
    if (model === 'web-function') {
      const { lines } = estimate(
        { images: 0, views: MILLION, firstViews: FIRST_REQUESTS, cacheHitRatio: 0, cloudFront: false },
        { compute: 'lambda', api: model },
      );
      return { idle: dollars(0), busy: `${dollars(sumOf(lines, 'api').expected)} for 1,000,000 requests` };
    }
    const cost = (images: number, perMonth?: number): string =>
      dollars(
        computeCost(
          { images, arrivals: perMonth === undefined ? { kind: 'spread' } : { kind: 'batches', perMonth } },
          model,
        ),
      );
    const [spread, daily] = [cost(MILLION), cost(MILLION, 30)];
    return { idle: cost(0), busy: spread === daily ? spread : `${daily} in daily batches, ${spread} spread evenly` };
  };
  const rows = FACTS.map((facts) => ({ ...facts, ...costsOf(facts), name: `\`${facts.factory}\`` }));
  return new Map([
    [
      'computes',
      leftAligned([
        [
          'Compute',
          'Choose this compute if',
          'Monthly cost without images',
          'Monthly cost of 1,000,000 images',
          'Delay of the first image after a pause',
          'Scaling in a burst',
          'Limits of the largest image',
          'Requirements of `cdk deploy`',
        ],
        ...rows.map((row) => [
          row.name,
          row.choice,
          row.idle,
          row.busy,
          row.firstImage,
          row.burst,
          row.largestImage,
          row.deployment,
        ]),
      ]),
    ],
    [
      'choice',
      leftAligned([
        [
          'Compute',
          'Monthly cost without images',
          'Monthly cost of 1,000,000 images',
          'Delay of the first image after a pause',
          'Choose this compute if',
        ],
        ...rows.map((row) => [row.name, row.idle, row.busy, row.firstImage, row.choice]),
      ]),
    ],
  ]);
}

function leftAligned([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
