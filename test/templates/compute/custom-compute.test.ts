// Custom compute types of an example app. They extend ThumbnailCompute and use the assets of ThumbnailRuntime.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import type * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpUrlIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import {
  type IThumbnailApiBinding,
  type IThumbnailWorkerBinding,
  ThumbnailAccess,
  ThumbnailCompute,
  type ThumbnailComputeBindOptions,
  ThumbnailPipeline,
  type ThumbnailPipelineApiOptions,
  ThumbnailRuntime,
  type ThumbnailWorkerBindOptions,
} from '../../../lib';
import { Ec2Compute } from '../../support/templates/ec2-compute';
import { permissionsOf } from '../../support/templates/permissions';
import { newStack, onlyResource, problemsOf, quietly, synthesize, warningsOf } from '../../support/templates/stacks';

const keyGroupsOf = (stack: Stack): cloudfront.KeyGroup[] => [
  new cloudfront.KeyGroup(stack, 'Keys', { items: [cloudfront.PublicKey.fromPublicKeyId(stack, 'PublicKey', 'K1')] }),
];
const ec2ClusterOf = (stack: Stack): ecs.Cluster => {
  const cluster = new ecs.Cluster(stack, 'Cluster', { vpc: new ec2.Vpc(stack, 'Vpc') });
  cluster.addCapacity('Machines', {
    instanceType: new ec2.InstanceType('m8g.large'),
    machineImage: ecs.EcsOptimizedImage.amazonLinux2023(ecs.AmiHardwareType.ARM),
  });
  return cluster;
};

describe('the example compute, with ECS services on EC2', () => {
  const stack = newStack();
  const pipeline = new ThumbnailPipeline(stack, 'Photos', {
    compute: new Ec2Compute(ec2ClusterOf(stack)),
    api: { access: ThumbnailAccess.signed() },
  });
  pipeline.addDistribution('Distribution', { trustedKeyGroups: keyGroupsOf(stack) });
  const template = quietly(() => Template.fromStack(stack));
  const environmentOf = (mode: string): Record<string, unknown> => {
    const { ContainerDefinitions } = onlyResource(template, 'AWS::ECS::TaskDefinition', {
      Properties: {
        ContainerDefinitions: [{ Environment: Match.arrayWith([{ Name: 'SERVICE_MODE', Value: mode }]) }],
      },
    }) as { readonly ContainerDefinitions: { readonly Environment: { Name: string; Value: unknown }[] }[] };
    return Object.fromEntries(ContainerDefinitions[0]!.Environment.map(({ Name, Value }) => [Name, Value]));
  };

  test('the example equals the code in CONTRIBUTING.md', () => {
    const root = join(__dirname, '..', '..', '..');
    const source = readFileSync(join(root, 'test', 'support', 'templates', 'ec2-compute.ts'), 'utf8');
    const [code] = /^class Ec2Compute [\s\S]*?^\}$/m.exec(source.replace('export class', 'class'))!;
    expect(readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')).toContain(code);
  });

  test('the compute runs the worker and the API with the settings of the pipeline', () => {
    template.resourceCountIs('AWS::ECS::Service', 2);
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 0);
    const worker = environmentOf('worker');
    expect(worker).toMatchObject({
      SERVICE_MODE: 'worker',
      QUEUE_URL: stack.resolve(pipeline.queue.queueUrl) as unknown,
    });
    expect(environmentOf('api')).toMatchObject({ SERVICE_MODE: 'api', THUMBNAIL_BUCKET: worker['THUMBNAIL_BUCKET'] });
    template.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 30 });
    expect([pipeline.uploadFunction, pipeline.apiFunction, pipeline.workerService, pipeline.apiService]).toEqual(
      Array(4).fill(undefined),
    );
    expect(warningsOf(stack).filter((warning) => warning.includes('cdk-thumbnails'))).toEqual([]);
  });

  test('only the API receives the secrets', () => {
    const secrets = {
      SIGNING_SECRET: stack.resolve(pipeline.signingKeys!.secretArn) as unknown,
      DISTRIBUTION_SECRET: stack.resolve(pipeline.distributionSecret!.secretArn) as unknown,
    };
    expect(environmentOf('api')).toMatchObject(secrets);
    for (const name of Object.keys(secrets)) {
      expect(environmentOf('worker')).not.toHaveProperty(name);
    }
    const readable = (role: string): string[] =>
      permissionsOf(template, role).filter((permission) => permission.startsWith('secretsmanager:'));
    expect(readable('PhotosApiTaskTaskRole')).toEqual([
      expect.stringMatching(/^secretsmanager:GetSecretValue on PhotosDistributionSecret/),
      expect.stringMatching(/^secretsmanager:GetSecretValue on PhotosSigningKeys/),
    ]);
    expect(readable('PhotosWorkerTaskTaskRole')).toEqual([]);
  });

  test('the custom compute has the same permissions on the buckets as the compute types of the library', () => {
    const onBuckets = (template: Template, role: string): string[] =>
      permissionsOf(template, role).filter((permission) => permission.startsWith('s3:'));
    const fargate = synthesize({ compute: ThumbnailCompute.fargate() }).template;
    const expected = onBuckets(fargate, 'PhotosWorkerServiceTaskRole');
    expect(expected).toHaveLength(6);
    expect(onBuckets(template, 'PhotosWorkerTaskTaskRole')).toEqual(expected);
    expect(onBuckets(template, 'PhotosApiTaskTaskRole')).toEqual(expected);
  });

  test('the compute builds the container image from the runtime folder of the architecture', () => {
    const images = Object.values(template.findResources('AWS::ECS::TaskDefinition')).map((task) =>
      JSON.stringify(
        (task as { Properties: { ContainerDefinitions: { Image: unknown }[] } }).Properties.ContainerDefinitions[0]
          ?.Image,
      ),
    );
    expect(new Set(images).size).toBe(1);
    expect(images[0]).toContain('container-assets');
  });

  test('the compute rejects a cluster without EC2 capacity', () => {
    expect(
      problemsOf((other) => ({
        compute: new Ec2Compute(new ecs.Cluster(other, 'Cluster', { vpc: new ec2.Vpc(other, 'Vpc') })),
      })),
    ).toEqual([expect.stringMatching(/^compute\.cluster: /)]);
  });
});

