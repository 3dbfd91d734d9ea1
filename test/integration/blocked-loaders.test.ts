import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBundles, type Bundles } from '../support/bundles';
import { SETTINGS } from '../support/service-process';

// Whichever door a process comes in by, from its first moment on it can read no format that is not served.

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
 * Loaded before the door: as soon as that has loaded sharp and is done with its first turn, sharp is asked to read what it
 * should not, and the answers are written down. An exit before that is put off.
 */
const PROBE = `
const { writeFileSync } = require('node:fs');
const Module = require('node:module');
const load = Module._load;
let exit;
let asked = false;
process.exit = ((really) => (code) => { exit = () => really.call(process, code); })(process.exit);
Module._load = function (name, ...rest) {
  const loaded = load.call(this, name, ...rest);
  if (name === 'sharp' && !asked) {
    asked = true;
    setImmediate(async () => {
      const ask = (input) => loaded(input).metadata().then(() => 'read', (error) => error.message);
      const answers = {
        ppm: await ask(Buffer.from('P3\\n1 1\\n255\\n1 2 3\\n')),
        svg: await ask(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')),
        csv: await ask(process.env.PROBE_CSV),
        file: await ask(process.env.PROBE_PNG),
        png: await ask(require('node:fs').readFileSync(process.env.PROBE_PNG)),
      };
      writeFileSync(process.env.PROBE_ANSWERS, JSON.stringify(answers));
      process.kill(process.pid, 'SIGKILL');
    });
  }
  return loaded;
};
`;
/** One pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

test.each(['upload-function', 'api-function', 'service', 'worker-process', 'studio', 'cdk-thumbnails'] as const)(
  '%s',
  (door) => {
    const place = (name: string): string => join(folder, `${door}-${name}`);
    writeFileSync(place('probe.js'), PROBE);
    writeFileSync(place('table.csv'), '1,2\n3,4\n');
    writeFileSync(place('pixel.png'), Buffer.from(PNG, 'base64'));
    const { stderr } = spawnSync(process.execPath, ['--require', place('probe.js'), bundles.path(door), 'render'], {
      encoding: 'utf8',
      timeout: 60_000,
      killSignal: 'SIGKILL',
      env: {
        ...process.env,
        ...SETTINGS,
        STORAGE: 'directory',
        SOURCE_DIRECTORY: place('images'),
        THUMBNAIL_DIRECTORY: place('thumbnails'),
        PROBE_ANSWERS: place('answers.json'),
        PROBE_CSV: place('table.csv'),
        PROBE_PNG: place('pixel.png'),
      },
    });
    const answers = JSON.parse(readFileSync(place('answers.json'), 'utf8')) as Record<string, string>;
    expect({ stderr, ...answers }).toEqual({
      stderr,
      ppm: expect.stringContaining('unsupported image format') as unknown,
      svg: expect.stringContaining('unsupported image format') as unknown,
      csv: expect.stringContaining('unsupported image format') as unknown,
      file: expect.stringContaining('unsupported image format') as unknown,
      png: 'read',
    });
  },
);
