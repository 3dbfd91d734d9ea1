// Measures the container's program on this machine, as it is built: images a second, memory as jobs go by, the time that it
// takes to end, and requests a second. Run by hand:
//   npx ts-node -T bench/service.ts work FOLDER... [--jobs 1000] [--workers 2]
//   npx ts-node -T bench/service.ts requests FOLDER... [--requests 400] [--workers 2]
// The environment goes to the service: MALLOC_ARENA_MAX=2, LD_PRELOAD=libjemalloc.so.2, THUMBNAILS, …
import { spawn, type ChildProcess } from 'node:child_process';
import {
  linkSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { DEFAULT_THUMBNAILS } from '../lambda/contract';
import { bundle } from '../scripts/bundle';

const root = resolve(__dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-bench-'));
const images = join(folder, 'images');

const { values, positionals } = parseArgs({
  options: {
    jobs: { type: 'string', default: '1000' },
    workers: { type: 'string', default: '2' },
    requests: { type: 'string', default: '400' },
  },
  allowPositionals: true,
});
const [command, ...sources] = positionals;

/** Puts as many images into the folder as are wanted, each file again and again by other names. */
function fill(count: number): string[] {
  const files = sources.flatMap((source) => readdirSync(source).map((name) => join(source, name)));
  return Array.from({ length: count }, (_, index) => {
    const file = files[index % files.length]!;
    const key = `${Math.floor(index / files.length)}/${index}${extname(file)}`;
    mkdirSync(join(images, key, '..'), { recursive: true });
    try {
      linkSync(file, join(images, key));
    } catch {
      copyFileSync(file, join(images, key));
    }
    return key;
  });
}

interface Line {
  readonly message: string;
  readonly status?: string;
  readonly url?: string;
}

/** Starts the service, and tells every line that it writes. */
function start(variables: Readonly<Record<string, string>>, heard: (line: Line) => void): ChildProcess {
  const service = spawn(process.execPath, [join(folder, 'program/service.js')], {
    env: {
      THUMBNAILS: JSON.stringify(DEFAULT_THUMBNAILS),
      ...process.env,
      STORE: 'directory',
      SOURCE: images,
      THUMBNAIL_STORE: join(folder, 'thumbnails'),
      HOST: '127.0.0.1',
      PORT: '0',
      WORKERS: values.workers,
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Warnings and errors go to the other stream.
  for (const input of [service.stdout, service.stderr]) {
    createInterface({ input }).on('line', (line) => {
      if (line.startsWith('{')) heard(JSON.parse(line) as Line);
    });
  }
  return service;
}

/** MiB of a process and of its children: resident, and the part of it that nobody shares. */
function memory(pid: number): string {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return [pid, ...children.map(Number)]
    .map((process_) => {
      const rollup = readFileSync(`/proc/${process_}/smaps_rollup`, 'utf8');
      const kibibytes = (name: string): number =>
        [...rollup.matchAll(new RegExp(`^${name}:\\s*(\\d+) kB`, 'gm'))].reduce(
          (sum, [, number]) => sum + Number(number),
          0,
        );
      return `${mebi(kibibytes('Rss'))} (${mebi(kibibytes('Private_Dirty') + kibibytes('Private_Clean'))})`;
    })
    .join(' + ');
}

const mebi = (kibibytes: number): number => Math.round(kibibytes / 1024);
const exit = (child: ChildProcess): Promise<void> => new Promise((done) => child.once('exit', () => done()));

/** How fast a folder is worked, what that takes, and how long it takes to stop in the middle. */
async function work(): Promise<void> {
  const jobs = Number(values.jobs);
  fill(jobs);
  let begin = 0;
  let done = 0;
  const marks = new Set([1, 100, 500, 1000, 2000, 3000, 4000, 5000, jobs]);
  await new Promise<void>((finish) => {
    const service = start({ ROLE: 'worker', CATCH_UP_INTERVAL: '0' }, ({ message, status }) => {
      if (status === 'made' || status === 'failed' || status === 'error') {
        begin ||= performance.now();
        done += 1;
        if (marks.has(done)) {
          const rate = done > 1 ? ((done - 1) / (performance.now() - begin)) * 1000 : 0;
          console.log(`${done} jobs: ${rate.toFixed(2)} images/s, MiB of parent + children: ${memory(service.pid!)}`);
        }
      }
      if (message === 'compared the stores') {
        service.kill('SIGTERM');
        service.once('exit', () => finish());
      }
    });
  });
  rmSync(join(folder, 'thumbnails'), { recursive: true });
  for (const after of [4, 9, 15]) {
    let made = 0;
    const service = start({ ROLE: 'worker' }, ({ status }) => {
      made += status === 'made' ? 1 : 0;
      if (made === after && status === 'made') {
        const asked = performance.now();
        service.kill('SIGTERM');
        service.once('exit', (code) =>
          console.log(`SIGTERM under load: exit ${code} after ${Math.round(performance.now() - asked)} ms`),
        );
      }
    });
    await exit(service);
    rmSync(join(folder, 'thumbnails'), { recursive: true });
  }
}

/** Sends requests, so many at once, and tells how fast they are answered. */
async function load(what: string, urls: readonly string[], parallel: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: parallel });
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  const left = [...urls];
  const ask = (url: string): Promise<void> =>
    new Promise((done, fail) => {
      const begin = performance.now();
      get(url, { agent }, (response) => {
        response.resume().on('end', () => {
          times.push(performance.now() - begin);
          statuses[response.statusCode!] = (statuses[response.statusCode!] ?? 0) + 1;
          done();
        });
      }).on('error', fail);
    });
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      for (let url = left.shift(); url !== undefined; url = left.shift()) await ask(url);
    }),
  );
  const seconds = (performance.now() - begin) / 1000;
  times.sort((a, b) => a - b);
  const part = (share: number): string => times[Math.floor(share * (times.length - 1))]!.toFixed(1);
  console.log(
    `${what}, ${parallel} parallel: ${(urls.length / seconds).toFixed(1)} requests/s, p50 ${part(0.5)} ms, p99 ${part(0.99)} ms, ` +
      `statuses ${JSON.stringify(statuses)}`,
  );
  agent.destroy();
}

async function requests(): Promise<void> {
  const count = Number(values.requests);
  const keys = fill(3 * count);
  const url = await new Promise<string>((ready) => {
    const service = start({ ROLE: 'api' }, (line) => {
      if (line.url) ready(line.url);
    });
    process.once('exit', () => service.kill());
  });
  const thumbnail = (key: string): string => `${url}/thumbnails/small/${key}`;
  for (const [index, parallel] of [1, 10, 100].entries()) {
    await load('new', keys.slice(index * count, (index + 1) * count).map(thumbnail), parallel);
  }
  for (const parallel of [1, 10, 100]) {
    await load(
      'stored',
      Array.from({ length: 20 * count }, (_, index) => thumbnail(keys[index % count]!)),
      parallel,
    );
  }
}

async function main(): Promise<void> {
  await bundle(root, join(folder, 'program'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  await { work, requests }[command as 'work' | 'requests']();
}

main()
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(() => {
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    process.exit();
  });
