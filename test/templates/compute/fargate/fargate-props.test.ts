import { CfnParameter, Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import fc from 'fast-check';
import { type ThumbnailFargateOptions, FargateNetwork, ThumbnailCompute } from '../../../../lib';
import { problemsOf } from '../../../support/stacks';

const problemsWith = (props: ThumbnailFargateOptions): string[] =>
  problemsOf({ compute: ThumbnailCompute.fargate(props) });
const image = ecs.ContainerImage.fromRegistry('example.com/mine');

const failures: [string, ThumbnailFargateOptions, string[]][] = [
  [
    'CPU that Fargate has not',
    { worker: { cpu: 1000 } },
    ['compute.worker.cpu: 1000 is invalid; expected one of 256, 512, 1024, 2048, 4096, 8192, 16384 CPU units'],
  ],
  [
    'memory that does not go with the CPU',
    { worker: { cpu: 1024, memoryLimitMiB: 1024 }, api: { cpu: 8192, memoryLimitMiB: 18_432 } },
    [
      'compute.worker.memoryLimitMiB: 1024 is invalid; expected one of 2048, 3072, 4096, 5120, 6144, 7168, 8192 MiB with cpu 1024',
      'compute.api.memoryLimitMiB: 18432 is invalid; expected one of 16384, 20480, 24576, 28672, 32768, 36864, 40960, 45056, ' +
        '49152, 53248, 57344, 61440 MiB with cpu 8192',
    ],
  ],
  [
    'memory that does not go with the CPU that there is by default',
    { api: { memoryLimitMiB: 8192 } },
    ['compute.api.memoryLimitMiB: 8192 is invalid; expected one of 1024, 2048, 3072, 4096 MiB with cpu 512'],
  ],
  [
    'a disk',
    { worker: { ephemeralStorageGiB: 20 } },
    ['compute.worker.ephemeralStorageGiB: 20 is out of range; expected an integer from 21 to 200 GiB'],
  ],
  [
    'numbers of tasks',
    { worker: { minCapacity: -1, maxCapacity: 0 }, api: { minCapacity: 0 } },
    [
      'compute.worker.maxCapacity: 0 is out of range; expected an integer from 1 to 5,000 tasks',
      'compute.worker.minCapacity: -1 is out of range; expected an integer from 0 to 5,000 tasks',
      'compute.api.minCapacity: 0 is out of range; expected an integer from 1 to 5,000 tasks',
    ],
  ],
  [
    'numbers of tasks that contradict each other',
    { worker: { minCapacity: 11 }, api: { minCapacity: 2, maxCapacity: 4, desiredCount: 5 } },
    [
      'compute.worker.minCapacity: 11 is invalid; expected at most maxCapacity (10)',
      'compute.api.desiredCount: 5 is out of range; expected an integer from 2 to 4 tasks',
    ],
  ],
  [
    'a share of Spot capacity',
    { worker: { spotPercent: 101, onDemandBase: 0.5 } },
    [
      'compute.worker.spotPercent: 101 is out of range; expected an integer from 0 to 100 percent',
      'compute.worker.onDemandBase: 0.5 is out of range; expected an integer from 0 to 5,000 tasks',
    ],
  ],
  [
    'a deployment that replaces no task',
    { api: { maxHealthyPercent: 100 }, worker: { minHealthyPercent: 101, maxHealthyPercent: 99 } },
    [
      'compute.worker.minHealthyPercent: 101 is out of range; expected an integer from 0 to 100 percent',
      'compute.worker.maxHealthyPercent: 99 is out of range; expected an integer from 100 to 400 percent',
      'compute.api.maxHealthyPercent: 100 is invalid; expected more than minHealthyPercent (100), or no task could be replaced',
    ],
  ],
  [
    'no security group',
    { worker: { securityGroups: [] } },
    ['compute.worker.securityGroups: an empty list is invalid; expected left out, or at least one'],
  ],
  [
    'a backlog that one task holds at once',
    { worker: { cpu: 4096, backlogPerTask: 3 } },
    ['compute.worker.backlogPerTask: 3 is out of range; expected an integer from 5 to 100,000 images'],
  ],
  [
    'a time without work',
    { worker: { scaleInDelay: Duration.seconds(90) } },
    ['compute.worker.scaleInDelay: 90 s is invalid; expected from 1 to 60 whole minutes'],
  ],
  [
    'requests and use',
    { api: { requestsPerTask: 0, targetUtilizationPercent: 95 } },
    [
      'compute.api.requestsPerTask: 0 is out of range; expected an integer from 1 to 1,000,000 requests a minute',
      'compute.api.targetUtilizationPercent: 95 is out of range; expected an integer from 10 to 90 percent',
    ],
  ],
  [
    'a time to stop',
    { stopTimeout: Duration.minutes(3) },
    ['compute.stopTimeout: 180 s is out of range; expected whole seconds from 2 to 120'],
  ],
  [
    'a processor',
    { architecture: ecs.CpuArchitecture.of('RISCV') },
    ['compute.architecture: RISCV is invalid; expected CpuArchitecture.ARM64 or CpuArchitecture.X86_64'],
  ],
  [
    'the place of tasks in a VPC that is not there yet',
    { vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC }, assignPublicIp: false },
    [
      'compute.vpcSubnets: a selection is invalid; expected left out without a vpc or cluster of your own: network says what a ' +
        'new VPC is like',
      'compute.assignPublicIp: false is invalid; expected left out without a vpc or cluster of your own: network says what a ' +
        'new VPC is like',
    ],
  ],
  [
    'a base for an image of one’s own',
    { image, baseImage: 'node:24' },
    ['compute.baseImage: node:24 is invalid; expected left out with an image of your own, which has its base already'],
  ],
  [
    'a base that is no image’s name',
    { baseImage: 'node:24 AS base' },
    ['compute.baseImage: "node:24 AS base" is invalid; expected the name of an image, with a tag or a digest'],
  ],
];
test.each(failures)('fails with a message about %s', (_what, props, messages) => {
  expect(problemsWith(props)).toEqual(messages);
});