/** A compute type with Lambda functions and a function URL instead of API Gateway. */
class FunctionUrlCompute extends ThumbnailCompute {
  public validate(): string[] {
    return [];
  }

  public visibilityTimeout(maxDuration: Duration): Duration {
    return Duration.seconds(6 * maxDuration.toSeconds());
  }

  public bindWorker(scope: Construct, options: ThumbnailWorkerBindOptions): IThumbnailWorkerBinding {
    const worker = this.createFunction(scope, 'Worker', ThumbnailRuntime.UPLOAD_HANDLER, options);
    options.queue.grantConsumeMessages(worker);
    worker.addEventSourceMapping('Queue', { eventSourceArn: options.queue.queueArn, reportBatchItemFailures: true });
    return { grantee: worker, addEnvironment: (name, value) => worker.addEnvironment(name, value) };
  }

  public bindApi(scope: Construct, options: ThumbnailComputeBindOptions): IThumbnailApiBinding {
    const api = this.createFunction(scope, 'Server', ThumbnailRuntime.API_HANDLER, options);
    const { url } = api.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE });
    return { grantee: api, addEnvironment: (name, value) => api.addEnvironment(name, value), endpoint: url };
  }

  private createFunction(
    scope: Construct,
    id: string,
    handler: string,
    options: ThumbnailComputeBindOptions,
  ): lambda.Function {
    return new lambda.Function(scope, id, {
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: ThumbnailRuntime.functionCode(),
      handler,
      environment: ThumbnailRuntime.functionEnvironment(options),
      memorySize: 1769,
      timeout: options.maxDuration,
      logGroup: options.logGroup,
    });
  }
}

