import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { ThumbnailCompute, type ThumbnailFargateOptions, ThumbnailPipeline } from '../../../../lib';
import { newStack, warningsOf } from '../../../support/templates/stacks';

const ENV = { account: '111111111111', region: 'eu-west-1' };
const ZONES = { 'availability-zones:account=111111111111:region=eu-west-1': ['eu-west-1a', 'eu-west-1b'] };

test.each([
  ['an explicit environment without context', { env: ENV, context: {} }, 1],
  ['an explicit environment with the zones in the context', { env: ENV, context: ZONES }, 0],
  ['an unknown environment', { context: {} }, 0],
])('the warnings about the new VPC include the lookup of zones only if necessary: %s', (_case, options, count) => {
  const stack = newStack(options);
  new ThumbnailPipeline(stack, 'Photos', { compute: ThumbnailCompute.fargate() });
  const warnings = warningsOf(stack);
  expect(warnings).toHaveLength(count);
  for (const warning of warnings) {
    expect(warning).toMatch(
      /^compute: .*111111111111.*eu-west-1.*cdk\.context\.json.*\[ack: cdk-thumbnails:availabilityZoneLookup\]$/,
    );
  }
});

test('an existing VPC requires no lookup', () => {
  const stack = newStack({ env: ENV });
  const options: ThumbnailFargateOptions = {
    vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['eu-west-1a', 'eu-west-1b'],
      privateSubnetIds: ['subnet-1', 'subnet-2'],
    }),
  };
  new ThumbnailPipeline(stack, 'Photos', { compute: ThumbnailCompute.fargate(options) });
  expect(warningsOf(stack).filter((warning) => warning.includes('cdk-thumbnails:'))).toEqual([]);
});
