// Properties of all templates, independent of the props.
import { CONFIGURATIONS, templates } from './configurations';
import { statementsOf, textOf } from './statements';

const all = templates();

interface Resource {
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** Returns the resources of a type that the library creates. */
function resourcesOf(configuration: string, type: string): [string, Resource['Properties']][] {
  const found = all.get(configuration)!.findResources(type) as Record<string, Resource>;
  return Object.entries(found)
    .filter(([id]) => id.startsWith('Photos'))
    .map(([id, { Properties }]) => [id.replace(/[0-9A-F]{8}$/, ''), Properties]);
}

interface Variable {
  readonly Name: string;
  readonly Value: unknown;
}

/** Returns the environment variables of functions and containers. */
function variablesOf(configuration: string): [string, string][] {
  const functions = resourcesOf(configuration, 'AWS::Lambda::Function').flatMap(([, { Environment }]) =>
    Object.entries((Environment as { readonly Variables: Record<string, unknown> }).Variables),
  );
  const containers = resourcesOf(configuration, 'AWS::ECS::TaskDefinition').flatMap(([, { ContainerDefinitions }]) =>
    (ContainerDefinitions as { readonly Environment: Variable[] }[]).flatMap(({ Environment }) =>
      Environment.map(({ Name, Value }): [string, unknown] => [Name, Value]),
    ),
  );
  const webFunctions = resourcesOf(configuration, 'AWS::Lambda::WebFunctionRevision').flatMap(([, { ServiceConfig }]) =>
    Object.entries((ServiceConfig as { readonly EnvironmentVariables: Record<string, unknown> }).EnvironmentVariables),
  );
  return [...functions, ...containers, ...webFunctions, ...podVariablesOf(configuration)].map(([name, value]) => [
    name,
    textOf(value),
  ]);
}

/** Returns the environment variables of pods in Kubernetes manifests. */
function podVariablesOf(configuration: string): [string, unknown][] {
  const resources = all.get(configuration)!.findResources('Custom::AWSCDK-EKS-KubernetesResource');
  return Object.values(resources as Record<string, Resource>).flatMap(({ Properties }) => {
    const manifests = JSON.parse(textOf(Properties['Manifest'])) as readonly KubernetesManifest[];
    const containers = manifests.flatMap(({ spec }) => spec?.template?.spec.containers ?? []);
    return containers.flatMap(({ env }) => env.map(({ name, value }): [string, unknown] => [name, value]));
  });
}

interface KubernetesManifest {
  readonly spec?: {
    readonly template?: {
      readonly spec: {
        readonly containers: readonly { readonly env: readonly { readonly name: string; readonly value: string }[] }[];
      };
    };
  };
}

describe.each(CONFIGURATIONS)('%s', (configuration) => {
  const template = all.get(configuration)!;
  const denials = statementsOf(template).filter(
    ({ effect, conditions }) => effect === 'Deny' && conditions.includes('Bool aws:SecureTransport false'),
  );

  test('buckets and queues require TLS', () => {
    const ids = ['AWS::S3::Bucket', 'AWS::SQS::Queue'].flatMap((type) =>
      resourcesOf(configuration, type).map(([id]) => id),
    );
    for (const id of ids) {
      const [denial, ...others] = denials.filter(({ of }) => of === id);
      expect([id, denial?.principals, denial?.actions, others]).toEqual([
        id,
        ['*'],
        [expect.stringMatching(/^(?:s3|sqs):\*$/)],
        [],
      ]);
    }
    expect(ids.length).toBeGreaterThan(/imported|one bucket|everything/.test(configuration) ? -1 : 3);
  });

  test('buckets are private and encrypted, with ACLs disabled', () => {
    for (const [, properties] of resourcesOf(configuration, 'AWS::S3::Bucket')) {
      expect(properties).toMatchObject({
        BucketEncryption: { ServerSideEncryptionConfiguration: [{}] },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      });
      expect(properties).not.toHaveProperty('AccessControl');
      expect(properties).not.toHaveProperty('WebsiteConfiguration');
    }
  });

  test('queues are encrypted', () => {
    for (const [, properties] of resourcesOf(configuration, 'AWS::SQS::Queue')) {
      expect(properties).toMatchObject({ SqsManagedSseEnabled: true });
    }
  });

  test('only the HTTP API can invoke the API function, which has no function URL', () => {
    template.resourceCountIs('AWS::Lambda::Url', 0);
    const permissions = Object.values(template.findResources('AWS::Lambda::Permission')) as Resource[];
    for (const { Properties } of permissions) {
      expect(Properties).toMatchObject({ Action: 'lambda:InvokeFunction', Principal: 'apigateway.amazonaws.com' });
      expect(textOf(Properties['SourceArn'])).toContain('{PhotosApiHttpApi}/');
    }
  });

  test('environment variables contain no secrets and no references that resolve to secrets', () => {
    const variables = variablesOf(configuration);
    expect(variables.length).toBeGreaterThan(8);
    for (const [name, value] of variables) {
      expect([name, value]).toEqual([name, expect.not.stringMatching(/\{\{resolve:|AKIA|BEGIN [A-Z ]*PRIVATE KEY/)]);
      // The value of a variable with the name of a secret is the ARN of the secret.
      if (/SECRET|KEY$|TOKEN|PASSWORD/.test(name)) {
        expect([name, value]).toEqual([
          name,
          expect.stringMatching(/^\{PhotosSigningKeys\}$|^\{SigningKeys\}$|^arn:.*:secret:/),
        ]);
      }
    }
  });

  test('containers without ECS Exec have no root user, no capabilities and a read-only root file system', () => {
    for (const [, { ContainerDefinitions }] of resourcesOf(configuration, 'AWS::ECS::TaskDefinition')) {
      const hasExec = configuration === 'Fargate with everything';
      for (const container of ContainerDefinitions as Record<string, unknown>[]) {
        expect(container['ReadonlyRootFilesystem']).toBe(!hasExec);
        expect(container['User']).toBe(hasExec ? undefined : '1000:1000');
        expect(container['Privileged']).toBeUndefined();
        expect(JSON.stringify(container['LinuxParameters'])).toMatch(
          hasExec ? /"InitProcessEnabled":true/ : /"Drop":\["ALL"\]/,
        );
      }
    }
  });

  test('load balancers, tasks and functions accept no traffic from outside their VPC', () => {
    for (const [, { Scheme }] of resourcesOf(configuration, 'AWS::ElasticLoadBalancingV2::LoadBalancer')) {
      expect(Scheme).toBe('internal');
    }
    const inbound = [
      ...resourcesOf(configuration, 'AWS::EC2::SecurityGroup').flatMap(
        ([, { SecurityGroupIngress }]) => SecurityGroupIngress ?? [],
      ),
      ...resourcesOf(configuration, 'AWS::EC2::SecurityGroupIngress').map(([, properties]) => properties),
    ] as Record<string, unknown>[];
    for (const rule of inbound) {
      const cidr = textOf(rule['CidrIp'] ?? '');
      // Interface endpoints accept traffic from the VPC.
      expect(['', '{PhotosVpc.CidrBlock}']).toContain(cidr);
      expect(rule).not.toHaveProperty('CidrIpv6');
    }
  });
});
