// Builds the container image without Docker or network. Runs the image like ECS, with a read-only root file system, the user of
// the image and no capabilities. This script creates the base image from a Node.js binary and the libraries that it needs.
//
//   sudo npx ts-node -T scripts/container.ts [NODE]
//
// Requires Linux, root and buildah. NODE is the Node.js binary of the base image; default: the binary that runs this script.
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';
import { filesBelow } from './directory-hash';

const root = join(__dirname, '..');
const runtime = join(root, 'dist/assets', process.arch === 'arm64' ? 'arm64' : 'x86_64');
/** Environment variable that is set after this script has restarted itself in a separate mount namespace. */
const OWN_MOUNTS = 'CDK_THUMBNAILS_OWN_MOUNTS';
/** Device files of every container. */
const DEVICES = ['/dev/null', '/dev/urandom'];
/** Maximum time in milliseconds until an expected event occurs. */
const TIMEOUT = 60_000;
const mounts: string[] = [];

/** Container configuration of an image. */
interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly Volumes: Readonly<Record<string, unknown>>;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Healthcheck: { readonly Test: readonly string[] };
}

async function main(node: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'container-'));
  const buildah = (...words: string[]): string =>
    execFileSync('buildah', [`--root=${work}/storage`, `--runroot=${work}/run`, '--storage-driver=vfs', ...words], {
      encoding: 'utf8',
      env: { ...process.env, BUILDAH_ISOLATION: 'chroot' },
    }).trim();
  try {
    createBase(join(work, 'base'), node);
    writeFileSync(join(work, 'Dockerfile'), 'FROM scratch\nCOPY . /\n');
    buildah('bud', '--quiet', '--tag=base', `--file=${work}/Dockerfile`, join(work, 'base'));
    const recipe = `--file=${root}/container/Dockerfile`;
    // Uses the format of Docker, because the OCI format does not support a health check.
    const format = ['--format=docker', '--network=none', '--build-arg=BASE_IMAGE=localhost/base', '--tag=program'];
    buildah('bud', '--quiet', ...format, recipe, runtime);
    say('built the image, without a network');
    const image = JSON.parse(buildah('inspect', '--type=image', 'program')) as { Docker: { config: ImageConfig } };
    const { config } = image.Docker;
    say(
      `user ${config.User}, labels ${Object.keys(config.Labels).length}, volumes ${Object.keys(config.Volumes).join()}`,
    );
    await testContainer(buildah('mount', buildah('from', 'program')), config, work);
  } finally {
    for (const place of mounts.reverse()) {
      execFileSync('umount', ['--lazy', place]);
    }
    rmSync(work, { recursive: true, force: true });
  }
}

