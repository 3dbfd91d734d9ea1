import { execFileSync, fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { ALLOCATOR_VARIABLES, MAX_SIDE, type ThumbnailSettings } from '../../runtime/contract';
import { freePort } from '../../test/support/processes/free-port';
import { deployedNode, competitorFolder, competitorVersion } from '../competitors';
import { buildRuntimeBundles, buildScript, ROOT } from '../workspace';

/** A running server. */
export interface Server {
  readonly title: string;
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  /** Returns the URL path of a photo's thumbnail in WebP at quality 80. The width defaults to 640 pixels. */
  readonly path: (photo: string, width?: number) => string;
  /** Whether the server only serves thumbnails that the service of this project has stored. @default false */
  readonly isBare?: true;
  readonly stop: () => Promise<void>;
}

const WIDTH = 640;
const QUALITY = 80;
/** Widths of the thumbnails of a page. */
export const PAGE_WIDTHS = [320, 640, 1600];
/** Returns a thumbnail that limits only the width, like the thumbnails of the competitors. */
const thumbnail = (name: string, width: number): ThumbnailSettings => ({
  name,
  fit: 'inside',
  width,
  height: MAX_SIDE,
  formats: [{ type: 'webp', quality: QUALITY }],
});
/**
 * Maximum number of queued renders. The value exceeds the default, because the queues of the competitors have no limit.
 */
const MAX_QUEUED_RENDERS = '1000';
/** Maximum start time of a server in milliseconds. */
const START_TIMEOUT = 60_000;

/** Starts the service of this project with two directories and its default settings. */
export function startOurs(work: string, photos: string): Promise<Server> {
  return startOnFolders('ours', 'cdk-thumbnails', work, photos, {});
}

/** Starts the service of this project with one thumbnail for each of {@link PAGE_WIDTHS}. */
export async function startPage(work: string, photos: string): Promise<Server> {
  const thumbnails = PAGE_WIDTHS.map((width) => thumbnail(`w${width}`, width));
  const server = await startOnFolders('page', 'cdk-thumbnails', work, photos, {
    THUMBNAILS: JSON.stringify(thumbnails),
  });
  return { ...server, path: (photo, width = WIDTH) => `/thumbnails/w${width}/photos/${photo}` };
}

/** Starts a server that only streams the files that the service of {@link startOurs} has stored. */
export async function startBare(work: string): Promise<Server> {
  const script = await buildScript(work, join(ROOT, 'bench/service/bare-process.ts'));
  const child = fork(script, [join(work, 'thumbnails-ours')], { execPath: deployedNode(), execArgv: [] });
  const [url] = (await once(child, 'message')) as [string];
  return {
    name: 'bare',
    title: 'node:http, streams files',
    url,
    pid: child.pid!,
    path: (photo) => `/photos/${photo}/one.webp`,
    isBare: true,
    stop: () => end(child),
  };
}

async function startOnFolders(
  name: string,
  title: string,
  work: string,
  photos: string,
  more: Readonly<Record<string, string>>,
): Promise<Server> {
  // Each server has its own source directory, because the service stores metadata beside the sources.
  const source = join(work, `source-${name}`);
  mkdirSync(join(source, 'photos'), { recursive: true });
  for (const photo of readdirSync(photos)) {
    linkSync(join(photos, photo), join(source, 'photos', photo));
  }
  const folders = {
    STORAGE: 'directory',
    SOURCE_DIRECTORY: source,
    THUMBNAIL_DIRECTORY: join(work, `thumbnails-${name}`),
  };
  return startService(name, title, await buildRuntimeBundles(work), { ...folders, ...more });
}

/** Starts the service of the container. Resolves when the service accepts connections. */
async function startService(
  name: string,
  title: string,
  folder: string,
  variables: Readonly<Record<string, string>>,
): Promise<Server> {
  const environment = {
    THUMBNAILS: JSON.stringify([thumbnail('one', WIDTH)]),
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
    child.once('exit', (code) => reject(new Error(`the service exited with code ${code} before it listened`)));
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

/** Starts the server that ipx includes. */
export async function startIpx(_work: string, photos: string): Promise<Server> {
  const port = await freePort();
  const words = [
    join(competitorFolder('ipx'), 'dist/cli.mjs'),
    'serve',
    `--dir=${photos}`,
    '--host=127.0.0.1',
    `--port=${port}`,
  ];
  const child = spawn(deployedNode(), words, { stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  await waitUntilReady(url, child);
  return {
    name: 'ipx',
    title: `ipx ${competitorVersion('ipx')}`,
    url,
    pid: child.pid!,
    path: (photo, width = WIDTH) => `/w_${width},f_webp,q_${QUALITY},autoorient_true/${photo}`,
    stop: () => end(child),
  };
}

const NEXT_FILES: Readonly<Record<string, string>> = {
  'package.json': '{ "private": true }',
  'next.config.js': `module.exports = {
    images: { deviceSizes: ${JSON.stringify(PAGE_WIDTHS)}, qualities: [${QUALITY}], formats: ['image/webp'] },
    // Uses the root of the file system, because node_modules of the benchmark is outside the folder of the app.
    turbopack: { root: require('node:path').parse(__dirname).root },
  };`,
  'app/layout.js': 'export default function Layout({ children }) { return <html><body>{children}</body></html>; }',
  'app/page.js': 'export default function Page() { return <p>photos</p>; }',
};

/** Builds and starts a Next.js production server whose app contains only the photos. */
export async function startNext(work: string, photos: string): Promise<Server> {
  const app = join(work, 'next');
  rmSync(app, { recursive: true, force: true });
  mkdirSync(join(app, 'app'), { recursive: true });
  mkdirSync(join(app, 'public/photos'), { recursive: true });
  symlinkSync(join(competitorFolder('next'), '..'), join(app, 'node_modules'), 'junction');
  for (const [path, text] of Object.entries(NEXT_FILES)) {
    writeFileSync(join(app, path), text);
  }
  for (const photo of readdirSync(photos)) {
    linkSync(join(photos, photo), join(app, 'public/photos', photo));
  }
  const next = join(competitorFolder('next'), 'dist/bin/next');
  const env: NodeJS.ProcessEnv = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' };
  execFileSync(deployedNode(), [next, 'build'], { cwd: app, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const port = await freePort();
  const words = [next, 'start', '--hostname=127.0.0.1', `--port=${port}`];
  const child = spawn(deployedNode(), words, { cwd: app, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  await waitUntilReady(url, child);
  return {
    name: 'next',
    title: `Next ${competitorVersion('next')}`,
    url,
    pid: child.pid!,
    path: (photo, width = WIDTH) =>
      `/_next/image?url=${encodeURIComponent(`/photos/${photo}`)}&w=${width}&q=${QUALITY}`,
    stop: () => end(child),
  };
}

async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  for (const last = Date.now() + START_TIMEOUT; Date.now() < last && child.exitCode === null; await delay(100)) {
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
  throw new Error(`${child.spawnargs.join(' ')} does not respond at ${url}`);
}

/** Sends SIGTERM to a process and resolves when it has exited. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  child.kill();
  await once(child, 'exit');
}