describe('a compute with an endpoint', () => {
  const variablesOf = (template: Template): Record<string, unknown> =>
    (
      onlyResource(template, 'AWS::Lambda::Function', { Properties: { Handler: 'api-function.handler' } }) as {
        readonly Environment: { readonly Variables: Record<string, unknown> };
      }
    ).Environment.Variables;
  const withApi = (
    api?: ThumbnailPipelineApiOptions,
  ): { compute: ThumbnailCompute; api?: ThumbnailPipelineApiOptions } => ({
    compute: new FunctionUrlCompute(),
    api,
  });

  test('a compute with its own endpoint needs no API Gateway HTTP API', () => {
    const { template, pipeline, stack } = synthesize(withApi({ access: ThumbnailAccess.publicRead() }));
    template.resourceCountIs('AWS::ApiGatewayV2::Api', 0);
    expect(pipeline.api).toBeUndefined();
    expect(stack.resolve(pipeline.apiUrl)).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^PhotosServerFunctionUrl/), 'FunctionUrl'],
    });
    expect(Object.keys(template.findOutputs('*'))).toContainEqual(expect.stringMatching(/^PhotosApiUrl/));
    expect(variablesOf(template)).toMatchObject({ MALLOC_ARENA_MAX: '2' });
  });

  test('the compute receives the secret of the distribution that has it as origin', () => {
    const stack = newStack();
    const pipeline = new ThumbnailPipeline(stack, 'Photos', withApi({ access: ThumbnailAccess.signed() }));
    pipeline.addDistribution('Distribution', { trustedKeyGroups: keyGroupsOf(stack) });
    const template = quietly(() => Template.fromStack(stack));
    const distribution = JSON.stringify(onlyResource(template, 'AWS::CloudFront::Distribution'));
    expect(distribution).toMatch(
      /\{"Fn::Select":\[2,\{"Fn::Split":\["\/",\{"Fn::GetAtt":\["PhotosServerFunctionUrl\w+","FunctionUrl"\]\}\]\}\]\}/,
    );
    expect(variablesOf(template)).toMatchObject({
      DISTRIBUTION_SECRET: stack.resolve(pipeline.distributionSecret!.secretArn) as unknown,
    });
  });

  test('the compute responds to CORS requests itself', () => {
    const access = ThumbnailAccess.publicRead();
    const { template } = synthesize(withApi({ access, cors: { allowOrigins: ['https://example.com'] } }));
    expect(variablesOf(template)['CORS_ORIGINS']).toBe('["https://example.com"]');
  });

  test('the compute rejects authorizers and options of API Gateway', () => {
    expect(problemsOf(withApi())).toEqual([expect.stringMatching(/^api\.access: /)]);
    expect(
      problemsOf(
        withApi({
          access: ThumbnailAccess.iam(),
          writeAccess: ThumbnailAccess.iam(),
          throttle: { rateLimit: 10 },
          cors: { allowOrigins: ['*'], maxAge: Duration.minutes(5) },
        }),
      ),
    ).toEqual([
      expect.stringMatching(/^api\.access: .*publicRead/),
      expect.stringMatching(/^api\.writeAccess: .*signed/),
      expect.stringMatching(/^api\.throttle: /),
      expect.stringMatching(/^api\.cors\.maxAge: /),
    ]);
  });

  test('the pipeline rejects grants of API access for a compute with an endpoint', () => {
    const { pipeline, stack } = synthesize(withApi({ access: ThumbnailAccess.publicRead() }));
    const user = new iam.User(stack, 'User');
    expect(() => pipeline.grantApiRead(user)).toThrow(/^Stack\/Photos: grantApiRead: .*endpoint/);
    expect(() => pipeline.grantApiWrite(user)).toThrow(/^Stack\/Photos: grantApiWrite: .*endpoint/);
  });

  test.each([
    ['https://img.example.com', 'img.example.com'],
    ['https://img.example.com:8443/', 'img.example.com:8443'],
  ])('the endpoint may be a plain URL: %s', (endpoint, host) => {
    const stack = newStack();
    const compute = new StaticCompute(stack, { endpoint });
    const pipeline = new ThumbnailPipeline(stack, 'Photos', { compute, api: { access: ThumbnailAccess.publicRead() } });
    pipeline.addDistribution();
    expect(pipeline.apiUrl).toBe(`https://${host}/`);
    const template = quietly(() => Template.fromStack(stack));
    expect(JSON.stringify(onlyResource(template, 'AWS::CloudFront::Distribution'))).toContain(`"DomainName":"${host}"`);
  });

  test.each(['http://img.example.com', 'https://img.example.com/api', 'img.example.com'])(
    'the pipeline rejects the endpoint %s',
    (endpoint) => {
      expect(
        problemsOf((stack) => ({
          compute: new StaticCompute(stack, { endpoint }),
          api: { access: ThumbnailAccess.publicRead() },
        })),
      ).toEqual([expect.stringMatching(/^compute\.endpoint: /)]);
    },
  );

  describe('with a second endpoint for writing', () => {
    const withWriteApi = (stack: Stack, endpoint: string): StaticCompute => {
      const grantee = new iam.Role(stack, 'Writer', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
      const writeApi = { grantee, addEnvironment: () => undefined, endpoint };
      return new StaticCompute(stack, { endpoint: 'https://img.example.com', writeApi });
    };
    const api = { access: ThumbnailAccess.publicRead(), writeAccess: ThumbnailAccess.signed() };

    test('the API has a URL for reading and a URL for writing, and only the principal for writing can write sources', () => {
      const stack = newStack();
      const compute = withWriteApi(stack, 'https://up.example.com');
      const pipeline = new ThumbnailPipeline(stack, 'Photos', { compute, api });
      expect([pipeline.apiUrl, pipeline.apiWriteUrl]).toEqual(['https://img.example.com/', 'https://up.example.com/']);
      const template = quietly(() => Template.fromStack(stack));
      const writes = /^s3:PutObject on .*SourceBucket/;
      expect(permissionsOf(template, 'Writer')).toContainEqual(expect.stringMatching(writes));
      expect(permissionsOf(template, 'Role').filter((line) => writes.test(line))).toEqual([]);
    });

    test('the pipeline reports an invalid URL and onlyThroughDistribution at once', () => {
      expect(
        problemsOf((stack) => ({
          compute: withWriteApi(stack, 'http://up.example.com'),
          api: { ...api, onlyThroughDistribution: true },
        })),
      ).toEqual([
        expect.stringMatching(/^compute\.writeApi\.endpoint: /),
        expect.stringMatching(/^api\.onlyThroughDistribution: /),
      ]);
    });
  });
});

