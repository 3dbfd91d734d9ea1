import { App, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { ThumbnailCompute, type ThumbnailEcsOptions, ThumbnailPipeline } from '../../../lib';
import { importedCluster, importedVpc } from '../../support/templates/eks';
import { CONTEXTS, newStack, synthesize, variablesOf } from '../../support/templates/stacks';

function instancesOf(stack: Stack): lambda.CapacityProvider {
  const vpc = importedVpc(stack);
  const securityGroups = [new ec2.SecurityGroup(stack, 'Group', { vpc })];
  return new lambda.CapacityProvider(stack, 'Instances', { subnets: vpc.privateSubnets, securityGroups });
}

function capacityOf(stack: Stack): ThumbnailEcsOptions {
  const vpc = importedVpc(stack);
  const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
  return { cluster, capacityProviderStrategies: [{ capacityProvider: 'instances', weight: 1 }] };
}

describe.each(CONTEXTS)('with %s', (_name, context) => {
  test('one stack can contain two pipelines', () => {
    const stack = newStack({ context });
    new ThumbnailPipeline(stack, 'Photos');
    new ThumbnailPipeline(stack, 'Scans');
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::S3::Bucket', 4);
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 2);
    const names = Object.values(template.findResources('AWS::ApiGatewayV2::Api')).map(
      (api) => (api as { Properties: { Name: string } }).Properties.Name,
    );
    expect(new Set(names).size).toBe(2);
  });

  test('pipelines in two stacks are independent', () => {
    const app = new App({ context });
    const stacks = ['One', 'Two'].map((id) => new Stack(app, id));
    stacks.forEach((stack) => new ThumbnailPipeline(stack, 'Photos'));
    for (const stack of stacks) {
      Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 2);
      expect(stack.dependencies).toEqual([]);
    }
  });

  test('another stack can create the buckets and their KMS key without a cyclic dependency', () => {
    const app = new App({ context });
    const storage = new Stack(app, 'Storage');
    const key = new kms.Key(storage, 'Key');
    const stack = new Stack(app, 'Stack');
    const pipeline = new ThumbnailPipeline(stack, 'Photos', {
      sourceBucket: new s3.Bucket(storage, 'Images', { encryptionKey: key, encryption: s3.BucketEncryption.KMS }),
      thumbnailBucket: new s3.Bucket(storage, 'Thumbnails', {
        encryptionKey: key,
        encryption: s3.BucketEncryption.KMS,
      }),
    });
    pipeline.grantUpload(new iam.Role(stack, 'Web', { assumedBy: new iam.AccountRootPrincipal() }));
    const [stored, template] = [Template.fromStack(storage), Template.fromStack(stack)];
    expect(storage.dependencies).toEqual([]);
    // A notification would create a cyclic dependency.
    stored.hasResourceProperties('Custom::S3BucketNotifications', {
      NotificationConfiguration: { EventBridgeConfiguration: {} },
    });
    template.resourceCountIs('AWS::Events::Rule', 1);
    template.resourceCountIs('Custom::S3BucketNotifications', 0);
  });

  test('the parent of a nested stack can create the source bucket', () => {
    const outer = newStack({ context });
    const bucket = new s3.Bucket(outer, 'Images');
    const nested = new NestedStack(outer, 'Nested');
    new ThumbnailPipeline(nested, 'Photos', { sourceBucket: bucket });
    Template.fromStack(nested).resourceCountIs('AWS::Events::Rule', 1);
    Template.fromStack(outer).resourceCountIs('AWS::CloudFormation::Stack', 1);
  });

  test('a stage can contain a pipeline', () => {
    const stage = new Stage(new App({ context }), 'Production');
    const { template } = synthesize({}, new Stack(stage, 'Stack'));
    expect(variablesOf(template)['POWERTOOLS_SERVICE_NAME']).toBe('Production-Stack/Photos');
  });

  test.each([
    ['cn-north-1', 'China'],
    ['us-gov-west-1', 'the US government'],
    ['eu-central-1', 'Europe'],
  ])('a stack in %s contains no ARN of another partition', (region) => {
    const { template } = synthesize({}, newStack({ context, env: { account: '111111111111', region } }));
    const text = JSON.stringify(template.toJSON());
    const partition = /^(cn|us-gov)-/.exec(region)?.[1];
    const found = [...text.matchAll(/"arn:(aws[a-z-]*):/g)].map(([, name]) => name);
    // Without feature flags, no ARN contains a literal partition.
    expect(new Set(found)).toEqual(
      new Set(Object.keys(context).length ? [partition ? `aws-${partition}` : 'aws'] : []),
    );
  });
});

describe.each([
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
])('in %s', (region, partition) => {
  const COMPUTES: readonly (readonly [string, (stack: Stack) => ThumbnailCompute])[] = [
    ['lambda()', () => ThumbnailCompute.lambda()],
    ['lambda() on managed instances', (stack) => ThumbnailCompute.lambda({ capacityProvider: instancesOf(stack) })],
    ['fargate()', () => ThumbnailCompute.fargate()],
    ['hybrid()', () => ThumbnailCompute.hybrid()],
    ['ecs()', (stack) => ThumbnailCompute.ecs(capacityOf(stack))],
    ['eks()', (stack) => ThumbnailCompute.eks({ cluster: importedCluster(stack), installKeda: true })],
    ['webFunction()', () => ThumbnailCompute.webFunction()],
  ];

  test.each(COMPUTES)('%s contains only ARNs of its own partition', (name, compute) => {
    const stack = newStack({ env: { account: '111111111111', region } });
    const props = name === 'webFunction()' ? { api: { compute: compute(stack) } } : { compute: compute(stack) };
    const text = JSON.stringify(synthesize(props, stack).template.toJSON());
    // The kubectl provider is an imported function of the fixture.
    const arns = (text.match(/\barn:aws[^"]*/g) ?? []).filter((arn) => !arn.endsWith(':function:kubectl'));
    expect(arns.filter((arn) => !arn.startsWith(`arn:${partition}:`))).toEqual([]);
  });
});

test('the template of a stack without an environment contains no Region, account or partition', () => {
  const text = JSON.stringify(synthesize().template.toJSON());
  expect(text).not.toMatch(/arn:aws|us-east-1|amazonaws\.com\//);
});

test('the service name of a pipeline in a nested stack contains the deployed name of the stack', () => {
  const outer = newStack();
  const pipeline = new ThumbnailPipeline(new NestedStack(outer, 'Nested'), 'Photos');
  const template = Template.fromStack(pipeline.node.scope as Stack);
  expect(variablesOf(template)['POWERTOOLS_SERVICE_NAME']).toEqual({
    'Fn::Join': ['', [{ Ref: 'AWS::StackName' }, '/Photos']],
  });
});
