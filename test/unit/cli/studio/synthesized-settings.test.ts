import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TemplateError } from '../../../../cli/pipeline-templates';
import { synthesizedSettings } from '../../../../cli/studio/synthesized-settings';

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

test('the reader returns the settings of a pipeline without the bucket names', () => {
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

test('if an app has two pipelines, the reader returns the pipeline with the given compute type', () => {
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

test('the reader returns the only pipeline of an app even if its compute type differs from the given type', () => {
  write({ OnLambda: { Upload: withVariables({ THUMBNAILS: '["lambda"]' }) } });
  expect(synthesizedSettings(assembly, 'fargate')).toMatchObject({ stack: 'OnLambda-deployed' });
  write({ OnFargate: { Api: withContainer({ THUMBNAILS: '["fargate"]' }) } });
  expect(synthesizedSettings(assembly, 'lambda')).toMatchObject({ stack: 'OnFargate-deployed' });
});

test('the reader throws an error for a setting that is unknown before deployment', () => {
  write({ Photos: { Upload: withVariables({ THUMBNAILS: '[]', SOURCE_PREFIX: { Ref: 'Parameter' } }) } });
  expect(() => synthesizedSettings(assembly, 'lambda')).toThrow(
    'Photos-deployed/Upload: SOURCE_PREFIX: got {"Ref":"Parameter"}, a value that is known only after deployment',
  );
});

test('the reader throws an error with the stack names for an app without a pipeline', () => {
  write({ Network: {} });
  expect(() => synthesizedSettings(assembly, 'lambda')).toThrow(
    /contains no thumbnail pipeline \(stacks: Network-deployed\).* run npx cdk synth/,
  );
});

test('the reader throws an error for a directory without a cloud assembly', () => {
  expect(() => synthesizedSettings(join(assembly, 'none'), 'lambda')).toThrow(TemplateError);
  expect(() => synthesizedSettings(join(assembly, 'none'), 'lambda')).toThrow(/manifest\.json.*run npx cdk synth/);
});
