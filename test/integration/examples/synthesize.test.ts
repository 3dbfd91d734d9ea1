import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { create } from 'ts-node';
import { imageLink } from '../../../examples/private-images/link';
import { Links } from '../../../runtime/http';
import { synthesizeCode } from '../../support/templates/synthesized-code';

const root = join(__dirname, '../../..');
const folder = join(root, 'examples');
const examples = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

jest.mock('cdk-thumbnails/signer', () => jest.requireActual<object>('../../../client/signer'), { virtual: true });

interface Package {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

function packageOf(path: string): Package {
  return JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Package;
}

/** Synthesizes the only stack of an example. */
function synthesize(example: string, context: Readonly<Record<string, string>> = {}): Template {
  const file = join(folder, example, 'app.ts');
  const [stack, ...others] = synthesizeCode(readFileSync(file, 'utf8'), { file, context });
  expect(others).toEqual([]);
  return Template.fromJSON(stack!.template as Record<string, unknown>);
}

/** Sets the environment variables of the CDK command line. */
beforeAll(() => Object.assign(process.env, { CDK_DEFAULT_ACCOUNT: '123456789012', CDK_DEFAULT_REGION: 'eu-west-1' }));

describe.each(examples)('%s', (example) => {
  const own = packageOf(join(folder, example));

  test('the example depends on the versions of this repository', () => {
    const { version, ...here } = packageOf(root);
    const dependencies = { ...own.dependencies, ...own.devDependencies };
    const known: Readonly<Record<string, string>> = {
      ...here.devDependencies,
      ...here.dependencies,
      'cdk-thumbnails': version,
    };
    expect(dependencies).toEqual(Object.fromEntries(Object.keys(dependencies).map((name) => [name, known[name]])));
    expect(Object.values(dependencies).filter((range) => !/^\d+\.\d+\.\d+$/.test(range))).toEqual([]);
  });

  test('the example imports only packages of its package.json', () => {
    const sources = readdirSync(join(folder, example)).filter((name) => name.endsWith('.ts'));
    const imported = sources.flatMap((name) =>
      [
        ...readFileSync(join(folder, example, name), 'utf8').matchAll(/(?:from |require\.resolve\()'([^'.][^']*)'/g),
      ].map(([, from]) => /^(?:@[^/]+\/)?[^/]+/.exec(from!)![0]),
    );
    const named = Object.keys({ ...own.dependencies, ...own.devDependencies });
    expect(imported.filter((name) => !name.startsWith('node:') && !named.includes(name))).toEqual([]);
  });

  test('the example compiles with its own tsconfig.json', () => {
    const cwd = join(folder, example);
    expect(readdirSync(cwd)).toContain('tsconfig.json');
    const service = create({ cwd, transpileOnly: true });
    expect(service.compile(readFileSync(join(cwd, 'app.ts'), 'utf8'), join(cwd, 'app.ts'))).toContain('require(');
  });

  test('the example has a cdk.json and a README with the deployment command', () => {
    expect(readFileSync(join(folder, example, 'README.md'), 'utf8')).toMatch(/^# .+\n\n[\s\S]*npx cdk deploy/);
    expect(JSON.parse(readFileSync(join(folder, example, 'cdk.json'), 'utf8'))).toEqual({
      app: 'npx ts-node -T app.ts',
    });
  });
});

test('minimal creates a complete pipeline', () => {
  const template = synthesize('minimal');
  template.resourceCountIs('AWS::S3::Bucket', 2);
  template.resourceCountIs('AWS::SQS::Queue', 2);
  template.resourceCountIs('AWS::ApiGatewayV2::Api', 1);
});

test('web serves its page, public images and signed uploads from one domain', () => {
  const template = synthesize('web');
  const [site] = Object.values(template.findResources('AWS::CloudFront::Distribution')) as {
    readonly Properties: { readonly DistributionConfig: { readonly CacheBehaviors: { PathPattern: string }[] } };
  }[];
  expect(site!.Properties.DistributionConfig.CacheBehaviors.map(({ PathPattern }) => PathPattern)).toEqual([
    '/thumbnails/*/*',
    '/thumbnails/*',
    '/images*',
  ]);
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: { READ_ACCESS: Match.absent(), WRITE_ACCESS: 'signed' } },
  });
  template.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey: 'POST /uploads', AuthorizationType: 'NONE' });
  template.resourceCountIs('Custom::CDKBucketDeployment', 1);
});

describe('private-images', () => {
  test('private-images requires signed links', () => {
    synthesize('private-images').hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { READ_ACCESS: 'signed', WRITE_ACCESS: 'signed' } },
    });
  });

  test('private-images creates valid signed links', async () => {
    const keys = { k1: 'a'.repeat(64), k2: 'b'.repeat(64) };
    const link = new URL(imageLink('https://api.example.com/', 'trip/my cat.jpg', keys));
    expect(link.pathname).toBe('/images/trip/my%20cat.jpg');
    const [id, key] = Object.entries(keys).at(-1)!;
    const links = new Links({
      keys: {
        find: (wanted) => Promise.resolve(wanted === id ? { id, key } : undefined),
        newest: () => Promise.resolve({ id, key }),
      },
      hosts: [],
      maxLifetimeSeconds: 3600,
    });
    await expect(
      links.check({ method: 'GET', host: link.host, path: link.pathname, query: link.search.slice(1) }),
    ).resolves.toBeDefined();
    await expect(
      links.check({ method: 'GET', host: link.host, path: '/images/trip/dog.jpg', query: link.search.slice(1) }),
    ).rejects.toMatchObject({ code: 'invalid-signature' });
  });
});

test('existing-bucket-fargate uses an existing bucket, an existing VPC and an API on Lambda', () => {
  const template = synthesize('existing-bucket-fargate', { bucket: 'my-uploads', vpc: 'vpc-0123456789abcdef0' });
  template.resourceCountIs('AWS::EC2::VPC', 0);
  template.resourceCountIs('AWS::S3::Bucket', 1);
  template.resourceCountIs('AWS::ECS::Service', 1);
  template.hasResourceProperties('Custom::S3BucketNotifications', { BucketName: 'my-uploads', Managed: false });
  template.resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 0);
});

test('every example has a template test in this file', () => {
  const here = readFileSync(__filename, 'utf8');
  expect(examples.filter((example) => !here.includes(`synthesize('${example}'`))).toEqual([]);
});
