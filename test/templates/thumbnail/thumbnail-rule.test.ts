import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { App, Duration, Lazy, Size, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { synthesizedSettings } from '../../../cli/studio/synthesized-settings';
import { type ClientConfig, thumbnailsOf } from '../../../client';
import {
  Thumbnail,
  ThumbnailAccess,
  ThumbnailCompute,
  ThumbnailFormat,
  type ThumbnailPipelineProps,
  ThumbnailPipeline,
  ThumbnailRule,
} from '../../../lib';
import { readCoreSettings } from '../../../runtime/config/core-settings';
import { DEFAULT_LIMITS, DEFAULT_THUMBNAILS } from '../../../runtime/contract';
import { settingsByKey } from '../../../runtime/pipeline/key-settings';
import { withStoredSettings } from '../../../runtime/program/stored-settings';
import { permissionsOf } from '../../support/templates/permissions';
import { errorFor, onlyResource, problemsOf, synthesize, variablesOf } from '../../support/templates/stacks';

const AVATARS = ThumbnailRule.prefix('avatars/', { thumbnails: [Thumbnail.avatar()] });
const LOCATIONS = { STORAGE: 'directory', SOURCE_DIRECTORY: '.', THUMBNAIL_DIRECTORY: '.' };
/** Returns one rule per tenant. Each rule has different thumbnails. */
const tenants = (count: number): ThumbnailRule[] =>
  Array.from({ length: count }, (_, index) =>
    ThumbnailRule.prefix(`tenants/${String(index).padStart(4, '0')}/`, {
      thumbnails: [Thumbnail.inside('own', index + 1)],
    }),
  );

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'rules-'))));
afterEach(() => rmSync(directory, { recursive: true }));

/**
 * Synthesizes a stack into the directory. Returns its template and the settings that the runtime reads from the
 * assembly.
 */
function deploy(props: ThumbnailPipelineProps) {
  const app = new App({ outdir: directory });
  const stack = new Stack(app, 'Photos', { env: { account: '111111111111', region: 'eu-west-1' } });
  const pipeline = new ThumbnailPipeline(stack, 'Photos', props);
  const template = Template.fromStack(stack);
  app.synth();
  const { variables } = synthesizedSettings(directory, 'lambda');
  return { pipeline, template, settings: readCoreSettings({ ...variables, ...LOCATIONS }) };
}

test('the runtime applies the rules of the props', () => {
  const { settings } = deploy({
    limits: { maxPixels: 1000 },
    rules: [AVATARS, ThumbnailRule.suffix('.png', { limits: { maxFileSize: Size.kibibytes(1) } })],
  });
  const settingsOf = settingsByKey(settings);
  expect(settingsOf('avatars/ann.png').thumbnails.map(({ name, width }) => [name, width])).toEqual([['avatar', 192]]);
  expect(settingsOf('plan.PNG')).toMatchObject({
    thumbnails: DEFAULT_THUMBNAILS,
    limits: { ...DEFAULT_LIMITS, maxPixels: 1000, maxFileSizeBytes: 1024 },
  });
  expect(settingsOf('cat.jpg')).toMatchObject({ thumbnails: DEFAULT_THUMBNAILS, limits: { maxPixels: 1000 } });
});

test('a thousand rules add no resources to a pipeline', () => {
  const countOf = (template: Template) => Object.keys((template.toJSON() as { Resources: object }).Resources).length;
  const without = synthesize().template;
  const { template, settings } = deploy({ rules: tenants(1000) });
  expect(countOf(template)).toBe(countOf(without));
  expect(settings.rules).toHaveLength(1000);
  expect(settingsByKey(settings)('tenants/0999/cat.jpg').thumbnails[0]).toMatchObject({ name: 'own', width: 1000 });
});

test('the template stores large settings in a file asset that only the runtime can read', async () => {
  const { template } = deploy({ rules: tenants(30) });
  const variables = variablesOf(template);
  expect(Object.keys(variables)).not.toContain('RULES');
  const uri = JSON.stringify(variables['SETTINGS_URI']);
  const hash = /s3:\/\/[^/]+\/([0-9a-f]{64})\.json/.exec(uri)![1]!;
  const roles = ['PhotosUploadFunction', 'PhotosApiFunction'];
  for (const role of roles) {
    expect(permissionsOf(template, role).filter((line) => line.includes(hash))).toEqual([
      expect.stringMatching(/^s3:GetObject on arn:AWS::Partition:s3:::cdk-[^*]*\.json$/),
    ]);
  }
  const file = join(directory, `asset.${hash}.json`);
  const environment = await withStoredSettings({ ...LOCATIONS, SETTINGS_URI: pathToFileURL(file).href });
  expect(readCoreSettings(environment).rules).toHaveLength(30);
  const assets = JSON.parse(readFileSync(join(directory, 'Photos.assets.json'), 'utf8')) as { files: object };
  expect(assets.files).toHaveProperty(hash);
});

test('a stack of a stage refers to the file in the directory of the app', () => {
  const app = new App({ outdir: directory });
  const stage = new Stage(app, 'Prod');
  new ThumbnailPipeline(new Stack(stage, 'Photos'), 'Photos', { rules: tenants(30) });
  app.synth();
  const assembly = join(directory, 'assembly-Prod');
  expect(readCoreSettings({ ...synthesizedSettings(assembly, 'lambda').variables, ...LOCATIONS }).rules).toHaveLength(
    30,
  );
});

test('large settings that contain tokens cause an error', () => {
  const width = Lazy.number({ produce: () => 200 });
  expect(() => synthesize({ thumbnails: [Thumbnail.inside('small', width)], rules: tenants(30) })).toThrow(/tokens/);
});

