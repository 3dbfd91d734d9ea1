import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudFrontClient, GetDistributionCommand } from '@aws-sdk/client-cloudfront';
import {
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand, LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { CheckSkipped, partOf, type Part } from '../../../../cli/verify/check';
import { openTarget, type TargetOptions } from '../../../../cli/verify/open-target';

const QUEUE_ARN = 'arn:aws:sqs:eu-central-1:111122223333:queue';
const DEAD_LETTER_ARN = 'arn:aws:sqs:eu-central-1:111122223333:dead';
const DISTRIBUTION = 'AWS::CloudFront::Distribution';
const cloudFormation = mockClient(CloudFormationClient);
const lambda = mockClient(LambdaClient);
const cloudFront = mockClient(CloudFrontClient);
const iam = mockClient(IAMClient);
const sqs = mockClient(SQSClient);
const events = mockClient(EventBridgeClient);
const VARIABLES = {
  STORAGE: 's3',
  SOURCE_BUCKET: 'photos',
  THUMBNAIL_BUCKET: 'thumbnails',
  EVENT_BUS_NAME: 'default',
  THUMBNAILS: JSON.stringify([{ name: 's', fit: 'inside', width: 9, height: 9, formats: [{ type: 'webp' }] }]),
};

const environment = process.env;
beforeEach(() => {
  [cloudFormation, lambda, cloudFront, iam, sqs, events].forEach((mock) => mock.reset());
  process.env = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };
  sqs
    .on(GetQueueUrlCommand)
    .callsFake(({ QueueName }: { QueueName: string }) => ({ QueueUrl: `https://sqs/${QueueName}` }));
  sqs.on(GetQueueAttributesCommand, { QueueUrl: 'https://sqs/queue' }).resolves({
    Attributes: { QueueArn: QUEUE_ARN, RedrivePolicy: JSON.stringify({ deadLetterTargetArn: DEAD_LETTER_ARN }) },
  });
  sqs.on(GetQueueAttributesCommand, { QueueUrl: 'https://sqs/dead' }).resolves({
    Attributes: { QueueArn: DEAD_LETTER_ARN, ApproximateNumberOfMessages: '2' },
  });
});
afterEach(() => {
  process.env = environment;
  jest.restoreAllMocks();
});

interface StackOptions {
  /** Additional environment variables of the API function. */
  readonly api?: Readonly<Record<string, string>>;
  /** Authorization type of the API Gateway routes. @default NONE */
  readonly authorization?: string;
  readonly resources?: readonly (readonly [type: string, id: string])[];
}

/** Mocks a stack with the functions of a pipeline. */
function mockStack({ api = {}, authorization = 'NONE', resources = [] }: StackOptions = {}): void {
  const all = [
    ['AWS::Lambda::Function', 'upload'],
    ['AWS::Lambda::Function', 'api'],
    ['AWS::ApiGatewayV2::Api', 'abc'],
    ...resources,
  ] as const;
  cloudFormation.on(ListStackResourcesCommand).resolves({
    StackResourceSummaries: all.map(([ResourceType, PhysicalResourceId]) => ({
      ResourceType,
      PhysicalResourceId,
      LogicalResourceId: PhysicalResourceId,
      LastUpdatedTimestamp: new Date(0),
      ResourceStatus: 'CREATE_COMPLETE' as const,
    })),
  });
  const route = (RouteKey: string) => ({
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: { RouteKey, AuthorizationType: authorization },
  });
  const Resources = { a: route('GET /thumbnails/{name}/{key+}'), b: route('POST /uploads') };
  cloudFormation.on(GetTemplateCommand).resolves({ TemplateBody: JSON.stringify({ Resources }) });
  const configure = (FunctionName: string, Variables: Readonly<Record<string, string>>) =>
    lambda.on(GetFunctionConfigurationCommand, { FunctionName }).resolves({
      Handler: `${FunctionName}-function.handler`,
      Role: 'arn:role',
      Environment: { Variables: { ...VARIABLES, POWERTOOLS_SERVICE_NAME: 'Photos', ...Variables } },
    });
  configure('upload', {});
  configure('api', api);
  configure('purge', {});
  lambda
    .on(ListEventSourceMappingsCommand)
    .resolves({ EventSourceMappings: [{ EventSourceArn: QUEUE_ARN, State: 'Enabled' }] });
}

const open = (options: TargetOptions = {}) => openTarget({ stack: 'Stack', ...options }, {});
const reasonOf = (part: Part<unknown>): string => ('missing' in part ? part.missing : 'available');

