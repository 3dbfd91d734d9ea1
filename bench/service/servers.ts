import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { ALLOCATOR_VARIABLES, MAX_SIDE, type ThumbnailSettings } from '../../runtime/contract';
import { freePort } from '../../test/support/free-port';
import { deployedNode, peerFolder, peerVersion } from '../competitors';
import { buildProgram } from '../workspace';

/** A server that runs. */
export interface Server {
  readonly title: string;
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  /** The path of a photo's thumbnail, 640 pixels wide, WebP of quality 80. */
  readonly path: (photo: string) => string;
  readonly stop: () => Promise<void>;
}

const WIDTH = 640;
const QUALITY = 80;
/** As wide as the others make theirs, however high. */
const THUMBNAIL: ThumbnailSettings = {
  name: 'one',
  fit: 'inside',
  width: WIDTH,
  height: MAX_SIDE,
  formats: [{ type: 'webp', quality: QUALITY }],
};
/** The default turns away who would wait longer than a gateway does; here all of a hundred are to be answered, as by the others. */
const MAX_QUEUED_RENDERS = '1000';
const PATIENCE = 60_000;

/** Our service, as its container runs it, on two folders, doing what the others do: they verify no JPEG. */
export function startOurs(work: string, photos: string): Promise<Server> {
  return startOnFolders('ours', 'cdk-thumbnails', work, photos, { VERIFY_JPEGS: 'false' });
}

/** The same as it is by default. */
export function startVerifying(work: string, photos: string): Promise<Server> {
  return startOnFolders('verifying', 'cdk-thumbnails, verifying JPEGs', work, photos, {});
}

async function startOnFolders(
  name: string,
  title: string,
  work: string,
  photos: string,
  more: Readonly<Record<string, string>>,
): Promise<Server> {
  // A folder of its own for each: what is remembered of a source lies beside it.
  const source = join(work, `source-${name}`);
  mkdirSync(join(source, 'photos'), { recursive: true });
  for (const photo of readdirSync(photos)) {
    linkSync(join(photos, photo), join(source, 'photos', photo));
  }
  const folders = { STORE: 'directory', SOURCE: source, THUMBNAIL_BUCKET: join(work, `thumbnails-${name}`) };
  return startService(name, title, await buildProgram(work), { ...folders, ...more });
}

/** Starts the container's program, and resolves when it runs. */
export async function startService(
  name: string,
  title: string,
  folder: string,
  variables: Readonly<Record<string, string>>,
): Promise<Server> {
  const environment = {
    THUMBNAILS: JSON.stringify([THUMBNAIL]),
    SERVICE_MODE: 'api',
    HOST: '127.0.0.1',
    PORT: '0',
    MAX_QUEUED_RENDERS,
  };
  const child = spawn(deployedNode(), [join(folder, 'service.js')], {
    env: { ...process.env, ...ALLOCATOR_VARIABLES, ...environment, ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the service ended with ${code} before it ran`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { url: address } = JSON.parse(line) as { url?: string };
      if (address !== undefined) {
        resolve(address);
      }
    });
  });
  return {
    name,
    title,
    url,
    pid: child.pid!,
    path: (photo) => `/thumbnails/one/photos/${photo}`,
    stop: () => end(child),
  };
}

/** The server that ipx brings along. */
export async function startIpx(_work: string, photos: string): Promise<Server> {
  const port = await freePort();
  const words = [
    join(peerFolder('ipx'), 'dist/cli.mjs'),
    'serve',
    `--dir=${photos}`,
    '--host=127.0.0.1',
    `--port=${port}`,
  ];
  const child = spawn(deployedNode(), words, { stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  await answers(url, child);
  return {
    name: 'ipx',
    title: `ipx ${peerVersion('ipx')}`,
    url,
    pid: child.pid!,
    path: (photo) => `/w_${WIDTH},f_webp,q_${QUALITY},autoorient_true/${photo}`,
    stop: () => end(child),
  };
}

const NEXT_FILES: Readonly<Record<string, string>> = {
  'package.json': '{ "private": true }',
  'next.config.js': `module.exports = {
    images: { deviceSizes: [${WIDTH}], qualities: [${QUALITY}], formats: ['image/webp'] },
    // Its packages lie elsewhere.
    turbopack: { root: require('node:path').parse(__dirname).root },
  };`,
  'app/layout.js': 'export default function Layout({ children }) { return <html><body>{children}</body></html>; }',
  'app/page.js': 'export default function Page() { return <p>photos</p>; }',
};

/** Next's production server with an app that holds nothing but the photos. */
export async function startNext(work: string, photos: string): Promise<Server> {
  const app = join(work, 'next');
  mkdirSync(join(app, 'app'), { recursive: true });
  mkdirSync(join(app, 'public/photos'), { recursive: true });
  symlinkSync(join(peerFolder('next'), '..'), join(app, 'node_modules'), 'junction');
  for (const [path, text] of Object.entries(NEXT_FILES)) {
    writeFileSync(join(app, path), text);
  }
  for (const photo of readdirSync(photos)) {
    linkSync(join(photos, photo), join(app, 'public/photos', photo));
  }
  const next = join(peerFolder('next'), 'dist/bin/next');
  const env: NodeJS.ProcessEnv = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' };
  execFileSync(deployedNode(), [next, 'build'], { cwd: app, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const port = await freePort();
  const words = [next, 'start', '--hostname=127.0.0.1', `--port=${port}`];
  const child = spawn(deployedNode(), words, { cwd: app, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  await answers(url, child);
  return {
    name: 'next',
    title: `Next ${peerVersion('next')}`,
    url,
    pid: child.pid!,
    path: (photo) => `/_next/image?url=${encodeURIComponent(`/photos/${photo}`)}&w=${WIDTH}&q=${QUALITY}`,
    stop: () => end(child),
  };
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (const last = Date.now() + PATIENCE; Date.now() < last && child.exitCode === null; await delay(100)) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    ) {
      return;
    }
  }
  child.kill();
  throw new Error(`${child.spawnargs.join(' ')} does not answer at ${url}`);
}

/** Asks a process to end, and resolves when it has. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  child.kill();
  await once(child, 'exit');
}
