import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettingsFile } from '../../../cli/render/settings-file';
import { DEFAULT_LIMITS, DEFAULT_THUMBNAILS } from '../../../runtime/contract';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'settings-file-'))));
afterEach(() => rmSync(directory, { recursive: true }));

function file(content: unknown): string {
  const path = join(directory, 'settings.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

test('all settings have the defaults of a pipeline if no settings file is given', () => {
  expect(readSettingsFile()).toMatchObject({ thumbnails: DEFAULT_THUMBNAILS, limits: DEFAULT_LIMITS, allowSvg: false });
});

test('a settings file can contain thumbnails, limits, allowSvg, detectJpegCorruption and cacheControl', () => {
  const thumbnails = [{ name: 'tiny', fit: 'cover', width: 16, height: 16, formats: [{ type: 'jpeg', quality: 70 }] }];
  const path = file({
    thumbnails,
    limits: { maxPixels: 1000 },
    allowSvg: true,
    detectJpegCorruption: false,
    cacheControl: 'no-store',
  });
  expect(readSettingsFile(path)).toMatchObject({
    thumbnails,
    limits: { ...DEFAULT_LIMITS, maxPixels: 1000 },
    allowSvg: true,
    detectJpegCorruption: false,
    cacheControl: 'no-store',
  });
});

test.each([
  ['malformed JSON', '{', /^cannot read the settings in .*settings\.json: /],
  ['an unknown property', { thumbnail: [] }, /invalid settings in .*: .*"thumbnail"/],
  [
    'an invalid thumbnail',
    { thumbnails: [{ name: 'tiny' }] },
    /invalid settings in .*: thumbnails at 0\.fit: .*; thumbnails at 0\.width: /,
  ],
  ['an invalid limit', { limits: { maxPixels: -1 } }, /invalid settings in .*: limits at maxPixels: /],
  ['an invalid allowSvg', { allowSvg: 'yes' }, /invalid settings in .*: allowSvg: /],
])('the reader throws on a file with %s', (_, content, message) => {
  expect(() => readSettingsFile(file(content))).toThrow(message);
});

test('the reader throws an error if the settings file does not exist', () => {
  expect(() => readSettingsFile(join(directory, 'none.json'))).toThrow(
    /cannot read the settings in .*none\.json: ENOENT/,
  );
});