test.each([
  ['NONE', {}, 'public', undefined],
  ['NONE', { READ_ACCESS: 'signed', WRITE_ACCESS: 'signed', SIGNING_KEYS: '{}' }, 'signed', 'signed'],
  ['AWS_IAM', { WRITE_ACCESS: 'open' }, 'iam', 'iam'],
  ['JWT', { WRITE_ACCESS: 'open' }, 'authorizer', 'authorizer'],
  ['CUSTOM', {}, 'authorizer', undefined],
])('the authorization %s with the settings %j is the access %s', async (authorization, api, read, write) => {
  const keys = JSON.stringify({ k1: 'fedcba9876543210fedcba9876543210' });
  mockStack({ authorization, api: 'SIGNING_KEYS' in api ? { ...api, SIGNING_KEYS: keys } : api });
  const { options } = partOf((await open()).api);
  expect(options).toMatchObject({ url: 'https://abc.execute-api.eu-central-1.amazonaws.com', read });
  expect(options.write).toBe(write);
});

describe('web functions', () => {
  const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:keys';
  type Variables = Readonly<Record<string, string | { readonly Ref: string }>>;

  /** Mocks a stack with the web functions of an API: their variables and authorization types by name. */
  function mockWebFunctions(functions: Readonly<Record<string, readonly [variables: Variables, type: string]>>): void {
    mockStack({ resources: [['AWS::SecretsManager::Secret', SECRET]] });
    const domainOf = (id: string) => ({ 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [id, 'DomainName'] }, '/']] });
    const entries = Object.entries(functions);
    const Resources: Readonly<Record<string, object>> = Object.fromEntries(
      entries.flatMap(([id, [variables, AuthType]]): [string, object][] => [
        [
          `${id}Revision`,
          {
            Type: 'AWS::Lambda::WebFunctionRevision',
            Properties: {
              ServiceConfig: { EnvironmentVariables: { POWERTOOLS_SERVICE_NAME: 'Photos', ...variables } },
            },
          },
        ],
        [
          `${id}Endpoint`,
          {
            Type: 'AWS::Lambda::WebFunctionEndpoint',
            Properties: {
              AuthType,
              RevisionWeights: [{ RevisionId: { 'Fn::GetAtt': [`${id}Revision`, 'RevisionId'] }, Weight: 100 }],
            },
          },
        ],
      ]),
    );
    const Outputs = Object.fromEntries(entries.map(([id]) => [`${id}Url`, { Value: domainOf(`${id}Endpoint`) }]));
    cloudFormation.on(GetTemplateCommand).resolves({ TemplateBody: JSON.stringify({ Resources, Outputs }) });
    const deployed = entries.map(([id]) => ({ OutputKey: `${id}Url`, OutputValue: `https://${id}.example.com/` }));
    cloudFormation.on(DescribeStacksCommand).resolves({
      Stacks: [{ StackName: 'Stack', CreationTime: new Date(0), StackStatus: 'CREATE_COMPLETE', Outputs: deployed }],
    });
  }

  const onlyWrites = { READ_ACCESS: 'none', SIGNING_SECRET: { Ref: SECRET } };

  test('the stack outputs contain the URLs for reading and writing', async () => {
    mockWebFunctions({
      read: [{}, 'IamAuth'],
      write: [{ ...onlyWrites, WRITE_ACCESS: 'signed' }, 'ApplicationManaged'],
    });
    const { options } = partOf((await open()).api);
    expect(options).toMatchObject({
      url: 'https://read.example.com',
      writeUrl: 'https://write.example.com',
      read: 'iam',
      write: 'signed',
      signingService: 'lambda',
    });
    expect(options.keys).toBeDefined();
  });

  test('an unsigned GET request goes to the read function, and a signed DELETE request to the write function', async () => {
    mockWebFunctions({
      read: [{}, 'ApplicationManaged'],
      write: [{ READ_ACCESS: 'none', WRITE_ACCESS: 'open' }, 'IamAuth'],
    });
    const sent: (readonly [url: unknown, headers: unknown])[] = [];
    jest.spyOn(globalThis, 'fetch').mockImplementation((url, request) => {
      sent.push([url, request!.headers]);
      return Promise.resolve(new Response());
    });
    const api = partOf((await open()).api);
    await api.send('/images/a.jpg');
    await api.send('/images/a.jpg', { method: 'DELETE' });
    expect(sent).toEqual([
      ['https://read.example.com/images/a.jpg', {}],
      [
        'https://write.example.com/images/a.jpg',
        expect.objectContaining({
          authorization: expect.stringMatching(/\/eu-central-1\/lambda\/aws4_request/) as string,
          'x-amz-content-sha256': expect.any(String) as string,
        }) as unknown,
      ],
    ]);
  });

  test('a single web function serves all routes, and --api-url and --api-write-url override its URL', async () => {
    mockWebFunctions({ all: [{ WRITE_ACCESS: 'signed', SIGNING_SECRET: { Ref: SECRET } }, 'ApplicationManaged'] });
    expect(partOf((await open()).api).options).toMatchObject({
      url: 'https://all.example.com',
      writeUrl: undefined,
      read: 'public',
      write: 'signed',
    });
    const urls = { apiUrl: 'https://img.example.com/', apiWriteUrl: 'https://up.example.com/' };
    const { options } = partOf((await open(urls)).api);
    expect([options.url, options.writeUrl]).toEqual(['https://img.example.com', 'https://up.example.com']);
    await expect(open({ apiWriteUrl: 'up.example.com' })).rejects.toThrow('--api-write-url');
  });
});

