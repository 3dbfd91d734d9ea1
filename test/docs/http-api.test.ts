import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { WEB_VARIABLES } from '../../lambda/contract';
import { assemble } from '../../lambda/entry/assemble';
import { listen, type Listener } from '../../lambda/entry/server';
import { webFace } from '../../lambda/entry/web';
import { createApp } from '../../lambda/http';
import { quadrants } from '../support/images';

const run = promisify(execFile);
const text = readFileSync(join(__dirname, '../../docs/http-api.md'), 'utf8');

/** Every example, and the output that is promised below it. */
const examples = [...text.matchAll(/^```sh\n([\s\S]*?)^```\n\n```text\n([\s\S]*?)^```/gm)].map(
  ([, commands, output]) => ({ commands: commands!, output: output! }),
);

let folder: string;
let server: Listener;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-docs-'));
  const images = join(folder, 'images');
  mkdirSync(join(images, 'trip'), { recursive: true });
  const photo = await quadrants({ width: 640, height: 480 });
  writeFileSync(join(images, 'trip/cat.jpg'), photo);
  writeFileSync(join(images, 'trip/notes.jpg'), 'no picture');
  writeFileSync(join(folder, 'cat.jpg'), photo);
  const environment = {
    STORE: 'directory',
    SOURCE: images,
    THUMBNAIL_STORE: join(folder, 'thumbnails'),
    THUMBNAILS: JSON.stringify([
      {
        name: 'small',
        fit: 'inside',
        width: 200,
        height: 200,
        formats: [{ type: 'jpeg' }, { type: 'webp' }, { type: 'avif', effort: 0 }],
      },
    ]),
    [WEB_VARIABLES.writeAccess]: 'open',
  };
  const program = await assemble(environment);
  const app = createApp({ ...webFace(program, environment), pipeline: program.pipeline, version: '1' });
  server = await listen(app, { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

test('every example has its output', () => {
  expect(examples).toHaveLength(text.split('```sh').length - 1);
  expect(examples.length).toBeGreaterThanOrEqual(5);
});

test.each(examples)('$commands', async ({ commands, output }) => {
  const { stdout, stderr } = await run('sh', ['-e', '-c', commands], {
    cwd: folder,
    env: { PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter), API: server.url },
  });
  expect(stderr).toBe('');
  const parts = output.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  expect(stdout.replaceAll('\r', '')).toMatch(new RegExp(`^${parts.join('.+')}$`));
});
