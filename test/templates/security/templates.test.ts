// What holds for every template, whatever the props.
import { CONFIGURATIONS, templates } from './configurations';
import { statementsOf, textOf } from './statements';

const all = templates();

interface Resource {
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** Resources of a type that the library makes. */
function made(configuration: string, type: string): [string, Resource['Properties']][] {
  const found = all.get(configuration)!.findResources(type) as Record<string, Resource>;
  return Object.entries(found)
    .filter(([id]) => id.startsWith('Photos'))
    .map(([id, { Properties }]) => [id.replace(/[0-9A-F]{8}$/, ''), Properties]);
}

interface Variable {
  readonly Name: string;
  readonly Value: unknown;
}

/** Environment variables of functions and containers, by their names. */
function variablesOf(configuration: string): [string, string][] {
  const functions = made(configuration, 'AWS::Lambda::Function').flatMap(([, { Environment }]) =>
    Object.entries((Environment as { readonly Variables: Record<string, unknown> }).Variables),
  );
  const containers = made(configuration, 'AWS::ECS::TaskDefinition').flatMap(([, { ContainerDefinitions }]) =>
    (ContainerDefinitions as { readonly Environment: Variable[] }[]).flatMap(({ Environment }) =>
      Environment.map(({ Name, Value }): [string, unknown] => [Name, Value]),
    ),
  );
  return [...functions, ...containers].map(([name, value]) => [name, textOf(value)]);
}

describe.each(CONFIGURATIONS)('%s', (configuration) => {
  const template = all.get(configuration)!;
  const denials = statementsOf(template).filter(
    ({ effect, conditions }) => effect === 'Deny' && conditions.includes('Bool aws:SecureTransport false'),
  );

  test('buckets and queues take TLS only', () => {
    const ids = ['AWS::S3::Bucket', 'AWS::SQS::Queue'].flatMap((type) => made(configuration, type).map(([id]) => id));
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

  test('buckets are private, without ACLs, encrypted, and stay', () => {
    for (const [, properties] of made(configuration, 'AWS::S3::Bucket')) {
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
    for (const [, properties] of made(configuration, 'AWS::SQS::Queue')) {
      expect(properties).toMatchObject({ SqsManagedSseEnabled: true });
    }
  });

  test('functions have no URL, and only the API invokes one', () => {
    template.resourceCountIs('AWS::Lambda::Url', 0);
    const permissions = Object.values(template.findResources('AWS::Lambda::Permission')) as Resource[];
    for (const { Properties } of permissions) {
      expect(Properties).toMatchObject({ Action: 'lambda:InvokeFunction', Principal: 'apigateway.amazonaws.com' });
      expect(textOf(Properties['SourceArn'])).toContain('{PhotosApiHttpApi}/');
    }
  });

  test('no environment has a secret, or what resolves to one', () => {
    const variables = variablesOf(configuration);
    expect(variables.length).toBeGreaterThan(8);
    for (const [name, value] of variables) {
      expect([name, value]).toEqual([name, expect.not.stringMatching(/\{\{resolve:|AKIA|BEGIN [A-Z ]*PRIVATE KEY/)]);
      // What is named like a secret holds the ARN of one, which opens nothing.
      if (/SECRET|KEY$|TOKEN|PASSWORD/.test(name)) {
        expect([name, value]).toEqual([
          name,
          expect.stringMatching(/^\{PhotosSigningKeys\}$|^\{SigningKeys\}$|^arn:.*:secret:/),
        ]);
      }
    }
  });

  test('containers are no root, cannot write but to scratch, and have no capabilities unless sessions are asked for', () => {
    for (const [, { ContainerDefinitions }] of made(configuration, 'AWS::ECS::TaskDefinition')) {
      const open = configuration === 'Fargate with everything';
      for (const container of ContainerDefinitions as Record<string, unknown>[]) {
        expect(container['ReadonlyRootFilesystem']).toBe(!open);
        expect(container['User']).toBe(open ? undefined : '1000:1000');
        expect(container['Privileged']).toBeUndefined();
        expect(JSON.stringify(container['LinuxParameters'])).toMatch(
          open ? /"InitProcessEnabled":true/ : /"Drop":\["ALL"\]/,
        );
      }
    }
  });

  test('nobody outside reaches a load balancer, a task or a function', () => {
    for (const [, { Scheme }] of made(configuration, 'AWS::ElasticLoadBalancingV2::LoadBalancer')) {
      expect(Scheme).toBe('internal');
    }
    const inbound = [
      ...made(configuration, 'AWS::EC2::SecurityGroup').flatMap(
        ([, { SecurityGroupIngress }]) => SecurityGroupIngress ?? [],
      ),
      ...made(configuration, 'AWS::EC2::SecurityGroupIngress').map(([, properties]) => properties),
    ] as Record<string, unknown>[];
    for (const rule of inbound) {
      const cidr = textOf(rule['CidrIp'] ?? '');
      // Endpoints of services are reached from within the VPC.
      expect(['', '{PhotosVpc.CidrBlock}']).toContain(cidr);
      expect(rule).not.toHaveProperty('CidrIpv6');
    }
  });
});
