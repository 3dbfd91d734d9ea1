import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { HTTP_VARIABLES } from '../../../runtime/contract';
import { createHttpApi, signUrl } from '../../../runtime/http';
import { listen, type Listener } from '../../../runtime/program/server';
import { assembleFrom, httpOptionsFrom } from '../../support/assemble-from';
import { quadrants } from '../../support/images';
import { buildBundles, type Bundles } from '../../support/processes/bundles';
import { installSigner } from '../../support/signer';

const run = promisify(execFile);
const text = readFileSync(join(__dirname, '../../../docs/reference/http-api.md'), 'utf8');

/** Commands with their documented output. */
const examples = [...text.matchAll(/^```sh\n([\s\S]*?)^```\n\n```text\n([\s\S]*?)^```/gm)].map(
  ([, commands, output]) => ({ commands: commands!, output: output! }),
);
/** JavaScript examples. The first line contains the file name. */
const programs = [...text.matchAll(/^```js\n(\/\/ (\S+)\n[\s\S]*?)^```/gm)].map(([, code, file]) => ({
  code: code!,
  file: file!,
}));
const SIGNING_KEYS = JSON.stringify({ k1: '0123456789abcdef0123456789abcdef' });

let folder: string;
let built: Bundles;
/** Two APIs: the first with open access, the second with signed links. */
let servers: readonly [open: Listener, signed: Listener];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-docs-'));
  const images = join(folder, 'images');
  mkdirSync(join(images, 'trip'), { recursive: true });
  const photo = await quadrants({ width: 640, height: 480 });
  writeFileSync(join(images, 'trip/cat.jpg'), photo);
  writeFileSync(join(images, 'trip/100% cat.jpg'), photo);
  writeFileSync(join(images, 'trip/notes.jpg'), 'not an image');
  writeFileSync(join(folder, 'cat.jpg'), photo);
  installSigner(folder);
  built = buildBundles();
  mkdirSync(join(folder, 'bin'));
  // Imitates npx in a project in which the package is installed.
  const npx = `#!/bin/sh\n[ "$1" = cdk-thumbnails ] && shift && exec node '${built.path('cdk-thumbnails')}' "$@"\n`;
  writeFileSync(join(folder, 'bin/npx'), npx, { mode: 0o755 });
  for (const { file, code } of programs) {
    writeFileSync(join(folder, file), code);
  }
  servers = await Promise.all([
    serve(images, { [HTTP_VARIABLES.writeAccess]: 'open' }),
    serve(images, {
      [HTTP_VARIABLES.readAccess]: 'signed',
      [HTTP_VARIABLES.writeAccess]: 'signed',
      [HTTP_VARIABLES.signingKeys]: SIGNING_KEYS,
    }),
  ]);
}, 60_000);
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  built.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(images: string, access: Readonly<Record<string, string>>): Promise<Listener> {
  const environment = {
    STORAGE: 'directory',
    SOURCE_DIRECTORY: images,
    THUMBNAIL_DIRECTORY: join(folder, 'thumbnails'),
    THUMBNAILS: JSON.stringify([
      {
        name: 'small',
        fit: 'inside',
        width: 200,
        height: 200,
        formats: [{ type: 'jpeg' }, { type: 'webp' }, { type: 'avif', effort: 0 }],
      },
    ]),
    ...access,
  };
  const program = await assembleFrom(environment);
  const app = createHttpApi({
    ...httpOptionsFrom(program, environment),
    pipeline: program.pipeline,
    reconcile: program.pipeline.reconcile,
    version: '1.2.3',
  });
  return await listen(app, { host: '127.0.0.1', port: 0 });
}

test('every example has an output', () => {
  expect(examples).toHaveLength(text.split('```sh').length - 1);
  expect(examples.length).toBeGreaterThanOrEqual(10);
  expect(programs).toHaveLength(text.split('```js').length - 1);
});

test('the example signature for other languages is correct', () => {
  const [, key, lines, signature] = /with the key\s+`(\w+)`:\s+```\n([\s\S]*?)```\s+The signature is `(\w+)`/.exec(
    text,
  )!;
  const [method, host, target] = lines!
    .trim()
    .split('\n')
    .map((line) => line.trim());
  const expected = createHmac('sha256', key!).update([method, host, target].join('\n')).digest('hex');
  expect(signature).toBe(expected);
  const [, url, expires, id] = /^(.*)&expires=(\d+)&keyid=(\w+)$/.exec(`https://${host}${target}`)!;
  const signed = signUrl(url!, { id: id!, key: key!, method: method!, expires: new Date(Number(expires) * 1000) });
  expect(signed).toBe(`https://${host}${target}&signature=${signature}`);
});

test('every operation of the API has an example', () => {
  const { paths } = JSON.parse(readFileSync(join(__dirname, '../../../docs/reference/openapi.json'), 'utf8')) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const commands = examples.map(({ commands }) => commands).join('\n');
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    ['get', 'post', 'delete'].filter((method) => method in item).map((method) => [method, path] as const),
  );
  expect(operations.length).toBeGreaterThanOrEqual(8);
  const lines = commands.split('\n').filter((line) => /\bcurl\b/.test(line));
  const without = operations.filter(([method, path]) => {
    const url = path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^"?]+');
    const pattern = new RegExp(`"\\$API${url}["?]`);
    return !lines.some((line) => pattern.test(line) && methodOf(line) === method);
  });
  expect(without).toEqual([]);
});

function methodOf(line: string): string {
  return (/-X (\w+)/.exec(line)?.[1] ?? 'get').toLowerCase();
}

test.each(examples)('$commands', async ({ commands, output }) => {
  const { stdout, stderr } = await run('sh', ['-e', '-c', commands], {
    cwd: folder,
    env: {
      PATH: [join(folder, 'bin'), dirname(process.execPath), process.env['PATH']].join(delimiter),
      API: servers[0].url,
      SIGNED_API: servers[1].url,
      SIGNING_KEYS,
    },
  });
  expect(stderr).toBe('');
  const parts = output.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  expect(stdout.replaceAll('\r', '')).toMatch(new RegExp(`^${parts.join('.+')}$`));
});
