import { Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { HttpLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  ThumbnailAccess,
  ThumbnailCompute,
  ThumbnailPipeline,
  type ThumbnailPipelineApiOptions,
  type ThumbnailPipelineProps,
  type ThumbnailWebFunctionOptions,
} from '../../../../lib';
import { validateWebFunctionOptions } from '../../../../lib/compute/web-function/web-function-validation';
import { permissionsOf } from '../../../support/templates/permissions';
import { newStack, onlyResource, problemsOf, quietly, synthesize, warningsOf } from '../../../support/templates/stacks';

const props = (
  options?: ThumbnailWebFunctionOptions,
  api: Omit<ThumbnailPipelineApiOptions, 'compute'> = {},
): ThumbnailPipelineProps => ({ api: { compute: ThumbnailCompute.webFunction(options), ...api } });
const authTypeOf = (api?: Omit<ThumbnailPipelineApiOptions, 'compute'>): unknown => {
  const { template } = synthesize(props({}, api));
  return onlyResource(template, 'AWS::Lambda::WebFunctionEndpoint')['AuthType'];
};
const pipelineIn = (stack: Stack, api?: Omit<ThumbnailPipelineApiOptions, 'compute'>): ThumbnailPipeline =>
  new ThumbnailPipeline(stack, 'Photos', props({}, api));
const keyGroupsOf = (stack: Stack): cloudfront.KeyGroup[] => [
  new cloudfront.KeyGroup(stack, 'Keys', { items: [cloudfront.PublicKey.fromPublicKeyId(stack, 'PublicKey', 'K1')] }),
];
const templateOf = (stack: Stack): Template => quietly(() => Template.fromStack(stack));
const signed = ThumbnailAccess.signed();

describe('the template', () => {
  const { template, pipeline, stack } = synthesize(props());
  const revision = onlyResource(template, 'AWS::Lambda::WebFunctionRevision') as {
    readonly BuildConfig: unknown;
    readonly ServiceConfig: { readonly EnvironmentVariables: Readonly<Record<string, unknown>> };
  };

  test('the web function replaces only API Gateway and the API function', () => {
    template.resourceCountIs('AWS::Lambda::WebFunction', 1);
    template.resourceCountIs('AWS::ApiGatewayV2::Api', 0);
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 1);
    expect([pipeline.api, pipeline.apiFunction, pipeline.apiService]).toEqual([undefined, undefined, undefined]);
    expect(stack.resolve(pipeline.apiUrl)).toEqual({
      'Fn::Join': [
        '',
        ['https://', { 'Fn::GetAtt': [expect.stringMatching(/^PhotosApiWebFunctionEndpoint/), 'DomainName'] }, '/'],
      ],
    });
  });

  test('the revision starts the service of the container on Node.js 24 with 64 concurrent requests', () => {
    expect(revision).toMatchObject({
      BuildConfig: { RuntimeConfig: { Runtime: 'nodejs24.x' } },
      ServiceConfig: {
        MaxConcurrencyPerEnvironment: 64,
        TimeoutSeconds: 80,
        EnvironmentVariables: {
          AWS_LAMBDA_NODEJS_ENTRYPOINT: 'service.js',
          SERVICE_MODE: 'api',
          WORKER_PROCESSES: '3',
          MEMORY_LIMIT_MIB: '618',
          MAX_QUEUED_RENDERS: '64',
          MALLOC_ARENA_MAX: '2',
          STORAGE: 's3',
        },
      },
    });
  });

  test('the environment contains neither an address nor the response limit of API Gateway', () => {
    const names = Object.keys(revision.ServiceConfig.EnvironmentVariables);
    expect(names.filter((name) => ['HOST', 'PORT', 'MAX_RESPONSE_BYTES', 'QUEUE_URL'].includes(name))).toEqual([]);
  });

  test('the code bucket is versioned and encrypted with keys of Amazon S3', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    });
  });

  test('the role has the permissions of an API function', () => {
    const onFunction = permissionsOf(synthesize({ api: {} }).template, 'PhotosApiFunctionRole');
    expect(onFunction.length).toBeGreaterThan(5);
    expect(permissionsOf(template, 'PhotosApiWebFunctionRole')).toEqual(onFunction);
  });

  test('the default limits of images fit into the memory of an execution environment', () => {
    expect(warningsOf(stack).filter((warning) => warning.includes('littleMemory'))).toEqual([]);
  });
});

test('the options apply to the revision and to its endpoint', () => {
  const { template } = synthesize(
    props({ maxConcurrencyPerEnvironment: 8, maxEnvironments: 20, rateLimit: 300, timeout: Duration.seconds(25) }),
  );
  template.hasResourceProperties('AWS::Lambda::WebFunctionRevision', {
    ServiceConfig: { MaxConcurrencyPerEnvironment: 8, TimeoutSeconds: 25 },
  });
  template.hasResourceProperties('AWS::Lambda::WebFunctionEndpoint', {
    ScalingConfig: { MaxEnvironments: 20 },
    ThrottleConfig: { RateLimit: 300 },
  });
});

test('an existing role receives the permissions', () => {
  const { template } = synthesize((stack) =>
    props({ role: new iam.Role(stack, 'Own', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }) }),
  );
  expect(permissionsOf(template, 'Own')).toContainEqual(expect.stringMatching(/^logs:PutLogEvents/));
  expect(Object.keys(template.findResources('AWS::IAM::Role')).join()).not.toContain('PhotosApiWebFunctionRole');
});

