import { CfnParameter, Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import fc from 'fast-check';
import { type ThumbnailFargateOptions, FargateNetwork, ThumbnailCompute } from '../../../../lib';
import { errorFor, problemsOf } from '../../../support/templates/stacks';

const errorsWith = (props: ThumbnailFargateOptions): string[] =>
  problemsOf({ compute: ThumbnailCompute.fargate(props) });
const image = ecs.ContainerImage.fromRegistry('example.com/mine');

const failures: [string, ThumbnailFargateOptions, unknown[]][] = [
  [
    'an unsupported number of CPU units',
    { worker: { cpu: 1000 } },
    [errorFor('compute.worker.cpu', '1000', '256, 512, 1024, 2048, 4096, 8192, 16384')],
  ],
  [
    'memory that the CPU does not support',
    { worker: { cpu: 1024, memoryLimitMiB: 1024 }, api: { cpu: 8192, memoryLimitMiB: 18_432 } },
    [
      errorFor('compute.worker.memoryLimitMiB', '1024', '2048, 3072, 4096, 5120, 6144, 7168, 8192'),
      errorFor(
        'compute.api.memoryLimitMiB',
        '18432',
        '16384, 20480, 24576, 28672, 32768, 36864, 40960, 45056, 49152, 53248, 57344, 61440',
      ),
    ],
  ],
  [
    'memory that the default CPU does not support',
    { api: { memoryLimitMiB: 8192 } },
    [errorFor('compute.api.memoryLimitMiB', '8192', '1024, 2048, 3072, 4096')],
  ],
  [
    'ephemeral storage out of range',
    { worker: { ephemeralStorageGiB: 20 } },
    [errorFor('compute.worker.ephemeralStorageGiB', '20', '21 to 200')],
  ],
  [
    'capacities out of range',
    { worker: { minCapacity: -1, maxCapacity: 0 }, api: { minCapacity: 0 } },
    [
      errorFor('compute.worker.maxCapacity', '0', '1 to 5,000'),
      errorFor('compute.worker.minCapacity', '-1', '0 to 5,000'),
      errorFor('compute.api.minCapacity', '0', '1 to 5,000'),
    ],
  ],
  [
    'contradictory capacities',
    { worker: { minCapacity: 11 }, api: { minCapacity: 2, maxCapacity: 4, desiredCount: 5 } },
    [
      errorFor('compute.worker.minCapacity', '11', 'maxCapacity (10)'),
      errorFor('compute.api.desiredCount', '5', '2 to 4'),
    ],
  ],
  [
    'Spot options out of range',
    { worker: { spotPercent: 101, onDemandBase: 0.5 } },
    [
      errorFor('compute.worker.spotPercent', '101', '0 to 100'),
      errorFor('compute.worker.onDemandBase', '0.5', '0 to 5,000'),
    ],
  ],
  [
    'percentages that block deployments',
    { api: { maxHealthyPercent: 100 }, worker: { minHealthyPercent: 101, maxHealthyPercent: 99 } },
    [
      errorFor('compute.worker.minHealthyPercent', '101', '0 to 100'),
      errorFor('compute.worker.maxHealthyPercent', '99', '100 to 400'),
      errorFor('compute.api.maxHealthyPercent', 'minHealthyPercent'),
    ],
  ],
  [
    'an empty list of security groups',
    { worker: { securityGroups: [] } },
    [errorFor('compute.worker.securityGroups', 'empty')],
  ],
  [
    'a backlog below the worker processes of a task',
    { worker: { cpu: 4096, backlogPerTask: 3 } },
    [errorFor('compute.worker.backlogPerTask', '3', '5 to 100,000')],
  ],
  [
    'a scale-in delay in parts of minutes',
    { worker: { scaleInDelay: Duration.seconds(90) } },
    [errorFor('compute.worker.scaleInDelay', '90 s', '1 to 60 whole minutes')],
  ],
  [
    'scaling targets out of range',
    { api: { requestsPerTask: 0, targetUtilizationPercent: 95 } },
    [
      errorFor('compute.api.requestsPerTask', '0', '1 to 1,000,000'),
      errorFor('compute.api.targetUtilizationPercent', '95', '10 to 90'),
    ],
  ],
  [
    'a stop timeout out of range',
    { stopTimeout: Duration.minutes(3) },
    [errorFor('compute.stopTimeout', '180 s', '2 to 120')],
  ],
  [
    'an unknown architecture',
    { architecture: ecs.CpuArchitecture.of('RISCV') },
    [errorFor('compute.architecture', 'RISCV')],
  ],
  [
    'subnets and public addresses without a VPC',
    { vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC }, assignPublicIp: false },
    [errorFor('compute.vpcSubnets', 'vpc', 'cluster'), errorFor('compute.assignPublicIp', 'vpc', 'cluster')],
  ],
  [
    'a base image in addition to an image',
    { image, baseImage: 'node:24' },
    [errorFor('compute.baseImage', 'conflicts with image')],
  ],
  [
    'a base image that is not an image reference',
    { baseImage: 'node:24 AS base' },
    [errorFor('compute.baseImage', '"node:24 AS base"')],
  ],
];
test.each(failures)('the validation rejects %s', (_case, props, expected) => {
  expect(errorsWith(props)).toEqual(expected);
});

