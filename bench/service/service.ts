import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { deployedNode, COMPETITORS } from '../competitors';
import { treeCpu, treeOwnMemory } from '../processes';
import type { Findings, Plot, Table } from '../report';
import { fixed, median } from '../statistics';
import { buildScript, ROOT, type Bench } from '../workspace';
import type { Load, LoadResult } from './load-process';
import { page, PAGE_PHOTOS } from './page';
import { end, startIpx, startNext, startBare, startOurs, type Server } from './servers';

/** Concurrency levels, each with the number of new thumbnails to request. */
const LEVELS = [
  { connections: 1, fresh: 8 },
  { connections: 10, fresh: 24 },
  { connections: 100, fresh: 120 },
];
const ROUNDS = 3;
/** Duration in seconds of the test with stored thumbnails. */
const SECONDS = 3;
/** Milliseconds between two samples of a server's memory. */
const MEMORY_INTERVAL = 100;

type Kind = 'new' | 'stored';

/**
 * Compares the service with the servers of ipx and Next.js, and with a server that only streams files. All servers run at
 * the same time, on the Node.js version of a deployment. The benchmark sends requests to one server at a time.
 */
export async function service(bench: Bench): Promise<Findings> {
  const { work, say } = bench;
  const script = await buildScript(work, join(ROOT, 'bench/service/load-process.ts'));
  const photos = manyPhotos(bench);
  const servers: Server[] = [];
  const loader = fork(script, [COMPETITORS], { execPath: deployedNode(), execArgv: [] });
  try {
    await once(loader, 'message');
    for (const start of [startOurs, startIpx, startNext, startBare]) {
      servers.push(await start(work, photos.folder));
      say(`service: ${servers.at(-1)!.title} runs`);
    }
    const names = photos.names.slice(0, -ROUNDS * PAGE_PHOTOS);
    await checkAlike(servers, names.at(-1)!);
    const { tables, plots, figures } = await measure(servers, loader, names, say);
    await Promise.all(servers.splice(0).map((server) => server.stop()));
    const pages = await page(bench, loader, photos.folder, photos.names.slice(names.length));
    return { tables: [...tables, pages.table], plots, figures: { ...figures, ...pages.figures } };
  } finally {
    await Promise.all([...servers.map((server) => server.stop()), end(loader)]);
  }
}

/** Creates a folder of links to the photos, so that each request for a new thumbnail has a source of its own. */
function manyPhotos({ work, photos }: Bench): { readonly folder: string; readonly names: string[] } {
  const folder = join(work, 'source/photos');
  const originals = join(work, 'originals');
  [folder, originals].forEach((each) => mkdirSync(each, { recursive: true }));
  photos.forEach((photo, index) => copyFileSync(photo, join(originals, String(index))));
  const count = ROUNDS * (LEVELS.reduce((sum, { fresh }) => sum + fresh, 0) + PAGE_PHOTOS) + 1;
  const names = Array.from({ length: count }, (_, index) => `${index}.jpg`);
  names.forEach((name, index) => linkSync(join(originals, String(index % photos.length)), join(folder, name)));
  return { folder, names };
}

/**
 * Checks that all servers return thumbnails of equal format and size.
 *
 * @throws Error if the thumbnail of a server differs from the thumbnail of the first server
 */
async function checkAlike(servers: readonly Server[], photo: string): Promise<void> {
  let wanted: string | undefined;
  for (const { title, url, path } of servers) {
    const response = await fetch(url + path(photo), { headers: { accept: 'image/webp' } });
    const bytes = Buffer.from(await response.arrayBuffer());
    if (!response.ok) {
      throw new Error(`${title} responds with ${response.status}: ${bytes.toString().slice(0, 200)}`);
    }
    const { format, width, height } = await sharp(bytes).metadata();
    const got = `${format} ${width} × ${height}`;
    wanted ??= got;
    if (got !== wanted) {
      throw new Error(`${title}: the thumbnail is ${got}; expected ${wanted}`);
    }
  }
}

async function measure(
  servers: readonly Server[],
  loader: ChildProcess,
  names: readonly string[],
  say: Bench['say'],
): Promise<Findings> {
  const results = new Map<string, Measured[]>();
  const memory = new Map<Server, number>();
  let used = 0;
  for (const { connections, fresh } of LEVELS) {
    for (let round = 0; round < ROUNDS; round++) {
      const photos = names.slice(used, (used += fresh));
      for (const kind of ['new', 'stored'] as const) {
        say(`service: ${kind} thumbnails, ${connections} parallel requests, round ${round + 1} of ${ROUNDS}`);
        for (const index of servers.keys()) {
          const server = servers[(index + round) % servers.length]!;
          if (server.isBare && kind === 'new') {
            continue;
          }
          const load: Load = {
            url: server.url,
            paths: photos.map((photo) => server.path(photo)),
            connections,
            seconds: SECONDS,
            ...(kind === 'new' && { amount: fresh }),
          };
          const { result, peak } = await run(load, loader, server);
          const key = keyOf(server, kind, connections);
          results.set(key, [...(results.get(key) ?? []), result]);
          memory.set(server, Math.max(memory.get(server) ?? 0, peak));
        }
      }
    }
  }
  return findings(servers, results, memory);
}