test('the timeout and the memory of the compute depend on the largest limits of all rules', () => {
  const rules = [ThumbnailRule.prefix('scans/', { limits: { maxDuration: Duration.seconds(100) } })];
  const timeoutOf = (props: ThumbnailPipelineProps) =>
    onlyResource(synthesize(props).template, 'AWS::Lambda::Function', {
      Properties: { Handler: 'upload-function.handler' },
    })['Timeout'] as number;
  expect(timeoutOf({ rules, apiEnabled: false })).toBeGreaterThan(100);
  expect(timeoutOf({ rules, apiEnabled: false })).toBe(
    timeoutOf({ limits: { maxDuration: Duration.seconds(100) }, apiEnabled: false }),
  );
  const scans = ThumbnailRule.prefix('scans/', { limits: { maxFileSize: Size.gibibytes(1) } });
  expect(
    problemsOf({
      rules: [scans],
      api: { writeAccess: ThumbnailAccess.iam(), uploads: { maxSize: Size.gibibytes(1) } },
    }),
  ).toEqual([]);
});

test('a distribution requires equal formats for equal thumbnail names', () => {
  const pipelineWith = (...formats: ThumbnailFormat[]) =>
    synthesize({
      api: { access: ThumbnailAccess.publicRead() },
      rules: [ThumbnailRule.prefix('a/', { thumbnails: [Thumbnail.inside('small', 50, { formats })] }), AVATARS],
    }).pipeline;
  pipelineWith(ThumbnailFormat.webp({ quality: 50 })).addDistribution();
  expect(() => pipelineWith(ThumbnailFormat.jpeg()).addDistribution()).toThrow(/rules: small has the formats/);
});

test('the client configuration contains the thumbnails of the rules', () => {
  const { pipeline } = synthesize({
    rules: [ThumbnailRule.suffix('.gif', { limits: { maxFrames: 5 } }), AVATARS],
    api: { access: ThumbnailAccess.publicRead() },
  });
  const text = JSON.stringify(Stack.of(pipeline).resolve(pipeline.clientConfig));
  const rules = /\\"rules\\":(\[.*\])\}"/.exec(text)![1]!.replaceAll('\\"', '"');
  const config = { url: '', thumbnails: [], rules: JSON.parse(rules) as ClientConfig['rules'] };
  expect(thumbnailsOf(config, 'avatars/a.gif')).toEqual([]);
  expect(thumbnailsOf(config, 'avatars/a.jpg').map(({ name }) => name)).toEqual(['avatar']);
});

describe('validation', () => {
  const thumbnails = [Thumbnail.avatar()];
  const prefix = (text: string) => ThumbnailRule.prefix(text, { thumbnails });
  const suffix = (text: string) => ThumbnailRule.suffix(text, { thumbnails });

  test.each<[string, ThumbnailPipelineProps, unknown]>([
    ['an empty prefix', { rules: [prefix('')] }, errorFor('rules[0].prefix', '0 bytes', '1 to 1024 bytes')],
    ['a leading slash', { rules: [prefix('/a')] }, errorFor('rules[0].prefix', '"/a"', 'without a leading slash')],
    ['a token', { rules: [prefix(Lazy.string({ produce: () => 'a/' }))] }, errorFor('rules[0].prefix', 'token')],
    [
      'no change',
      { rules: [ThumbnailRule.prefix('a/', {})] },
      errorFor('rules[0].options.thumbnails', 'changes nothing'),
    ],
    [
      'an invalid limit',
      { rules: [ThumbnailRule.prefix('a/', { limits: { maxFrames: 0 } })] },
      errorFor('rules[0].options.limits.maxFrames', '0', '1 to 10,000'),
    ],
    [
      'an invalid thumbnail',
      { rules: [ThumbnailRule.prefix('a/', { thumbnails: [Thumbnail.inside('A', 1)] })] },
      errorFor('rules[0].options.thumbnails[0].name', '"A"'),
    ],
    ['a narrower prefix later', { rules: [prefix('a/'), prefix('a/b/')] }, errorFor('rules[1].prefix', 'rules[0]')],
    ['a longer suffix later', { rules: [suffix('.PNG'), suffix('x.png')] }, errorFor('rules[1].suffix', 'rules[0]')],
    [
      'a prefix outside of the source prefix',
      { sourcePrefix: 'in/', rules: [prefix('out/')] },
      errorFor('rules[0].prefix', '"out/"', '"in/"'),
    ],
    [
      'a suffix outside of the source suffixes',
      { sourceSuffixes: ['.jpg'], rules: [suffix('.png')] },
      errorFor('rules[0].suffix', '".png"', '.jpg'),
    ],
    ['too many rules', { rules: tenants(5001) }, errorFor('rules', '5001 rules', 'at most 5000')],
    ['another type', { rules: ['a/' as unknown as ThumbnailRule] }, errorFor('rules', 'ThumbnailRule')],
  ])('the pipeline rejects %s', (_, props, expected) => {
    expect(problemsOf(props)).toEqual([expected]);
  });

  test('the pipeline accepts rules with disjoint keys and narrower rules before wider rules', () => {
    const rules = [prefix('in/a/b/'), prefix('in/a/'), suffix('x.png'), suffix('.PNG'), prefix('in/b')];
    expect(problemsOf({ sourcePrefix: 'in/', sourceSuffixes: ['.png', '.jpg'], rules })).toEqual([]);
    expect(problemsOf({ rules, compute: ThumbnailCompute.fargate() })).toEqual([]);
  });
});
