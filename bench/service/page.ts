import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Table } from '../report';
import { fixed, median } from '../statistics';
import type { Bench } from '../workspace';
import type { Load, LoadResult } from './load-process';
import { PAGE_WIDTHS, startIpx, startNext, startPage, type Server } from './servers';

const CONNECTIONS = 100;
const ROUNDS = 3;
/** Number of photos in each round. A page requests three sizes of each photo. */
export const PAGE_PHOTOS = 34;

/**
 * Measures concurrent requests for three sizes of new photos. In this case, the service of this project decodes each
 * photo only once.
 */
export async function page(
  { work, say }: Bench,
  loader: ChildProcess,
  folder: string,
  names: readonly string[],
): Promise<{ readonly table: Table; readonly figures: Readonly<Record<string, number>> }> {
  const servers: Server[] = [];
  const results = new Map<Server, LoadResult[]>();
  try {
    for (const start of [startPage, startIpx, startNext]) {
      servers.push(await start(work, folder));
    }
    for (let round = 0; round < ROUNDS; round++) {
      const photos = names.slice(round * PAGE_PHOTOS, (round + 1) * PAGE_PHOTOS);
      for (const index of servers.keys()) {
        const server = servers[(index + round) % servers.length]!;
        say(`service: three sizes, ${server.title}, round ${round + 1} of ${ROUNDS}`);
        const paths = photos.flatMap((photo) => PAGE_WIDTHS.map((width) => server.path(photo, width)));
        const load: Load = { url: server.url, paths, connections: CONNECTIONS, seconds: 0, amount: paths.length };
        loader.send(load);
        const [result] = (await once(loader, 'message')) as [LoadResult];
        results.set(server, [...(results.get(server) ?? []), result]);
      }
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
  const figures: Record<string, number> = {};
  const rows = servers.map((server) => {
    const measured = results.get(server)!;
    const of = (value: (result: LoadResult) => number): number => median(measured.map(value));
    const errors = measured.reduce((sum, result) => sum + result.errors, 0);
    figures[`page: ${server.name} requests/s`] = of(({ perSecond }) => perSecond);
    figures[`page: ours / ${server.name}`] = median(
      measured.map(({ perSecond }, round) => results.get(servers[0]!)![round]!.perSecond / perSecond),
    );
    figures[`page: ${server.name} errors`] = errors;
    return [
      server.title,
      fixed(
        of(({ perSecond }) => perSecond),
        1,
      ),
      fixed(of(({ p99 }) => p99)),
      errors,
    ];
  });
  return {
    table: {
      title: `New thumbnails in the widths ${PAGE_WIDTHS.join(', ')} of each photo, ${CONNECTIONS} parallel requests`,
      columns: ['server', 'requests/s', 'p99 ms', 'errors'],
      rows,
    },
    figures,
  };
}