describe('the code bucket', () => {
  const CODE = { Ref: Match.stringLikeRegexp('^Code') };
  const withBucket = (bucketProps: s3.BucketProps) => () =>
    synthesize((stack) => props({ codeBucket: new s3.Bucket(stack, 'Code', bucketProps) }));

  test('an existing bucket with versioning can store the code', () => {
    const { template } = withBucket({ versioned: true })();
    const policy = JSON.stringify(onlyResource(template, 'AWS::S3::BucketPolicy', { Properties: { Bucket: CODE } }));
    expect(policy).toContain('s3:GetObjectVersion');
    expect(policy).toContain('web-function/');
  });

  test.each([
    ['without versioning', { versioned: false }],
    ['with an AWS managed KMS key', { versioned: true, encryption: s3.BucketEncryption.KMS_MANAGED }],
  ])('a bucket %s is rejected at synthesis', (_name, bucketProps) => {
    expect(withBucket(bucketProps)).toThrow();
  });
});

describe('access', () => {
  test('the endpoint uses IAM authorization for IAM access only', () => {
    expect(authTypeOf()).toBe('IamAuth');
    expect(authTypeOf({ access: ThumbnailAccess.iam() })).toBe('IamAuth');
    expect(authTypeOf({ access: ThumbnailAccess.publicRead() })).toBe('ApplicationManaged');
    expect(authTypeOf({ access: signed, writeAccess: signed })).toBe('ApplicationManaged');
  });

  test('grantApiRead grants one action on the endpoint', () => {
    const stack = newStack();
    const user = new iam.Role(stack, 'Caller', { assumedBy: new iam.AccountRootPrincipal() });
    const pipeline = pipelineIn(stack);
    pipeline.grantApiRead(user);
    expect(permissionsOf(templateOf(stack), 'Caller')).toEqual([
      expect.stringMatching(/^lambda:InvokeWebFunctionEndpoint on .*PhotosApiWebFunctionEndpoint/),
    ]);
    expect(() => pipeline.grantApiWrite(user)).toThrow('grantApiWrite');
  });

  test('a distribution requires an endpoint without IAM authorization', () => {
    const stack = newStack();
    expect(() => pipelineIn(stack).addDistribution('Cdn', { trustedKeyGroups: keyGroupsOf(stack) })).toThrow(
      /addDistribution: .*IAM authorization/,
    );
    const pipeline = pipelineIn(newStack(), { access: ThumbnailAccess.publicRead() });
    expect(() => pipeline.addDistribution()).not.toThrow();
  });

  test('a distribution in front of signed links adds its secret to the environment', () => {
    const stack = newStack();
    const pipeline = pipelineIn(stack, { access: signed });
    pipeline.addDistribution('Cdn', { trustedKeyGroups: keyGroupsOf(stack) });
    templateOf(stack).hasResourceProperties('AWS::Lambda::WebFunctionRevision', {
      ServiceConfig: {
        EnvironmentVariables: {
          DISTRIBUTION_SECRET: stack.resolve(pipeline.distributionSecret!.secretArn) as unknown,
          SERVICE_MODE: 'api',
        },
      },
    });
  });

  test('an authorizer of API Gateway causes an error with the reason', () => {
    const handler = (stack: Stack): lambda.IFunction =>
      lambda.Function.fromFunctionName(stack, 'Authorizer', 'authorizer');
    expect(
      problemsOf((stack) =>
        props({}, { access: ThumbnailAccess.authorizer(new HttpLambdaAuthorizer('Users', handler(stack))) }),
      ),
    ).toEqual([expect.stringMatching(/^api\.compute\.access: an authorizer .*API Gateway/)]);
  });
});

test('a web function as worker causes an error with the alternatives', () => {
  const rejected = expect.stringMatching(
    /webFunction: .*queue.*lambda\(\), fargate\(\), ecs\(\) or hybrid\(\)/,
  ) as unknown;
  expect(problemsOf({ compute: ThumbnailCompute.webFunction() })).toEqual([rejected]);
  expect(problemsOf({ compute: ThumbnailCompute.hybrid({ small: ThumbnailCompute.webFunction() }) })).toContainEqual(
    rejected,
  );
  expect(problemsOf({ compute: ThumbnailCompute.hybrid({ large: ThumbnailCompute.webFunction() }) })).toContainEqual(
    rejected,
  );
});

test.each([
  ['maxConcurrencyPerEnvironment', { maxConcurrencyPerEnvironment: 129 }],
  ['maxEnvironments', { maxEnvironments: 1 }],
  ['rateLimit', { rateLimit: 1500 }],
  ['rateLimit', { rateLimit: 50 }],
  ['timeout', { timeout: Duration.seconds(901) }],
  ['timeout', { timeout: Duration.seconds(20) }],
])('an invalid %s is rejected', (prop, options) => {
  expect(problemsOf(props(options))).toEqual([expect.stringMatching(new RegExp(`^api\\.compute\\.${prop}: `))]);
});

test('an older aws-cdk-lib causes an error with the required version', () => {
  const context = { maxDuration: Duration.seconds(20), runsWorker: false };
  expect(validateWebFunctionOptions({}, context)).toEqual([]);
  const names = Object.keys(lambda).filter((name) => name !== 'WebFunction');
  const older = Object.fromEntries(names.map((name) => [name, lambda[name as keyof typeof lambda]]));
  expect(validateWebFunctionOptions({}, context, older)).toEqual([
    expect.stringMatching(/^webFunction: requires aws-cdk-lib 2\.276\.0 or newer/),
  ]);
});

test('the web function supports a worker on any compute type', () => {
  const { template } = synthesize({ ...props(), compute: ThumbnailCompute.fargate() });
  template.resourceCountIs('AWS::ECS::Service', 1);
  template.resourceCountIs('AWS::Lambda::WebFunction', 1);
});
