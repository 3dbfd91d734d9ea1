import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettingsFile } from '../../../cli/render/settings-file';
import { DEFAULT_LIMITS, DEFAULT_THUMBNAILS } from '../../../runtime/contract';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'settings-file-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function file(content: unknown): string {
  const path = join(folder, 'settings.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

test('without a file the thumbnails are those of a pipeline that is given none', () => {
  expect(readSettingsFile()).toMatchObject({ thumbnails: DEFAULT_THUMBNAILS, limits: DEFAULT_LIMITS, allowSvg: false });
});

test('a file may hold thumbnails, limits, allowSvg, detectJpegCorruption and cacheControl', () => {
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
  ['no JSON', '{', /^cannot read the settings in .*settings\.json: /],
  ['a property that is none', { thumbnail: [] }, /are wrong: .*"thumbnail"/],
  [
    'a wrong thumbnail',
    { thumbnails: [{ name: 'tiny' }] },
    /are wrong: thumbnails at 0\.fit: .*; thumbnails at 0\.width: /,
  ],
  ['a wrong limit', { limits: { maxPixels: -1 } }, /are wrong: limits at maxPixels: /],
  ['a wrong allowSvg', { allowSvg: 'yes' }, /are wrong: allowSvg: /],
])('fails on a file with %s', (_, content, message) => {
  expect(() => readSettingsFile(file(content))).toThrow(message);
});

test('fails on a file that is not there', () => {
  expect(() => readSettingsFile(join(folder, 'none.json'))).toThrow(/cannot read the settings in .*none\.json: ENOENT/);
});