test('fails with a network beside a VPC or a cluster', () => {
  const network = FargateNetwork.isolatedSubnets();
  expect(
    problemsOf((stack) => ({ compute: ThumbnailCompute.fargate({ network, vpc: new ec2.Vpc(stack, 'Vpc') }) })),
  ).toEqual(['compute.network: one beside a vpc is invalid; expected left out: it is for new VPCs']);
  expect(
    problemsOf((stack) => ({ compute: ThumbnailCompute.fargate({ network, cluster: new ecs.Cluster(stack, 'C') }) })),
  ).toEqual(['compute.network: one beside a cluster is invalid; expected left out: it is for new VPCs']);
});

test('fails with values that have to be known before the deployment', () => {
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
    'compute.baseImage: a value that only the deployment knows is invalid; expected plain text: the image is built before',
    'compute.worker.backlogPerTask: a value that only the deployment knows is invalid; expected a plain number',
    'compute.worker.scaleInDelay: a value that only the deployment knows is invalid; expected from 1 to 60 whole minutes',
  ]);
});

test('tells what is wrong with what answers the API apart', () => {
  expect(
    problemsOf({
      compute: ThumbnailCompute.fargate({ worker: { cpu: 1 } }),
      api: { compute: ThumbnailCompute.lambda({ memorySize: 1 }) },
    }),
  ).toEqual([
    'compute.worker.cpu: 1 is invalid; expected one of 256, 512, 1024, 2048, 4096, 8192, 16384 CPU units',
    'api.compute.memorySize: 1 is out of range; expected an integer from 128 to 10,240 MiB',
  ]);
});

test('takes every pair of CPU and memory that Fargate has, and no other', () => {
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
  const problems = (cpu: number, memoryLimitMiB: number): string[] => problemsWith({ worker: { cpu, memoryLimitMiB } });
  fc.assert(
    fc.property(units, fc.integer({ min: 1, max: 130 }), (cpu, gib) => {
      const [min, max, step] = sizes[cpu]!;
      const isRight = gib >= min && gib <= max && (gib - min) % step === 0;
      expect(problems(cpu, gib * 1024)).toHaveLength(isRight ? 0 : 1);
    }),
    { seed: 3, numRuns: 60 },
  );
  expect([512, 1024, 2048].map((memory) => problems(256, memory))).toEqual([[], [], []]);
  expect(problems(256, 3072)).toHaveLength(1);
});

test('takes names of images with registry, port, path, tag and digest', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  for (const baseImage of [
    'node',
    'node:24-slim',
    'public.ecr.aws/docker/library/node:24-trixie-slim',
    `localhost:5000/a/b_c/node@${digest}`,
    `123456789012.dkr.ecr.eu-west-1.amazonaws.com/node:24@${digest}`,
  ]) {
    expect(problemsWith({ baseImage })).toEqual([]);
  }
  for (const baseImage of ['', 'node@sha256:abc', 'http://example.com/node', 'node:24\nRUN x', '--platform=x']) {
    expect(problemsWith({ baseImage })).toHaveLength(1);
  }
});
