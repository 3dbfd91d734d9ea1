import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { DEFAULT_LIMITS } from '../../../runtime/contract';
import { heic } from '../../support/heic';
import { seenQuadrants, UPRIGHT } from '../../support/images';

const ROOT = resolve(__dirname, '../../..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'engine-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('a bundle loads the HEIC decoder from its own folder', async () => {
  const options = {
    limits: DEFAULT_LIMITS,
    allowSvg: false,
    thumbnails: [{ name: 'only', fit: 'inside', width: 32, height: 32, formats: [{ type: 'png' }] }],
  };
  writeFileSync(join(folder, 'source.heic'), heic());
  await build({
    stdin: {
      contents: `import { readFileSync, writeFileSync } from 'node:fs';
        import { render } from './runtime/engine';
        render(readFileSync('source.heic'), ${JSON.stringify(options)})
          .then(({ thumbnails: [made] }) => writeFileSync('made.png', made.body));`,
      resolveDir: ROOT,
      loader: 'ts',
    },
    outfile: join(folder, 'bundle.js'),
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['sharp', 'libheif-js'],
    logLevel: 'silent',
  });
  copyFileSync(join(ROOT, 'runtime/engine/heif/heic-decoder.js'), join(folder, 'heic-decoder.js'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  execFileSync(process.execPath, ['bundle.js'], { cwd: folder, stdio: 'pipe' });
  expect(await seenQuadrants(readFileSync(join(folder, 'made.png')))).toEqual(UPRIGHT);
});
