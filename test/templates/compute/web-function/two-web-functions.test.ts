import { Duration, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { HttpLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import {
  ThumbnailAccess,
  ThumbnailCompute,
  ThumbnailPipeline,
  type ThumbnailPipelineApiOptions,
  type ThumbnailPipelineProps,
  type ThumbnailWebFunctionOptions,
} from '../../../../lib';
import { permissionsOf } from '../../../support/templates/permissions';
import { errorFor, newStack, onlyResource, problemsOf, quietly, synthesize } from '../../../support/templates/stacks';

type Api = Omit<ThumbnailPipelineApiOptions, 'compute'>;
interface Revision {
  readonly Properties: {
    readonly FunctionName: unknown;
    readonly ServiceConfig: {
      readonly MaxConcurrencyPerEnvironment: number;
      readonly TimeoutSeconds: number;
      readonly EnvironmentVariables: Readonly<Record<string, unknown>>;
    };
  };
}

const READ = 'PhotosApiWebFunction';
const WRITE = 'PhotosApiWriteWebFunction';
const READ_ROLE = 'PhotosApiWebFunctionRole';
const WRITE_ROLE = 'PhotosApiWriteWebFunctionRole';
const WRITE_VARIABLES = ['WRITE_ACCESS', 'UPLOAD_MAX_SIZE_BYTES', 'UPLOAD_CONTENT_TYPES'];

const props = (api: Api = {}, options?: ThumbnailWebFunctionOptions): ThumbnailPipelineProps => ({
  api: { compute: ThumbnailCompute.webFunction(options), ...api },
});
const signed = ThumbnailAccess.signed();
const ACCESS = {
  public: ThumbnailAccess.publicRead(),
  signed,
  iam: ThumbnailAccess.iam(),
};

function onlyWith<T>(resources: Readonly<Record<string, unknown>>, prefix: string): T {
  const found = Object.entries(resources).filter(([id]) => id.startsWith(prefix));
  expect(found).toHaveLength(1);
  return found[0]![1] as T;
}
const variablesIn = (template: Template, prefix: string): Readonly<Record<string, unknown>> =>
  onlyWith<Revision>(template.findResources('AWS::Lambda::WebFunctionRevision'), prefix).Properties.ServiceConfig
    .EnvironmentVariables;
const authTypeIn = (template: Template, prefix: string): string =>
  onlyWith<{ readonly Properties: { readonly AuthType: string } }>(
    template.findResources('AWS::Lambda::WebFunctionEndpoint'),
    `${prefix}Endpoint`,
  ).Properties.AuthType;
const urlOf = (prefix: string): unknown => ({
  'Fn::Join': [
    '',
    ['https://', { 'Fn::GetAtt': [expect.stringMatching(new RegExp(`^${prefix}Endpoint`)), 'DomainName'] }, '/'],
  ],
});

describe.each([
  ['public', 'signed', 'ApplicationManaged', 'ApplicationManaged'],
  ['public', 'iam', 'ApplicationManaged', 'IamAuth'],
  ['signed', 'iam', 'ApplicationManaged', 'IamAuth'],
  ['iam', 'signed', 'IamAuth', 'ApplicationManaged'],
  ['iam', 'iam', 'IamAuth', 'IamAuth'],
] as const)('%s access for reading and %s access for writing', (read, write, readType, writeType) => {
  const { template, pipeline, stack } = synthesize(
    props({ access: ACCESS[read], writeAccess: ACCESS[write], fallbackImage: 'default.png' }),
  );

  test('each web function has its own authorization', () => {
    template.resourceCountIs('AWS::Lambda::WebFunction', 2);
    expect([authTypeIn(template, READ), authTypeIn(template, WRITE)]).toEqual([readType, writeType]);
  });

  test('the pipeline has a URL for reading and a URL for writing', () => {
    expect(stack.resolve(pipeline.apiUrl)).toEqual(urlOf(READ));
    expect(stack.resolve(pipeline.apiWriteUrl)).toEqual(urlOf(WRITE));
    const outputs = template.findOutputs('*');
    expect(onlyWith(outputs, 'PhotosApiUrl')).toMatchObject({ Value: urlOf(READ) });
    expect(onlyWith(outputs, 'PhotosApiWriteUrl')).toMatchObject({ Value: urlOf(WRITE) });
    const config = JSON.stringify(stack.resolve(pipeline.clientConfig));
    expect(config).toMatch(/"\/\\",\\"uploadUrl\\":\\"https:\/\/",\{"Fn::GetAtt":\["PhotosApiWriteWebFunctionEndpoint/);
  });

  test('the variables enable only the routes of the web function', () => {
    const reading = variablesIn(template, READ);
    expect(reading['READ_ACCESS']).toBe(read === 'signed' ? 'signed' : undefined);
    expect(Object.keys(reading).filter((name) => WRITE_VARIABLES.includes(name))).toEqual([]);
    expect('SIGNING_SECRET' in reading).toBe(read === 'signed');
    const writing = variablesIn(template, WRITE);
    expect(writing).toMatchObject({
      READ_ACCESS: 'none',
      WRITE_ACCESS: write === 'signed' ? 'signed' : 'open',
      SERVICE_MODE: 'api',
      WORKER_PROCESSES: '1',
    });
    expect('SIGNING_SECRET' in writing).toBe(write === 'signed');
    expect(['FALLBACK_IMAGE', 'QUEUE_URL', 'EVENTS_QUEUE_URL'].filter((name) => name in writing)).toEqual([]);
    expect(reading['FALLBACK_IMAGE']).toBe('default.png');
  });

  test('only the web function for writing can write sources, and it has no other permissions', () => {
    const sources = /^s3:\w+ on .*PhotosSourceBucket.*\/\*/;
    const ofRead = permissionsOf(template, READ_ROLE);
    expect(ofRead.filter((line) => sources.test(line))).toEqual([expect.stringMatching(/^s3:GetObject /)]);
    const ofWrite = permissionsOf(template, WRITE_ROLE);
    const expected = [
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      's3:DeleteObject',
      's3:PutObject',
      ...(write === 'signed' ? ['secretsmanager:GetSecretValue'] : []),
    ];
    expect(ofWrite.map((line) => line.split(' ')[0]).toSorted()).toEqual(expected);
    expect(ofWrite.filter((line) => line.startsWith('s3:') && !sources.test(line))).toEqual([]);
  });

  test('the grants apply to the endpoints that require IAM authorization', () => {
    const own = newStack();
    const caller = new iam.Role(own, 'Caller', { assumedBy: new iam.AccountRootPrincipal() });
    const photos = new ThumbnailPipeline(own, 'Photos', props({ access: ACCESS[read], writeAccess: ACCESS[write] }));
    const granted = (prefix: string): unknown =>
      expect.stringMatching(new RegExp(`^lambda:InvokeWebFunctionEndpoint on .*${prefix}Endpoint`));
    const expected: unknown[] = [];
    for (const [access, method, prefix] of [
      [read, 'grantApiRead', READ],
      [write, 'grantApiWrite', WRITE],
    ] as const) {
      if (access === 'iam') {
        photos[method](caller);
        expected.push(granted(prefix));
      } else {
        expect(() => photos[method](caller)).toThrow(method);
      }
      expect(() => photos[method](caller, { keyPrefix: 'alice/' })).toThrow(`${method}: keyPrefix`);
    }
    const template = quietly(() => Template.fromStack(own));
    expect(expected.length > 0 ? permissionsOf(template, 'Caller').toSorted() : []).toEqual(expected);
  });
});

describe('one web function serves all routes', () => {
  const idsOf = (api: Api): string[] => Object.keys(synthesize(props(api)).template.toJSON()['Resources'] as object);

  test.each<[string, Api]>([
    ['without write access', { access: ACCESS.public }],
    ['with one signed access for reading and writing', { access: signed, writeAccess: signed }],
  ])('%s', (_, api) => {
    const { template, pipeline } = synthesize(props(api));
    template.resourceCountIs('AWS::Lambda::WebFunction', 1);
    expect(idsOf(api).filter((id) => id.includes('ApiWrite'))).toEqual([]);
    expect(Object.keys(template.findOutputs('*')).filter((id) => id.includes('ApiWrite'))).toEqual([]);
    expect(pipeline.apiWriteUrl).toBe(api.writeAccess ? pipeline.apiUrl : undefined);
  });

  test('if clients can reach the API only through a distribution', () => {
    const stack = newStack();
    const api = { access: ACCESS.public, writeAccess: signed, onlyThroughDistribution: true };
    const pipeline = new ThumbnailPipeline(stack, 'Photos', props(api));
    pipeline.addDistribution();
    const template = quietly(() => Template.fromStack(stack));
    template.resourceCountIs('AWS::Lambda::WebFunction', 1);
    expect(pipeline.apiWriteUrl).toBe(pipeline.apiUrl);
    const variables = onlyResource(template, 'AWS::Lambda::WebFunctionRevision') as Revision['Properties'];
    expect(variables.ServiceConfig.EnvironmentVariables).toMatchObject({ WRITE_ACCESS: 'signed' });
  });
});

test('a second web function changes no logical id of the first web function', () => {
  const idsOf = (api: Api): string[] => Object.keys(synthesize(props(api)).template.toJSON()['Resources'] as object);
  const stable = (ids: readonly string[]): string[] => ids.filter((id) => !id.includes('CodeCopy'));
  const before = stable(idsOf({ access: ACCESS.public }));
  const after = stable(idsOf({ access: ACCESS.public, writeAccess: ACCESS.iam }));
  expect(after.filter((id) => !id.startsWith('PhotosApiWrite'))).toEqual(before);
});

test('the limits of the first web function apply to the second one, and `write` overrides them', () => {
  const api = { access: ACCESS.public, writeAccess: ACCESS.iam };
  const options = {
    maxConcurrencyPerEnvironment: 8,
    maxEnvironments: 20,
    rateLimit: 300,
    timeout: Duration.minutes(2),
  };
  const limitsOf = (template: Template, prefix: string): unknown => {
    const { ServiceConfig } = onlyWith<Revision>(
      template.findResources('AWS::Lambda::WebFunctionRevision'),
      prefix,
    ).Properties;
    const { Properties } = onlyWith<{ readonly Properties: Readonly<Record<string, object>> }>(
      template.findResources('AWS::Lambda::WebFunctionEndpoint'),
      `${prefix}Endpoint`,
    );
    const { MaxConcurrencyPerEnvironment, TimeoutSeconds } = ServiceConfig;
    return {
      MaxConcurrencyPerEnvironment,
      TimeoutSeconds,
      ...Properties['ScalingConfig'],
      ...Properties['ThrottleConfig'],
    };
  };
  const first = { MaxConcurrencyPerEnvironment: 8, TimeoutSeconds: 120, MaxEnvironments: 20, RateLimit: 300 };
  const inherited = synthesize(props(api, options)).template;
  expect(limitsOf(inherited, READ)).toEqual(first);
  expect(limitsOf(inherited, WRITE)).toEqual({ ...first, TimeoutSeconds: 30 });
  const write = { maxConcurrencyPerEnvironment: 100, maxEnvironments: 2, rateLimit: 0 };
  const own = synthesize(props(api, { ...options, write })).template;
  expect(limitsOf(own, READ)).toEqual(first);
  expect(limitsOf(own, WRITE)).toEqual({
    MaxConcurrencyPerEnvironment: 100,
    TimeoutSeconds: 30,
    MaxEnvironments: 2,
    RateLimit: 0,
  });
});

test('existing roles receive the permissions of their web functions', () => {
  const roleIn = (stack: Stack, id: string): iam.Role =>
    new iam.Role(stack, id, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  const { template } = synthesize((stack) =>
    props(
      { access: ACCESS.public, writeAccess: ACCESS.iam },
      { role: roleIn(stack, 'Reader'), write: { role: roleIn(stack, 'Writer') } },
    ),
  );
  expect(permissionsOf(template, 'Reader').join()).not.toMatch(/s3:PutObject on [^,]*PhotosSourceBucket/);
  expect(permissionsOf(template, 'Writer')).toContainEqual(
    expect.stringMatching(/^s3:PutObject on .*PhotosSourceBucket/),
  );
  expect(Object.keys(template.findResources('AWS::IAM::Role')).join()).not.toContain('WebFunctionRole');
});

test('both web functions receive the allowed origins', () => {
  const { template } = synthesize(
    props({ access: ACCESS.public, writeAccess: signed, cors: { allowOrigins: ['https://example.com'] } }),
  );
  for (const prefix of [READ, WRITE]) {
    expect(variablesIn(template, prefix)['CORS_ORIGINS']).toBe('["https://example.com"]');
  }
});

test('a distribution requests only the web function for reading', () => {
  const stack = newStack();
  const photos = new ThumbnailPipeline(stack, 'Photos', props({ access: signed, writeAccess: ACCESS.iam }));
  const group = cloudfront.KeyGroup.fromKeyGroupId(stack, 'Keys', 'group');
  photos.addDistribution('Cdn', { trustedKeyGroups: [group] });
  const template = quietly(() => Template.fromStack(stack));
  const config = JSON.stringify(onlyResource(template, 'AWS::CloudFront::Distribution'));
  expect(config).toContain(`${READ}Endpoint`);
  expect(config).not.toContain(WRITE);
  expect('DISTRIBUTION_SECRET' in variablesIn(template, READ)).toBe(true);
  expect('DISTRIBUTION_SECRET' in variablesIn(template, WRITE)).toBe(false);
  expect(permissionsOf(template, WRITE_ROLE).join()).not.toContain('DistributionSecret');
});

test('the web function for writing sends no keys to the queue of a hybrid pipeline', () => {
  const { template } = synthesize({
    compute: ThumbnailCompute.hybrid(),
    ...props({ access: ACCESS.public, writeAccess: ACCESS.iam }),
  });
  expect(permissionsOf(template, READ_ROLE).filter((line) => line.startsWith('sqs:SendMessage'))).toHaveLength(2);
  expect(permissionsOf(template, WRITE_ROLE).filter((line) => line.startsWith('sqs:'))).toEqual([]);
});

test('the alarm of failed requests and the dashboard include both web functions', () => {
  const stack = newStack();
  const photos = new ThumbnailPipeline(stack, 'Photos', props({ access: ACCESS.public, writeAccess: ACCESS.iam }));
  photos.addAlarms();
  photos.addDashboard();
  const template = quietly(() => Template.fromStack(stack));
  template.resourceCountIs('AWS::Logs::MetricFilter', 1);
  const groups = Object.values(template.findResources('AWS::Lambda::WebFunctionRevision')).map((revision) =>
    JSON.stringify(
      (revision['Properties'] as { readonly ServiceConfig: { readonly TelemetryConfig: unknown } }).ServiceConfig
        .TelemetryConfig,
    ),
  );
  expect(new Set(groups).size).toBe(1);
  expect(groups[0]).toContain(JSON.stringify(onlyResource(template, 'AWS::Logs::MetricFilter')['LogGroupName']));
  const dashboard = JSON.stringify(onlyResource(template, 'AWS::CloudWatch::Dashboard'));
  for (const { Properties } of Object.values(template.findResources('AWS::Lambda::WebFunction'))) {
    expect(dashboard).toContain(`FunctionName=\\\\\\"${(Properties as { FunctionName: string }).FunctionName}`);
  }
});

describe('validation', () => {
  const authorizer = (stack: Stack, id: string): ThumbnailAccess =>
    ThumbnailAccess.authorizer(new HttpLambdaAuthorizer(id, lambda.Function.fromFunctionName(stack, id, id)));
  const role = (stack: Stack): iam.Role =>
    new iam.Role(stack, 'Both', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });

  test('all errors are reported at once', () => {
    expect(
      problemsOf((stack) => {
        const both = role(stack);
        return props(
          { access: authorizer(stack, 'One'), writeAccess: authorizer(stack, 'Two') },
          { role: both, write: { role: both, maxEnvironments: 1, rateLimit: 50, maxConcurrencyPerEnvironment: 0 } },
        );
      }),
    ).toEqual(
      expect.arrayContaining([
        errorFor('api.compute.access', 'an authorizer', 'iam(), publicRead() or signed()', 'lambda()'),
        errorFor('api.compute.writeAccess', 'an authorizer', 'iam() or signed()', 'lambda()'),
        errorFor('api.compute.write.role', 'Both', 'another role'),
        errorFor('api.compute.write.maxEnvironments', '2 to 10,000'),
        errorFor('api.compute.write.rateLimit', '100 to 1000'),
        errorFor('api.compute.write.maxConcurrencyPerEnvironment', '1 to 128'),
      ]),
    );
  });

  test('the pipeline reports publicRead() for writing in only one error', () => {
    expect(problemsOf(props({ access: signed, writeAccess: ACCESS.public }))).toEqual([errorFor('api.writeAccess')]);
  });

  test('the pipeline rejects options of the web function for writing if the API has no write access', () => {
    expect(problemsOf(props({ access: ACCESS.public }, { write: {} }))).toEqual([errorFor('api.compute.write')]);
  });

  test('the pipeline rejects onlyThroughDistribution with iam() for writing', () => {
    expect(
      problemsOf(props({ access: ACCESS.public, writeAccess: ACCESS.iam, onlyThroughDistribution: true })),
    ).toEqual([errorFor('api.writeAccess', 'onlyThroughDistribution')]);
  });
});