/** Result of a load, with the CPU time of the server per request in ms. */
type Measured = LoadResult & { readonly cpu: number };

async function run(load: Load, loader: ChildProcess, { pid }: Server): Promise<{ result: Measured; peak: number }> {
  let peak = treeOwnMemory(pid);
  const before = treeCpu(pid);
  const watch = setInterval(() => (peak = Math.max(peak, treeOwnMemory(pid))), MEMORY_INTERVAL);
  loader.send(load);
  const [result] = (await once(loader, 'message')) as [LoadResult];
  clearInterval(watch);
  return { result: { ...result, cpu: (treeCpu(pid) - before) / result.count }, peak };
}

function keyOf({ name }: Server, kind: Kind, connections: number): string {
  return `${kind} ${connections}: ${name}`;
}

function findings(
  servers: readonly Server[],
  results: ReadonlyMap<string, readonly Measured[]>,
  memory: ReadonlyMap<Server, number>,
): Findings {
  const middle = (key: string, of: (result: Measured) => number): number => median((results.get(key) ?? []).map(of));
  const figures: Record<string, number> = {};
  const tables: Table[] = [];
  const plots: Plot[] = [];
  for (const kind of ['new', 'stored'] as const) {
    const rows: (string | number)[][] = [];
    for (const { connections } of LEVELS) {
      const [ours] = servers;
      for (const server of servers.filter(({ isBare }) => kind === 'stored' || !isBare)) {
        const key = keyOf(server, kind, connections);
        const [perSecond, p50, p99] = [
          middle(key, (result) => result.perSecond),
          middle(key, (result) => result.p50),
          middle(key, (result) => result.p99),
        ];
        const errors = (results.get(key) ?? []).reduce((sum, result) => sum + result.errors, 0);
        figures[`${key} requests/s`] = perSecond;
        figures[`${key} p99`] = p99;
        figures[`${key} errors`] = errors;
        figures[`${key} CPU ms`] = middle(key, (result) => result.cpu);
        const first = results.get(keyOf(ours!, kind, connections))!;
        const pairs = (of: (result: Measured) => number): number =>
          median(first.map((result, round) => of(result) / of(results.get(key)![round]!)));
        figures[`${kind} ${connections}: requests/s of ours / ${server.name}`] = pairs((result) => result.perSecond);
        figures[`${kind} ${connections}: p99 of ours / ${server.name}`] = pairs((result) => result.p99);
        figures[`${kind} ${connections}: CPU of ours / ${server.name}`] = pairs((result) => result.cpu);
        const cpu = fixed(
          middle(key, (result) => result.cpu),
          2,
        );
        rows.push([connections, server.title, fixed(perSecond, 1), fixed(p50, 1), fixed(p99, 1), cpu, errors]);
      }
    }
    tables.push({
      title: `${kind} thumbnails, 640 wide, WebP`,
      note:
        kind === 'stored'
          ? 'ipx stores no thumbnails: it renders each request again and relies on a cache in front of it.'
          : 'Each thumbnail is requested once. Times are medians over the rounds, and errors are sums.',
      columns: ['parallel', 'server', 'requests/s', 'p50 ms', 'p99 ms', 'CPU ms', 'errors'],
      rows,
    });
    plots.push({
      name: `service-${kind}`,
      title: `${kind} thumbnails at 100 parallel`,
      unit: 'requests a second',
      bars: servers
        .filter(({ isBare }) => kind === 'stored' || !isBare)
        .map((server) => ({
          label: server.title,
          value: middle(keyOf(server, kind, 100), (result) => result.perSecond),
          ours: server.name === 'ours',
        })),
    });
  }
  tables.push({
    title: 'Memory of the servers',
    note: 'Peak memory of all processes of the server during all measurements. Shared pages count once.',
    columns: ['server', 'MiB'],
    rows: servers.map((server) => [server.title, fixed(memory.get(server) ?? Number.NaN)]),
  });
  for (const server of servers) {
    figures[`peak MiB: ${server.name}`] = memory.get(server) ?? Number.NaN;
  }
  return { tables, plots, figures };
}