test('requests to an API with IAM access are signed, except requests with `authorized: false`', async () => {
  mockStack({ authorization: 'AWS_IAM' });
  const sent: Record<string, string>[] = [];
  jest.spyOn(globalThis, 'fetch').mockImplementation((_url, request) => {
    sent.push(request!.headers as Record<string, string>);
    return Promise.resolve(new Response());
  });
  const api = partOf((await open()).api);
  await api.send('/images/a%20b.jpg?key=c');
  await api.send('/images/a%20b.jpg', { authorized: false });
  expect(sent[0]!['authorization']).toMatch(
    /^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/eu-central-1\/execute-api\/aws4_request/,
  );
  expect(sent[1]).toEqual({});
});

test('without --header, the verification skips the checks of an API with a JWT authorizer', async () => {
  mockStack({ authorization: 'JWT' });
  await expect(partOf((await open()).api).send('/images/a.jpg')).rejects.toThrow(CheckSkipped);
  const fetched = jest.spyOn(globalThis, 'fetch').mockResolvedValue(new Response());
  await partOf((await open({ header: ['Authorization: Bearer a:b'] })).api).send('/images/a.jpg');
  expect(fetched.mock.calls[0]![1]!.headers).toEqual({ authorization: 'Bearer a:b' });
});

test.each([
  [{ apiUrl: 'img.example.com' }, /^--api-url: got img\.example\.com; expected a URL/],
  [{ header: ['Bearer'] }, /^--header: expected a name and a value/],
])('the options %j are invalid', async (options, message) => {
  mockStack();
  await expect(open(options)).rejects.toThrow(message);
});

test('the verification skips the checks of resources that the stack does not contain', async () => {
  mockStack();
  const target = await open();
  expect(reasonOf(target.alarms)).toBe('the stack contains no alarms');
  expect(reasonOf(target.distribution)).toBe('the stack contains no distribution');
  const withoutStack = await openTarget({}, VARIABLES);
  expect(reasonOf(withoutStack.alarms)).toBe('requires --stack');
  expect(reasonOf(withoutStack.permissions)).toBe('requires --stack');
  expect(reasonOf(withoutStack.api)).toBe('the URL of the API is unknown; pass --api-url');
  expect(reasonOf(withoutStack.queue)).toBe('the pipeline has no queue');
});

test('the states of alarms come from CloudWatch', async () => {
  mockStack({
    resources: [
      ['AWS::CloudWatch::Alarm', 'Errors'],
      ['AWS::CloudWatch::CompositeAlarm', 'Any'],
    ],
  });
  const fetched = jest
    .spyOn(globalThis, 'fetch')
    .mockResolvedValue(Response.json({ MetricAlarms: [{ AlarmName: 'Errors', StateValue: 'ALARM' }] }));
  expect(await partOf((await open()).alarms)()).toEqual([
    { name: 'Errors', state: 'ALARM' },
    { name: 'Any', state: undefined },
  ]);
  const [url, request] = fetched.mock.calls[0]!;
  expect((url as URL).href).toBe('https://monitoring.eu-central-1.amazonaws.com/');
  expect(JSON.parse(request!.body as string)).toMatchObject({ AlarmNames: ['Errors', 'Any'] });
  fetched.mockResolvedValue(new Response('denied', { status: 403 }));
  await expect(partOf((await open()).alarms)()).rejects.toThrow('status 403');
});

