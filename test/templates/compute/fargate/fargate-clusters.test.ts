import { App, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { FargateNetwork, ThumbnailCompute, ThumbnailPipeline } from '../../../../lib';
import { containerOf, fargate, taskOf } from '../../../support/templates/fargate';
import { CONTEXTS, newStack, synthesize, warningsOf } from '../../../support/templates/stacks';

describe.each(CONTEXTS)('under %s', (_name, context) => {
  test('a pipeline on Fargate requires no other props', () => {
    const { template, stack } = fargate({}, newStack({ context }));
    template.resourceCountIs('AWS::ECS::Service', 2);
    expect(warningsOf(stack)).toEqual([]);
  });

  test('two pipelines in one stack have separate networks or a shared network', () => {
    const apart = newStack({ context });
    const compute = ThumbnailCompute.fargate();
    for (const id of ['Photos', 'Scans']) {
      new ThumbnailPipeline(apart, id, { compute });
    }
    Template.fromStack(apart).resourceCountIs('AWS::EC2::VPC', 2);
    const together = newStack({ context });
    const shared = ThumbnailCompute.fargate({ vpc: new ec2.Vpc(together, 'Vpc', { natGateways: 0 }) });
    for (const id of ['Photos', 'Scans']) {
      new ThumbnailPipeline(together, id, { compute: shared });
    }
    const template = Template.fromStack(together);
    template.resourceCountIs('AWS::EC2::VPC', 1);
    template.resourceCountIs('AWS::ECS::Service', 4);
    const families = Object.values(template.findResources('AWS::ECS::TaskDefinition')).map(
      (task) => (task as { Properties: { Family: string } }).Properties.Family,
    );
    expect(new Set(families).size).toBe(4);
  });

  test('pipelines in a stack and in a nested stack are independent', () => {
    const app = new App({ context });
    const stacks = ['One', 'Two'].map((id) => new Stack(app, id));
    const places = [stacks[0]!, new NestedStack(stacks[1]!, 'Nested')];
    places.forEach((stack) => new ThumbnailPipeline(stack, 'Photos', { compute: ThumbnailCompute.fargate() }));
    places.forEach((stack) => Template.fromStack(stack).resourceCountIs('AWS::ECS::Service', 2));
    expect(stacks.map(({ dependencies }) => dependencies)).toEqual([[], []]);
  });

  test.each([
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['eu-central-1', 'aws'],
  ])('a stack in %s contains no ARN of another partition', (region, partition) => {
    const env = { account: '111111111111', region };
    const network = FargateNetwork.isolatedSubnets();
    const { template } = fargate({ network }, newStack({ context, env }));
    const found = [...JSON.stringify(template.toJSON()).matchAll(/"arn:(aws[a-z-]*):/g)].map(([, name]) => name);
    expect(found.filter((name) => name !== partition)).toEqual([]);
  });
});

test('the template of an environment-agnostic stack contains no Region and no account', () => {
  const text = JSON.stringify(fargate().template.toJSON());
  expect(text).not.toMatch(/arn:aws|us-east-1|\b111111111111\b/);
});

describe('a pipeline with two computes', () => {
  test('a pipeline can have workers on Fargate and an API on Lambda', () => {
    const { template, pipeline } = synthesize({
      compute: ThumbnailCompute.fargate(),
      api: { compute: ThumbnailCompute.lambda({ memorySize: 512 }) },
    });
    template.resourceCountIs('AWS::ECS::Service', 1);
    template.resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 0);
    template.resourceCountIs('AWS::ApiGatewayV2::VpcLink', 0);
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 0);
    template.resourcePropertiesCountIs(
      'AWS::Lambda::Function',
      { Handler: 'api-function.handler', MemorySize: 512 },
      1,
    );
    template.hasResourceProperties('AWS::ApiGatewayV2::Integration', { IntegrationType: 'AWS_PROXY' });
    expect([pipeline.workerService, pipeline.apiFunction].every(Boolean)).toBe(true);
    expect([pipeline.uploadFunction, pipeline.apiService]).toEqual([undefined, undefined]);
    expect(pipeline.connections.securityGroups).toHaveLength(1);
  });

  test('a pipeline can have workers on Lambda and an API on Fargate', () => {
    const { template, pipeline } = synthesize({ api: { compute: ThumbnailCompute.fargate() } });
    template.resourceCountIs('AWS::ECS::Service', 1);
    template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 1);
    template.resourceCountIs('AWS::EC2::VPC', 1);
    expect([pipeline.uploadFunction, pipeline.apiService].every(Boolean)).toBe(true);
    expect([pipeline.workerService, pipeline.apiFunction]).toEqual([undefined, undefined]);
    // The compute of the workers determines the visibility timeout, because only workers consume the queue.
    template.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 360 });
  });

  test('the worker and the API on Fargate share a VPC and a cluster', () => {
    const { template } = synthesize({
      compute: ThumbnailCompute.fargate({ worker: { cpu: 2048 } }),
      api: { compute: ThumbnailCompute.fargate({ api: { cpu: 1024 } }) },
    });
    template.resourceCountIs('AWS::EC2::VPC', 1);
    template.resourceCountIs('AWS::ECS::Cluster', 1);
    expect([taskOf(template, 'worker')['Cpu'], taskOf(template, 'api')['Cpu']]).toEqual(['2048', '1024']);
  });

  test('a worker and an API with different Fargate networks have separate VPCs and clusters', () => {
    const { template } = synthesize({
      compute: ThumbnailCompute.fargate(),
      api: { compute: ThumbnailCompute.fargate({ network: FargateNetwork.isolatedSubnets() }) },
    });
    template.resourceCountIs('AWS::EC2::VPC', 2);
    template.resourceCountIs('AWS::ECS::Cluster', 2);
  });
});

test('the queue has the default visibility timeout of SQS', () => {
  const { template } = fargate();
  template.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 30 });
});

test('settings of a Fargate service may exceed the size limit of Lambda environment variables', () => {
  const { template } = synthesize({ compute: ThumbnailCompute.fargate(), cacheControl: `x-${'y'.repeat(8000)}` });
  expect(JSON.stringify(containerOf(template, 'worker'))).toContain('y'.repeat(8000));
});
