// Validates templates with the CloudFormation rules of the CDK. Other tests disable this validation, because loading the rules
// takes seconds.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import { FargateNetwork, ThumbnailCompute, ThumbnailPipeline, type ThumbnailPipelineProps } from '../../../../lib';
import { CONTEXTS, quietly } from '../../../support/templates/stacks';

const before = process.env['CDK_VALIDATION'];
beforeAll(() => (process.env['CDK_VALIDATION'] = 'true'));
afterAll(() => (process.env['CDK_VALIDATION'] = before));

interface Report {
  readonly pluginReports: { readonly violations: { readonly ruleName: string; readonly description: string }[] }[];
}

/** Returns the violations of a pipeline. */
function findingsOf(context: Record<string, unknown>, props: (stack: Stack) => ThumbnailPipelineProps): string[] {
  const app = new App({ context });
  const stack = new Stack(app, 'Stack');
  new ThumbnailPipeline(stack, 'Photos', props(stack));
  const { directory } = quietly(() => app.synth());
  const report = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8')) as Report;
  return report.pluginReports.flatMap(({ violations }) =>
    violations.map(({ ruleName, description }) => `${ruleName} ${description}`),
  );
}

describe.each(CONTEXTS)('under %s, no rule is violated by', (_name, context) => {
  test.each<[string, (stack: Stack) => ThumbnailPipelineProps]>([
    ['a pipeline on Fargate without props', () => ({ compute: ThumbnailCompute.fargate() })],
    [
      'a pipeline on Fargate with all options',
      (stack) => ({
        encryptionKey: new kms.Key(stack, 'Key'),
        removalPolicy: RemovalPolicy.DESTROY,
        compute: ThumbnailCompute.fargate({
          network: FargateNetwork.isolatedSubnets({ maxAzs: 2 }),
          architecture: ecs.CpuArchitecture.X86_64,
          enableExecuteCommand: true,
          stopTimeout: Duration.seconds(100),
          baseImage: 'node:24-slim',
          worker: {
            cpu: 2048,
            memoryLimitMiB: 8192,
            ephemeralStorageGiB: 30,
            minCapacity: 1,
            maxCapacity: 200,
            desiredCount: 2,
            spotPercent: 80,
            onDemandBase: 2,
            minHealthyPercent: 50,
            backlogPerTask: 500,
            scaleInDelay: Duration.minutes(10),
            keepQueueActive: true,
          },
          api: { cpu: 1024, minCapacity: 2, spotPercent: 20, requestsPerTask: 500, targetUtilizationPercent: 50 },
        }),
      }),
    ],
    [
      'workers on Fargate in an imported VPC, and an API on Lambda',
      (stack) => ({
        compute: ThumbnailCompute.fargate({
          image: ecs.ContainerImage.fromRegistry('example.com/mine'),
          vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
            vpcId: 'vpc-0123456789abcdef0',
            availabilityZones: ['eu-west-1a', 'eu-west-1b'],
            privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
            privateSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
          }),
        }),
        api: { compute: ThumbnailCompute.lambda() },
      }),
    ],
    ['workers on Lambda, and an API on Fargate', () => ({ api: { compute: ThumbnailCompute.fargate() } })],
  ])('%s', (_what, props) => {
    expect(findingsOf(context, props)).toEqual([]);
  });
});
