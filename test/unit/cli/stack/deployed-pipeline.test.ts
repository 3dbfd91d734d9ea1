import { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { DescribeServicesCommand, DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs';
import { GetFunctionConfigurationCommand, LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { findPipeline } from '../../../../cli/stack/deployed-pipeline';

const cloudFormation = mockClient(CloudFormationClient);
const lambda = mockClient(LambdaClient);
const ecs = mockClient(ECSClient);
const QUEUE_ARN = 'arn:aws:sqs:eu-central-1:111122223333:queue';
const SERVICE_ARN = 'arn:aws:ecs:eu-central-1:111122223333:service/cluster/worker';

const VARIABLES = {
  STORAGE: 's3',
  SOURCE_BUCKET: 'photos',
  THUMBNAIL_BUCKET: 'thumbnails',
  THUMBNAILS: JSON.stringify([{ name: 's', fit: 'inside', width: 9, height: 9, formats: [{ type: 'webp' }] }]),
};

beforeEach(() => {
  [cloudFormation, lambda, ecs].forEach((mock) => mock.reset());
});

/** Mocks a stack with these resources. Each resource is a pair of type and physical id. */
function stackWith(...resources: readonly [type: string, id: string][]): void {
  const StackResourceSummaries = resources.map(([ResourceType, PhysicalResourceId]) => ({
    ResourceType,
    PhysicalResourceId,
    LogicalResourceId: PhysicalResourceId,
    LastUpdatedTimestamp: new Date(0),
    ResourceStatus: 'CREATE_COMPLETE' as const,
  }));
  cloudFormation.on(ListStackResourcesCommand, { StackName: 'Stack' }).resolves({ StackResourceSummaries });
}

function uploadFunction(FunctionName: string, name: string, State = 'Enabled'): void {
  lambda.on(GetFunctionConfigurationCommand, { FunctionName }).resolves({
    Handler: 'upload-function.handler',
    Role: 'arn:aws:iam::111122223333:role/upload',
    Timeout: 60,
    Environment: { Variables: { ...VARIABLES, POWERTOOLS_SERVICE_NAME: name } },
  });
  lambda
    .on(ListEventSourceMappingsCommand, { FunctionName })
    .resolves({ EventSourceMappings: [{ EventSourceArn: QUEUE_ARN, State }] });
}

test('findPipeline() returns the upload function of a stack that also contains an unrelated Lambda function', async () => {
  stackWith(['AWS::Lambda::Function', 'other'], ['AWS::Lambda::Function', 'upload'], ['AWS::S3::Bucket', 'photos']);
  lambda.on(GetFunctionConfigurationCommand, { FunctionName: 'other' }).resolves({ Handler: 'index.handler' });
  uploadFunction('upload', 'Photos');
  const pipeline = await findPipeline('Stack');
  expect(pipeline).toMatchObject({
    name: 'Photos',
    kind: 'function',
    resource: 'upload',
    queue: QUEUE_ARN,
    timeoutSeconds: 60,
    settings: { storage: 's3', sourceLocation: { name: 'photos' }, thumbnailLocation: { name: 'thumbnails' } },
  });
  expect(pipeline.inactive).toBeUndefined();
  expect(pipeline.resources).toHaveLength(3);
});

test('findPipeline() reports that the event source mapping of the upload function is disabled', async () => {
  stackWith(['AWS::Lambda::Function', 'upload']);
  uploadFunction('upload', 'Photos', 'Disabled');
  expect((await findPipeline('Stack')).inactive).toContain('Disabled');
});

test('findPipeline() returns the ECS service with workers, not the ECS service with the API', async () => {
  stackWith(['AWS::ECS::Service', SERVICE_ARN.replace('worker', 'api')], ['AWS::ECS::Service', SERVICE_ARN]);
  for (const mode of ['api', 'worker']) {
    const services = [SERVICE_ARN.replace('worker', mode)];
    ecs
      .on(DescribeServicesCommand, { cluster: 'cluster', services })
      .resolves({ services: [{ status: 'ACTIVE', taskDefinition: mode }] });
    const variables = {
      ...VARIABLES,
      POWERTOOLS_SERVICE_NAME: 'Photos',
      SERVICE_MODE: mode,
      QUEUE_URL: 'https://sqs/q',
    };
    const environment = Object.entries(variables).map(([name, value]) => ({ name, value }));
    ecs.on(DescribeTaskDefinitionCommand, { taskDefinition: mode }).resolves({
      taskDefinition: { taskRoleArn: 'arn:role', containerDefinitions: [{ environment }] },
    });
  }
  expect(await findPipeline('Stack')).toMatchObject({
    name: 'Photos',
    kind: 'service',
    resource: SERVICE_ARN,
    roleArn: 'arn:role',
    queue: 'https://sqs/q',
  });
});

test('findPipeline() reads nested stacks', async () => {
  stackWith(['AWS::CloudFormation::Stack', 'Nested']);
  cloudFormation.on(ListStackResourcesCommand, { StackName: 'Nested' }).resolves({
    StackResourceSummaries: [
      {
        ResourceType: 'AWS::Lambda::Function',
        PhysicalResourceId: 'upload',
        LogicalResourceId: 'Upload',
        LastUpdatedTimestamp: new Date(0),
        ResourceStatus: 'CREATE_COMPLETE',
      },
    ],
  });
  uploadFunction('upload', 'Photos');
  expect((await findPipeline('Stack')).resource).toBe('upload');
});

describe('several pipelines', () => {
  beforeEach(() => {
    stackWith(['AWS::Lambda::Function', 'one'], ['AWS::Lambda::Function', 'two']);
    uploadFunction('one', 'Cats');
    uploadFunction('two', 'Dogs');
  });

  test('findPipeline() selects a pipeline by name', async () => {
    expect((await findPipeline('Stack', 'Dogs')).resource).toBe('two');
  });

  test('the error of findPipeline() lists all pipelines of the stack if the name is missing or unknown', async () => {
    await expect(findPipeline('Stack')).rejects.toThrow(/--pipeline: Cats, Dogs/);
    await expect(findPipeline('Stack', 'Birds')).rejects.toThrow(/Birds.*Cats, Dogs/);
  });
});

test('findPipeline() throws an error for a stack without a pipeline', async () => {
  stackWith(['AWS::S3::Bucket', 'photos']);
  await expect(findPipeline('Stack')).rejects.toThrow(/^Stack: contains no pipeline/);
});
