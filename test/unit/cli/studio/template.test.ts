import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesizedSettings, TemplateError } from '../../../../cli/studio/template';

let assembly: string;
beforeEach(() => (assembly = mkdtempSync(join(tmpdir(), 'assembly-'))));
afterEach(() => rmSync(assembly, { recursive: true }));

function write(stacks: Record<string, Record<string, unknown>>): void {
  const artifacts = Object.fromEntries(
    Object.keys(stacks).map((name) => [
      name,
      { type: 'aws:cloudformation:stack', properties: { templateFile: `${name}.json`, stackName: `${name}-deployed` } },
    ]),
  );
  writeFileSync(
    join(assembly, 'manifest.json'),
    JSON.stringify({ artifacts: { tree: { type: 'cdk:tree' }, ...artifacts } }),
  );
  for (const [name, resources] of Object.entries(stacks)) {
    writeFileSync(join(assembly, `${name}.json`), JSON.stringify({ Resources: resources }));
  }
}

const withVariables = (variables: Record<string, unknown>) => ({
  Type: 'AWS::Lambda::Function',
  Properties: { Environment: { Variables: variables } },
});

test('takes the settings of the function that has thumbnails, and leaves the buckets to the caller', () => {
  write({
    Network: { Vpc: { Type: 'AWS::EC2::VPC' } },
    Photos: {
      Other: withVariables({ THING: 'x' }),
      Upload: withVariables({
        THUMBNAILS: '[]',
        SOURCE_BUCKET: { Ref: 'Bucket' },
        THUMBNAIL_BUCKET: { Ref: 'Bucket2' },
        SOURCE_PREFIX: 'uploads/',
        NODE_OPTIONS: '--enable-source-maps',
      }),
    },
  });
  expect(synthesizedSettings(assembly, 'lambda')).toEqual({
    stack: 'Photos-deployed',
    resource: 'Upload',
    variables: { THUMBNAILS: '[]', SOURCE_PREFIX: 'uploads/' },
  });
});

const withContainer = (variables: Record<string, unknown>) => ({
  Type: 'AWS::ECS::TaskDefinition',
  Properties: {
    ContainerDefinitions: [
      { Name: 'sidecar', Image: 'proxy' },
      { Name: 'worker', Environment: Object.entries(variables).map(([Name, Value]) => ({ Name, Value })) },
    ],
  },
});

test('takes the settings of what runs as it is asked to, whichever stack comes first', () => {
  write({
    OnLambda: { Upload: withVariables({ THUMBNAILS: '["lambda"]' }) },
    OnFargate: {
      Worker: withContainer({
        THUMBNAILS: '["fargate"]',
        SOURCE_BUCKET: { Ref: 'Bucket' },
        QUEUE_URL: { Ref: 'Queue' },
        WORKER_PROCESSES: '4',
        MAX_QUEUED_RENDERS: '7',
      }),
    },
  });
  expect(synthesizedSettings(assembly, 'fargate')).toEqual({
    stack: 'OnFargate-deployed',
    resource: 'Worker',
    variables: { THUMBNAILS: '["fargate"]', MAX_QUEUED_RENDERS: '7' },
  });
  expect(synthesizedSettings(assembly, 'lambda')).toMatchObject({ stack: 'OnLambda-deployed', resource: 'Upload' });
});

test('takes those of the other kind where there is no such one', () => {
  write({ OnLambda: { Upload: withVariables({ THUMBNAILS: '["lambda"]' }) } });
  expect(synthesizedSettings(assembly, 'fargate')).toMatchObject({ stack: 'OnLambda-deployed' });
  write({ OnFargate: { Api: withContainer({ THUMBNAILS: '["fargate"]' }) } });
  expect(synthesizedSettings(assembly, 'lambda')).toMatchObject({ stack: 'OnFargate-deployed' });
});

test('fails on a setting that only a deployment knows', () => {
  write({ Photos: { Upload: withVariables({ THUMBNAILS: '[]', SOURCE_PREFIX: { Ref: 'Parameter' } }) } });
  expect(() => synthesizedSettings(assembly, 'lambda')).toThrow(
    'SOURCE_PREFIX of Photos-deployed/Upload is known only after deployment ({"Ref":"Parameter"})',
  );
});

test('fails on an app without a pipeline', () => {
  write({ Network: {} });
  expect(() => synthesizedSettings(assembly, 'lambda')).toThrow(/no thumbnail pipeline .* run npx cdk synth/);
});

test('fails on a folder that holds no assembly', () => {
  expect(() => synthesizedSettings(join(assembly, 'none'), 'lambda')).toThrow(TemplateError);
  expect(() => synthesizedSettings(join(assembly, 'none'), 'lambda')).toThrow(/manifest\.json.*run npx cdk synth/);
});