test('the simulated permissions include nine requests that must be allowed, and requests that must be denied', async () => {
  mockStack();
  iam.on(SimulatePrincipalPolicyCommand).callsFake(({ ActionNames }: { ActionNames: string[] }) => ({
    EvaluationResults: ActionNames.map((EvalActionName) => ({
      EvalActionName,
      EvalDecision: EvalActionName === 's3:DeleteBucket' ? 'implicitDeny' : 'allowed',
    })),
  }));
  const results = await partOf((await open()).permissions)();
  expect(results).toContainEqual({
    action: 's3:PutObject',
    resource: 'arn:aws:s3:::photos/verify.jpg',
    isAllowed: true,
    expected: false,
  });
  expect(results.filter(({ expected }) => expected)).toHaveLength(9);
  iam.on(SimulatePrincipalPolicyCommand).rejects(new Error('AccessDenied\nmore'));
  await expect(partOf((await open()).permissions)()).rejects.toThrow(
    new CheckSkipped('IAM cannot simulate the requests: AccessDenied'),
  );
});

test('the verification skips the checks of a distribution with a trusted key group', async () => {
  mockStack({
    resources: [
      [DISTRIBUTION, 'E1'],
      ['AWS::Lambda::Function', 'purge'],
    ],
  });
  const behavior = (Enabled: boolean) => ({
    Distribution: {
      DomainName: 'd1.cloudfront.net',
      DistributionConfig: { DefaultCacheBehavior: { TrustedKeyGroups: { Enabled } } },
    },
  });
  cloudFront.on(GetDistributionCommand).resolves(behavior(true) as never);
  expect(reasonOf((await open()).distribution)).toMatch(/trusted key group/);
  cloudFront.on(GetDistributionCommand).resolves(behavior(false) as never);
  expect(partOf((await open()).distribution)).toEqual({ url: 'https://d1.cloudfront.net', purges: true });
  cloudFront.on(GetDistributionCommand).rejects(new Error('down'));
  expect(reasonOf((await open()).distribution)).toMatch(/^E1: down/);
});

test('a redrive moves messages from the dead-letter queue to the queue of the pipeline', async () => {
  mockStack();
  sqs.on(SendMessageCommand).resolves({}).on(StartMessageMoveTaskCommand).resolves({});
  sqs.on(ListMessageMoveTasksCommand).resolves({});
  const queue = partOf((await open()).queue);
  expect(await queue.deadLetters()).toBe(2);
  await queue.addDeadLetter('body');
  await queue.redrive();
  expect(sqs.commandCalls(SendMessageCommand)[0]!.args[0].input).toEqual({
    QueueUrl: 'https://sqs/dead',
    MessageBody: 'body',
  });
  expect(sqs.commandCalls(StartMessageMoveTaskCommand)[0]!.args[0].input).toEqual({
    SourceArn: DEAD_LETTER_ARN,
    DestinationArn: QUEUE_ARN,
  });
});

test('the verification skips a check if SQS supports no redrive or the queue has no dead-letter queue', async () => {
  mockStack();
  const queue = partOf((await open()).queue);
  sqs.on(ListMessageMoveTasksCommand).rejects(Object.assign(new Error('unknown'), { name: 'InvalidAction' }));
  await expect(queue.addDeadLetter('body')).rejects.toThrow(CheckSkipped);
  expect(sqs.commandCalls(SendMessageCommand)).toHaveLength(0);
  sqs.on(GetQueueAttributesCommand).resolves({ Attributes: { QueueArn: QUEUE_ARN } });
  await expect(queue.deadLetters()).rejects.toThrow(new CheckSkipped('the queue has no dead-letter queue'));
});

test('if the subscription to events fails, the verification deletes its temporary queue and rule', async () => {
  mockStack();
  sqs.on(CreateQueueCommand).resolves({ QueueUrl: 'https://sqs/temporary' }).on(DeleteQueueCommand).resolves({});
  sqs
    .on(GetQueueAttributesCommand, { QueueUrl: 'https://sqs/temporary' })
    .resolves({ Attributes: { QueueArn: 'arn' } });
  events.on(PutRuleCommand).resolves({ RuleArn: 'arn:rule' }).on(PutTargetsCommand).rejects(new Error('quota'));
  events.on(RemoveTargetsCommand).resolves({}).on(DeleteRuleCommand).resolves({});
  await expect(partOf((await open()).subscribe)('prefix/')).rejects.toThrow('quota');
  const { Name, EventPattern } = events.commandCalls(PutRuleCommand)[0]!.args[0].input;
  expect(Name).toMatch(/^cdk-thumbnails-verify-[0-9a-f]{16}$/);
  expect(JSON.parse(EventPattern!)).toEqual({
    source: ['cdk-thumbnails'],
    detail: { source: { key: [{ prefix: 'prefix/' }] } },
  });
  expect(events.commandCalls(DeleteRuleCommand)[0]!.args[0].input).toMatchObject({ Name });
  expect(sqs.commandCalls(DeleteQueueCommand)[0]!.args[0].input).toEqual({ QueueUrl: 'https://sqs/temporary' });
});