/** Creates a root file system with Node.js and the shared libraries that Node.js and sharp need. */
function createBase(base: string, node: string): void {
  for (const folder of ['etc', 'usr/local/bin', 'tmp', 'proc', 'dev']) {
    mkdirSync(join(base, folder), { recursive: true });
  }
  chmodSync(join(base, 'tmp'), 0o1777);
  for (const device of DEVICES) {
    writeFileSync(join(base, device), '');
  }
  writeFileSync(join(base, 'etc/passwd'), 'root:x:0:0::/:/sbin/nologin\nnode:x:1000:1000::/:/sbin/nologin\n');
  cpSync(realpathSync(node), join(base, 'usr/local/bin/node'));
  const binaries = filesBelow(runtime).filter((path) => /\.node$|\.so(?:\.\d+)*$/.test(path));
  for (const binary of [node, ...binaries.map((path) => join(runtime, path))]) {
    const libraries = execFileSync('ldd', [binary], { encoding: 'utf8' }).match(/\/\S+(?= \(0x)/g) ?? [];
    for (const library of libraries) {
      const copy = join(base, library);
      if (library.startsWith(runtime) || existsSync(copy)) {
        continue;
      }
      mkdirSync(dirname(copy), { recursive: true });
      cpSync(realpathSync(library), copy);
    }
  }
}

async function testContainer(mounted: string, config: ImageConfig, work: string): Promise<void> {
  const folders = ['images', 'thumbnails'].map((name) => {
    const folder = join(work, name);
    for (const place of [folder, join(mounted, name)]) {
      mkdirSync(place);
    }
    chmodSync(folder, 0o777);
    return { folder, place: join(mounted, name) };
  });
  mount('--bind', mounted, mounted);
  execFileSync('mount', ['--options=remount,ro,bind', mounted]);
  for (const { folder, place } of folders) {
    mount('--bind', folder, place);
  }
  // Sources are mounted read-only, as in docs/guides/portability.md.
  execFileSync('mount', ['--options=remount,ro,bind', folders[0]!.place]);
  for (const volume of Object.keys(config.Volumes)) {
    mount('--types=tmpfs', '--options=mode=1777', 'tmpfs', mounted + volume);
  }
  mount('--types=proc', 'proc', join(mounted, 'proc'));
  for (const device of DEVICES) {
    mount('--bind', device, mounted + device);
  }

  const denied = await resultOf(
    inContainer(mounted, config, [
      'node',
      '-e',
      `const { writeFileSync: write } = require('node:fs');
       const errorOf = (path) => { try { write(path, ''); return ''; } catch (error) { return error.code; } };
       process.stdout.write([process.getuid(), errorOf('/x'), errorOf('/app/x'), errorOf('/images/x'), errorOf('/tmp/x')]
         .join(' '));`,
    ]),
  );
  expect('user and write errors', denied, '1000 EROFS EROFS EROFS ');

  const thumbnails = [{ name: 'small', fit: 'inside', width: 80, height: 80, formats: [{ type: 'webp' }] }];
  const service = inContainer(mounted, config, config.Cmd, {
    STORAGE: 'directory',
    SOURCE_DIRECTORY: '/images',
    THUMBNAIL_DIRECTORY: '/thumbnails',
    THUMBNAILS: JSON.stringify(thumbnails),
    HOST: '127.0.0.1',
    PORT: '0',
  });
  const lines = listen(service);
  const url = await eventually(
    service,
    () => /"url":"([^"]+)"/.exec(lines.join(''))?.[1],
    () => lines.join(''),
  );
  say(`runs on ${url}`);

  const image400 = sharp({ create: { width: 400, height: 300, channels: 3, background: '#2f6f9f' } });
  await image400.jpeg().toFile(join(folders[0]!.folder, 'sea.jpg'));
  const manifest = join(folders[1]!.folder, 'sea.jpg/manifest.json');
  await eventually(
    service,
    () => existsSync(manifest) || undefined,
    () => lines.join(''),
  );
  const response = await fetch(`${url}/thumbnails/small/sea.jpg`);
  const { format, width } = await sharp(await response.arrayBuffer()).metadata();
  expect('a thumbnail', `${response.status} ${format} ${width}`, '200 webp 80');

  const [, ...check] = config.Healthcheck.Test;
  const health = (port: string): Promise<string> =>
    resultOf(inContainer(mounted, config, check, { PORT: port }), 'exit code');
  expect(
    'health check of the service and of an unused port',
    `${await health(new URL(url).port)} ${await health('1')}`,
    '0 1',
  );

  service.kill('SIGTERM');
  const [code] = (await once(service, 'exit')) as [number | null];
  expect('the exit code after SIGTERM', String(code), '0');
}

/** Starts a command in a root file system as the image's user, without capabilities. */
function inContainer(
  mounted: string,
  config: ImageConfig,
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): ChildProcess {
  const script = words.map((word) => (word.endsWith('.js') ? join(config.WorkingDir, word) : word));
  return spawn('chroot', [`--userspec=${config.User}`, mounted, ...script], {
    env: { ...Object.fromEntries(config.Env.map(entryOf)), ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function entryOf(text: string): [string, string] {
  const [name = '', value = ''] = text.split(/=(.*)/s);
  return [name, value];
}

function listen(child: ChildProcess): string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data: Buffer) => lines.push(data.toString()));
  }
  return lines;
}

async function resultOf(child: ChildProcess, wanted: 'output' | 'exit code' = 'output'): Promise<string> {
  const lines = listen(child);
  const [code] = (await once(child, 'close')) as [number | null];
  return wanted === 'output' ? lines.join('') : String(code);
}

async function eventually<T>(child: ChildProcess, read: () => T | undefined, output: () => string): Promise<T> {
  for (const end = Date.now() + TIMEOUT; Date.now() < end && child.exitCode === null; await delay(50)) {
    const found = read();
    if (found !== undefined) {
      return found;
    }
  }
  throw new Error(`the expected event did not occur within ${TIMEOUT} ms, or the service exited first:\n${output()}`);
}

/** Mounts a file system. The function passes its arguments to the command `mount`. The last argument is the mount point. */
function mount(...words: string[]): void {
  execFileSync('mount', words);
  mounts.push(words.at(-1)!);
}

function expect(what: string, got: string, wanted: string): void {
  if (got !== wanted) {
    throw new Error(`${what}: received ${JSON.stringify(got)}, expected ${JSON.stringify(wanted)}`);
  }
  say(`${what}: ${got}`);
}

function say(line: string): void {
  console.log(`container: ${line}`);
}

if (process.env[OWN_MOUNTS]) {
  main(process.argv[2] ?? process.execPath).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
} else {
  const again = ['--mount', '--propagation=private', process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { status } = spawnSync('unshare', again, { stdio: 'inherit', env: { ...process.env, [OWN_MOUNTS]: '1' } });
  process.exitCode = status ?? 1;
}