/** A compute that creates only a role. */
class StaticCompute extends ThumbnailCompute {
  public workerOptions?: ThumbnailWorkerBindOptions;
  public apiOptions?: ThumbnailComputeBindOptions;
  private readonly role: iam.Role;

  public constructor(
    scope: Construct,
    private readonly api: Partial<IThumbnailApiBinding>,
  ) {
    super();
    this.role = new iam.Role(scope, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
  }

  public validate(): string[] {
    return [];
  }

  public visibilityTimeout(maxDuration: Duration): Duration {
    return Duration.seconds(maxDuration.toSeconds() * 2);
  }

  public bindWorker(_scope: Construct, options: ThumbnailWorkerBindOptions): IThumbnailWorkerBinding {
    this.workerOptions = options;
    return { grantee: this.role, addEnvironment: () => undefined };
  }

  public bindApi(_scope: Construct, options: ThumbnailComputeBindOptions): IThumbnailApiBinding {
    this.apiOptions = options;
    return { grantee: this.role, addEnvironment: () => undefined, ...this.api };
  }
}

describe('the protocol', () => {
  const integration = (): apigateway.HttpRouteIntegration => new HttpUrlIntegration('Url', 'https://example.com');

  test('the compute receives the queue, the log group, the environment and the maximum duration', () => {
    const stack = newStack();
    const compute = new StaticCompute(stack, { integration: integration() });
    const { template, pipeline } = synthesize({ compute, limits: { maxDuration: Duration.seconds(33) } }, stack);
    expect(compute.workerOptions?.queue).toBe(pipeline.queue);
    expect(compute.workerOptions?.logGroup).toBe(pipeline.logGroup);
    expect(compute.apiOptions?.environment).toEqual(compute.workerOptions?.environment);
    expect(compute.workerOptions?.maxDuration.toSeconds()).toBe(33);
    template.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 66 });
    template.hasResourceProperties('AWS::ApiGatewayV2::Integration', { IntegrationType: 'HTTP_PROXY' });
    expect(
      JSON.stringify(
        onlyResource(template, 'AWS::IAM::Policy', {
          Properties: { PolicyName: Match.stringLikeRegexp('^Role') },
        }),
      ),
    ).toMatch(/s3:GetObject.*s3:ListBucket.*s3:PutObject/);
  });

  test.each([
    ['neither an integration nor an endpoint', (): Partial<IThumbnailApiBinding> => ({})],
    ['both', (): Partial<IThumbnailApiBinding> => ({ integration: integration(), endpoint: 'https://example.com' })],
  ])('the pipeline rejects a binding of the API with %s', (_case, binding) => {
    expect(problemsOf((stack) => ({ compute: new StaticCompute(stack, binding()) }))).toEqual([
      expect.stringMatching(/^compute: .*integration.*endpoint/),
    ]);
  });

  test('the pipeline does not bind the API if apiEnabled is false', () => {
    const stack = newStack();
    const compute = new StaticCompute(stack, {});
    const { pipeline } = synthesize({ compute, apiEnabled: false }, stack);
    expect(compute.apiOptions).toBeUndefined();
    expect(pipeline.apiUrl).toBeUndefined();
    expect(() => pipeline.addDistribution()).toThrow(/^Stack\/Photos\/Distribution: pipeline: .*apiEnabled/);
  });
});

describe('ThumbnailRuntime', () => {
  test('ThumbnailRuntime rejects an unknown CPU architecture', () => {
    const stack = newStack();
    const image = ThumbnailRuntime.containerImage({ architecture: ecs.CpuArchitecture.of('RISCV') });
    const task = new ecs.FargateTaskDefinition(stack, 'Task');
    expect(() => task.addContainer('Runtime', { image })).toThrow(/^architecture: RISCV /);
  });

  test('ThumbnailRuntime has code for arm64 and x86_64', () => {
    const hashes = [lambda.Architecture.ARM_64, lambda.Architecture.X86_64].map(
      (architecture) => ThumbnailRuntime.functionCode(architecture).bind(newStack()).s3Location?.objectKey,
    );
    expect(new Set(hashes).size).toBe(2);
    expect(hashes).toEqual(hashes.map(() => expect.stringMatching(/^[0-9a-f]{64}\.zip$/) as string));
  });
});
