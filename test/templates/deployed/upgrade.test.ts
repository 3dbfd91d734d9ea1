import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { withoutHashes } from '../../support/templates/stacks';
import { replacements } from './replacements';
import { readJson, synthesizeApp, type Template } from './synthesized-app';

/** Templates of each release, written by `npm run release:freeze`. */
const releases = join(__dirname, 'releases');
const versions = readdirSync(releases);

let templates: Readonly<Record<string, Template>>;
beforeAll(() => {
  templates = Object.fromEntries(
    Object.entries(synthesizeApp().templates).map(([stack, template]) => [stack, withoutHashes(template) as Template]),
  );
});

describe.each(versions)('a stack of release %s', (version) => {
  const stacks = readdirSync(join(releases, version)).map((file) => file.replace('.json', ''));

  test('a release has a template for Lambda and a template for Fargate', () => {
    expect(stacks).toEqual(['ThumbnailsFargate', 'ThumbnailsLambda']);
  });

  test.each(stacks)('%s keeps all of its resources in an update', (stack) => {
    const before = readJson(join(releases, version, `${stack}.json`)) as Template;
    expect(replacements(stack, before, templates[stack]!)).toEqual([]);
  });
});

test('the test helper detects replaced and removed resources', () => {
  const stack = 'ThumbnailsLambda';
  const before = structuredClone(templates[stack]!) as { Resources: Record<string, Resource> };
  const [queueId] = Object.entries(before.Resources).find(([, { Type }]) => Type === 'AWS::SQS::Queue')!;
  before.Resources[queueId]!.Properties['QueueName'] = 'another';
  before.Resources['GoneBucket'] = { Type: 'AWS::S3::Bucket', Properties: {} };
  expect(replacements(stack, before, templates[stack]!)).toEqual(
    expect.arrayContaining([`AWS::SQS::Queue ${queueId} replace`, 'AWS::S3::Bucket GoneBucket destroy']),
  );
});

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
}
