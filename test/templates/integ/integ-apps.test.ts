// Synthesizes the apps of test/integ, which integ-runner deploys to an account.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quietly } from '../../support/templates/stacks';

const folder = join(__dirname, '../../integ');
/** For each app, a resource type that only the tested compute creates. */
const COMPUTES: Readonly<Record<string, string>> = {
  'integ.ecs.ts': 'AWS::ECS::CapacityProvider',
  'integ.fargate.ts': 'AWS::ECS::Service',
  'integ.hybrid.ts': 'AWS::ECS::Service',
  'integ.lambda.ts': 'AWS::Lambda::EventSourceMapping',
  'integ.managed-instances.ts': 'AWS::Lambda::CapacityProvider',
  'integ.web-function.ts': 'AWS::Lambda::WebFunction',
};

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

interface IntegManifest {
  readonly testCases: Readonly<
    Record<string, { readonly stacks: readonly string[]; readonly assertionStackName: string }>
  >;
}

/** Synthesizes a file into a folder. Returns the resources of the tested stack and of its assertions. */
function synthesizeFile(
  file: string,
  output: string,
): { readonly tested: Resource[]; readonly assertions: Resource[] } {
  process.env['CDK_OUTDIR'] = output;
  quietly(() => jest.isolateModules(() => jest.requireActual<object>(join(folder, file))));
  const read = (name: string): unknown => JSON.parse(readFileSync(join(output, name), 'utf8'));
  const [testCase] = Object.values((read('integ.json') as IntegManifest).testCases);
  const resourcesOf = (stack: string): Resource[] =>
    Object.values((read(`${stack}.template.json`) as { Resources: Record<string, Resource> }).Resources);
  return {
    tested: testCase!.stacks.flatMap(resourcesOf),
    assertions: resourcesOf(testCase!.assertionStackName.replaceAll('/', '')),
  };
}

test('every app of test/integ has a tested compute', () => {
  expect(
    readdirSync(folder)
      .filter((name) => name.startsWith('integ.'))
      .toSorted(),
  ).toEqual(Object.keys(COMPUTES));
});

describe.each(Object.entries(COMPUTES))('%s', (file, type) => {
  let output: string;
  let resources: ReturnType<typeof synthesizeFile>;
  beforeAll(() => {
    output = mkdtempSync(join(tmpdir(), 'integ-'));
    resources = synthesizeFile(file, output);
  });
  afterAll(() => {
    delete process.env['CDK_OUTDIR'];
    rmSync(output, { recursive: true, force: true });
  });

  test('the stack has the compute and deletes the objects of its buckets', () => {
    const types = resources.tested.map(({ Type }) => Type);
    expect(types).toContain(type);
    const buckets = types.filter((each) => each === 'AWS::S3::Bucket');
    expect(types.filter((each) => each === 'Custom::S3AutoDeleteObjects')).toHaveLength(buckets.length);
  });

  test('the assertions upload an image, wait for its manifest and request it from the API', () => {
    const { assertions } = resources;
    const one = (prefix: string): Resource => {
      const found = assertions.filter(({ Type }) => Type.startsWith(prefix));
      expect([prefix, found]).toEqual([prefix, [expect.anything()]]);
      return found[0]!;
    };
    const key = JSON.stringify('integ/teal.png');
    expect(one('Custom::DeployAssert@SdkCallS3copyObject').Properties['parameters']).toMatchObject({ Key: key });
    const manifest = one('Custom::DeployAssert@SdkCallS3getObject').Properties;
    expect(manifest).toMatchObject({
      outputPaths: ['Body.status'],
      expected: expect.stringContaining('ready') as string,
    });
    expect(manifest['stateMachineArn']).toBeDefined();
    const response = one('Custom::DeployAssert@HttpCall').Properties;
    expect(response['expected']).toContain('"status":200');
    expect(JSON.stringify(response['parameters'])).toMatch(/(?<!\/)\/images\/integ\/teal\.png/);
    one('AWS::StepFunctions::StateMachine');
  });
});
