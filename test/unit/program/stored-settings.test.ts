import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SettingsError } from '../../../runtime/config/parse-environment';
import { withStoredSettings } from '../../../runtime/program/stored-settings';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cdk-thumbnails-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileWith(text: string): Promise<string> {
  const path = join(folder, 'settings é.json');
  await writeFile(path, text);
  return pathToFileURL(path).href;
}

test('withStoredSettings() does not change an environment without a URI', async () => {
  const environment = { THUMBNAILS: '[]' };
  expect(await withStoredSettings(environment)).toBe(environment);
});

test('withStoredSettings() adds the members of the file as environment variables', async () => {
  const SETTINGS_URI = await fileWith('{"THUMBNAILS":[{"name":"small"}],"LIMITS":{"maxFrames":3},"RULES":[]}');
  expect(await withStoredSettings({ SETTINGS_URI, STORAGE: 's3' })).toEqual({
    SETTINGS_URI,
    STORAGE: 's3',
    THUMBNAILS: '[{"name":"small"}]',
    LIMITS: '{"maxFrames":3}',
    RULES: '[]',
  });
});

test.each([
  ['another variable', '{"STORAGE":"s3"}', {}],
  ['a variable of the environment', '{"RULES":[]}', { RULES: '[]' }],
  ['an array', '[]', {}],
  ['no JSON', '{', {}],
])('withStoredSettings() rejects a file with %s', async (_, text, environment) => {
  const SETTINGS_URI = await fileWith(text);
  await expect(withStoredSettings({ ...environment, SETTINGS_URI })).rejects.toBeInstanceOf(SettingsError);
});

test.each(['settings.json', 'https://example.com/settings.json', 's3://bucket', 's3:///key', 'file:///missing.json'])(
  'withStoredSettings() rejects the URI %s',
  async (SETTINGS_URI) => {
    await expect(withStoredSettings({ SETTINGS_URI })).rejects.toMatchObject({
      problems: [expect.stringMatching(/^SETTINGS_URI: /)],
    });
  },
);
