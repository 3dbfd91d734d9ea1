import type { Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { ThumbnailCompute, type ThumbnailLambdaOptions } from '../../../../lib';
import { errorFor, onlyResource, problemsOf, synthesize } from '../../../support/templates/stacks';

const providerOf = (stack: Stack): lambda.CapacityProvider => {
  const vpc = new ec2.Vpc(stack, 'Vpc', { natGateways: 0 });
  return new lambda.CapacityProvider(stack, 'Instances', {
    subnets: vpc.isolatedSubnets,
    securityGroups: [new ec2.SecurityGroup(stack, 'Group', { vpc })],
  });
};
const onInstances = (options: ThumbnailLambdaOptions = {}) =>
  synthesize((stack) => ({
    compute: ThumbnailCompute.lambda({ capacityProvider: providerOf(stack), ...options }),
  })).template;
const mappingOf = (options: ThumbnailLambdaOptions) =>
  onlyResource(synthesize({ compute: ThumbnailCompute.lambda(options) }).template, 'AWS::Lambda::EventSourceMapping');

describe('a capacity provider', () => {
  test.each(['upload-function.handler', 'api-function.handler'])(
    '%s runs on the instances in one thread',
    (handler) => {
      expect(onlyResource(onInstances(), 'AWS::Lambda::Function', { Properties: { Handler: handler } })).toMatchObject({
        MemorySize: 4096,
        CapacityProviderConfig: {
          LambdaManagedInstancesCapacityProviderConfig: {
            CapacityProviderArn: { 'Fn::GetAtt': [expect.stringMatching(/^Instances/), 'Arn'] },
            PerExecutionEnvironmentMaxConcurrency: 4,
          },
        },
        Environment: { Variables: { AWS_LAMBDA_NODEJS_WORKER_COUNT: '1' } },
      });
    },
  );

  test('the compute applies the options for concurrency and memory', () => {
    onInstances({ perEnvironmentConcurrency: 9, memorySize: 8192 }).allResourcesProperties(
      'AWS::Lambda::EventSourceMapping',
      {
        ScalingConfig: { MaximumConcurrency: 100 },
      },
    );
    onInstances({ perEnvironmentConcurrency: 9, memorySize: 8192 }).hasResourceProperties('AWS::Lambda::Function', {
      MemorySize: 8192,
      CapacityProviderConfig: {
        LambdaManagedInstancesCapacityProviderConfig: { PerExecutionEnvironmentMaxConcurrency: 9 },
      },
    });
  });

  test('the API can run on default capacity', () => {
    const { template } = synthesize((stack) => ({
      compute: ThumbnailCompute.lambda({ capacityProvider: providerOf(stack) }),
      api: { compute: ThumbnailCompute.lambda() },
    }));
    template.hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'api-function.handler',
      CapacityProviderConfig: Match.absent(),
      Environment: { Variables: { AWS_LAMBDA_NODEJS_WORKER_COUNT: Match.absent() } },
    });
  });

  test.each<[string, (stack: Stack) => ThumbnailLambdaOptions]>([
    ['vpc', (stack) => ({ vpc: new ec2.Vpc(stack, 'Other') })],
    ['reservedConcurrentExecutions', () => ({ maxConcurrency: 2, reservedConcurrentExecutions: 2 })],
    ['apiReservedConcurrentExecutions', () => ({ apiReservedConcurrentExecutions: 2 })],
    ['perEnvironmentConcurrency', () => ({ perEnvironmentConcurrency: 0 })],
    ['memorySize', () => ({ memorySize: 1769 })],
    ['runtime', () => ({ runtime: lambda.Runtime.NODEJS_20_X })],
  ])('an unsupported %s is rejected', (prop, options) => {
    expect(
      problemsOf((stack) => ({
        compute: ThumbnailCompute.lambda({ capacityProvider: providerOf(stack), ...options(stack) }),
      })),
    ).toEqual([errorFor(`compute.${prop}`)]);
  });

  test('an imported capacity provider is rejected, because it has no method to add functions', () => {
    const imported = (stack: Stack): lambda.CapacityProvider =>
      lambda.CapacityProvider.fromCapacityProviderName(stack, 'Shared', 'shared') as lambda.CapacityProvider;
    expect(
      problemsOf((stack) => ({ compute: ThumbnailCompute.lambda({ capacityProvider: imported(stack) }) })),
    ).toEqual([errorFor('compute.capacityProvider', 'Stack/Shared', 'new lambda.CapacityProvider()')]);
  });

  test('the concurrency of an environment requires a capacity provider', () => {
    expect(problemsOf({ compute: ThumbnailCompute.lambda({ perEnvironmentConcurrency: 2 }) })).toEqual([
      errorFor('compute.perEnvironmentConcurrency', 'capacityProvider'),
    ]);
  });
});

describe('provisioned pollers', () => {
  test('provisioned pollers replace the maximum concurrency', () => {
    expect(mappingOf({})).not.toHaveProperty('ProvisionedPollerConfig');
    const mapping = mappingOf({ provisionedPollers: {} });
    expect(mapping).toMatchObject({ ProvisionedPollerConfig: { MinimumPollers: 2, MaximumPollers: 10 } });
    expect(mapping).not.toHaveProperty('ScalingConfig');
    expect(mappingOf({ provisionedPollers: { minimum: 50 } })).toMatchObject({
      ProvisionedPollerConfig: { MinimumPollers: 50, MaximumPollers: 50 },
    });
  });

  test.each<[string, ThumbnailLambdaOptions]>([
    ['provisionedPollers.minimum', { provisionedPollers: { minimum: 1 } }],
    ['provisionedPollers.maximum', { provisionedPollers: { maximum: 2001 } }],
    ['provisionedPollers.minimum', { provisionedPollers: { minimum: 5, maximum: 4 } }],
    ['maxConcurrency', { provisionedPollers: {}, maxConcurrency: 10 }],
  ])('an invalid %s is rejected', (prop, options) => {
    expect(problemsOf({ compute: ThumbnailCompute.lambda(options) })).toEqual([errorFor(`compute.${prop}`)]);
  });
});
