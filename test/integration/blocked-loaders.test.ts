import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBundles, type Bundles } from '../support/processes/bundles';
import { SETTINGS } from '../support/processes/service-process';

// Every entry point must block unsupported formats as soon as it loads sharp.

let bundles: Bundles;
let folder: string;
beforeAll(() => {
  bundles = buildBundles();
  folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-blocked-'));
}, 120_000);
afterAll(() => {
  bundles.remove();
  rmSync(folder, { recursive: true });
});

/**
 * Script that Node.js loads before the entry point. When the entry point loads sharp, the script reads supported and
 * unsupported formats and writes the results to a file. If the entry point exits earlier, the script delays the exit
 * until the file is complete.
 */
const PROBE = `
const { writeFileSync } = require('node:fs');
const Module = require('node:module');
const load = Module._load;
let exit;
let isProbed = false;
process.exit = ((really) => (code) => { exit = () => really.call(process, code); })(process.exit);
Module._load = function (name, ...rest) {
  const loaded = load.call(this, name, ...rest);
  if (name === 'sharp' && !isProbed) {
    isProbed = true;
    setImmediate(async () => {
      const read = (input) => loaded(input).metadata().then(() => 'read', (error) => error.message);
      const results = {
        ppm: await read(Buffer.from('P3\\n1 1\\n255\\n1 2 3\\n')),
        svg: await read(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')),
        csv: await read(process.env.PROBE_CSV),
        file: await read(process.env.PROBE_PNG),
        png: await read(require('node:fs').readFileSync(process.env.PROBE_PNG)),
      };
      writeFileSync(process.env.PROBE_RESULTS, JSON.stringify(results));
      process.kill(process.pid, 'SIGKILL');
    });
  }
  return loaded;
};
`;
/** PNG of one pixel, base64. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

test.each(['upload-function', 'api-function', 'service', 'worker-process', 'cdk-thumbnails'] as const)('%s', (name) => {
  const pathOf = (file: string): string => join(folder, `${name}-${file}`);
  writeFileSync(pathOf('probe.js'), PROBE);
  writeFileSync(pathOf('table.csv'), '1,2\n3,4\n');
  writeFileSync(pathOf('pixel.png'), Buffer.from(PNG, 'base64'));
  const { stderr } = spawnSync(process.execPath, ['--require', pathOf('probe.js'), bundles.path(name), 'render'], {
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
    env: {
      ...process.env,
      ...SETTINGS,
      STORAGE: 'directory',
      SOURCE_DIRECTORY: pathOf('images'),
      THUMBNAIL_DIRECTORY: pathOf('thumbnails'),
      PROBE_RESULTS: pathOf('results.json'),
      PROBE_CSV: pathOf('table.csv'),
      PROBE_PNG: pathOf('pixel.png'),
    },
  });
  const results = JSON.parse(readFileSync(pathOf('results.json'), 'utf8')) as Record<string, string>;
  expect({ stderr, ...results }).toEqual({
    stderr,
    ppm: expect.stringContaining('unsupported image format') as unknown,
    svg: expect.stringContaining('unsupported image format') as unknown,
    csv: expect.stringContaining('unsupported image format') as unknown,
    file: expect.stringContaining('unsupported image format') as unknown,
    png: 'read',
  });
});