test('the validation rejects a network in addition to a VPC or a cluster', () => {
  const network = FargateNetwork.isolatedSubnets();
  expect(
    problemsOf((stack) => ({ compute: ThumbnailCompute.fargate({ network, vpc: new ec2.Vpc(stack, 'Vpc') }) })),
  ).toEqual([errorFor('compute.network', 'conflicts with vpc')]);
  expect(
    problemsOf((stack) => ({ compute: ThumbnailCompute.fargate({ network, cluster: new ecs.Cluster(stack, 'C') }) })),
  ).toEqual([errorFor('compute.network', 'conflicts with cluster')]);
});

test('the validation rejects tokens for values that are required at synthesis', () => {
  expect(
    problemsOf((stack) => ({
      compute: ThumbnailCompute.fargate({
        baseImage: new CfnParameter(stack, 'Base').valueAsString,
        worker: {
          backlogPerTask: new CfnParameter(stack, 'Backlog', { type: 'Number' }).valueAsNumber,
          scaleInDelay: Duration.seconds(new CfnParameter(stack, 'Idle', { type: 'Number' }).valueAsNumber),
        },
      }),
    })),
  ).toEqual([
    errorFor('compute.baseImage', 'a token'),
    errorFor('compute.worker.backlogPerTask', 'a token'),
    errorFor('compute.worker.scaleInDelay', 'a token'),
  ]);
});

test('the validation reports errors of the compute of the API separately', () => {
  expect(
    problemsOf({
      compute: ThumbnailCompute.fargate({ worker: { cpu: 1 } }),
      api: { compute: ThumbnailCompute.lambda({ memorySize: 1 }) },
    }),
  ).toEqual([
    errorFor('compute.worker.cpu', '1', '256, 512, 1024, 2048, 4096, 8192, 16384'),
    errorFor('api.compute.memorySize', '1', '128 to 10,240'),
  ]);
});

test('the validation accepts only the combinations of CPU and memory that Fargate supports', () => {
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
  const sizes: Record<number, readonly [min: number, max: number, step: number]> = {
    512: [1, 4, 1],
    1024: [2, 8, 1],
    2048: [4, 16, 1],
    4096: [8, 30, 1],
    8192: [16, 60, 4],
    16384: [32, 120, 8],
  };
  const units = fc.constantFrom(...Object.keys(sizes).map(Number));
  const errors = (cpu: number, memoryLimitMiB: number): string[] => errorsWith({ worker: { cpu, memoryLimitMiB } });
  fc.assert(
    fc.property(units, fc.integer({ min: 1, max: 130 }), (cpu, gib) => {
      const [min, max, step] = sizes[cpu]!;
      const isSupported = gib >= min && gib <= max && (gib - min) % step === 0;
      expect(errors(cpu, gib * 1024)).toHaveLength(isSupported ? 0 : 1);
    }),
    { seed: 3, numRuns: 60 },
  );
  expect([512, 1024, 2048].map((memory) => errors(256, memory))).toEqual([[], [], []]);
  expect(errors(256, 3072)).toHaveLength(1);
});

test('the validation accepts image references with registry, port, path, tag and digest', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  for (const baseImage of [
    'node',
    'node:24-slim',
    'public.ecr.aws/docker/library/node:24-trixie-slim',
    `localhost:5000/a/b_c/node@${digest}`,
    `123456789012.dkr.ecr.eu-west-1.amazonaws.com/node:24@${digest}`,
  ]) {
    expect(errorsWith({ baseImage })).toEqual([]);
  }
  for (const baseImage of ['', 'node@sha256:abc', 'http://example.com/node', 'node:24\nRUN x', '--platform=x']) {
    expect(errorsWith({ baseImage })).toHaveLength(1);
  }
});
