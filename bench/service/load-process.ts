// Sends requests from a process of its own, so that what it costs is not its neighbour's: node load-process.js PEERS
import { createRequire } from 'node:module';
import { quantile } from '../statistics';

/** What is to be sent. */
export interface Load {
  readonly url: string;
  /** Asked for one after the other, from the first again when all were. */
  readonly paths: readonly string[];
  /** Requests under way at once. */
  readonly connections: number;
  /** Requests in all; without it they are sent for {@link seconds}. */
  readonly amount?: number;
  readonly seconds: number;
}

/** How it was answered. */
export interface LoadResult {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers that are no 2xx, broken connections, and no answer in time. */
  readonly errors: number;
  readonly statuses: Readonly<Record<string, number>>;
}

/** https://github.com/mcollina/autocannon, as far as it is used here. */
type Autocannon = (
  options: object,
  done: (error: Error | null, result: { readonly errors: number }) => void,
) => {
  on(event: 'response', call: (client: unknown, status: number, bytes: number, milliseconds: number) => void): void;
};

/** Seconds: longer than anybody waits for the last of a hundred. */
const PATIENCE = 120;

function send({ url, paths, connections, amount, seconds }: Load, autocannon: Autocannon): Promise<LoadResult> {
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  let next = 0;
  let last = 0;
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    const instance = autocannon(
      {
        url,
        connections,
        timeout: PATIENCE,
        headers: { accept: 'image/webp' },
        ...(amount === undefined ? { duration: seconds } : { amount }),
        requests: [{ setupRequest: (request: object) => ({ ...request, path: paths[next++ % paths.length] }) }],
      },
      (error, { errors }) => {
        if (error) {
          return reject(error);
        }
        const wrong = Object.entries(statuses).reduce((sum, [status, n]) => sum + (status.startsWith('2') ? 0 : n), 0);
        resolve({
          perSecond: (times.length / (last - begin)) * 1000,
          p50: quantile(times, 0.5),
          p99: quantile(times, 0.99),
          errors: errors + wrong,
          statuses,
        });
      },
    );
    instance.on('response', (_client, status, _bytes, milliseconds) => {
      times.push(milliseconds);
      statuses[status] = (statuses[status] ?? 0) + 1;
      last = performance.now();
    });
  });
}

const autocannon = createRequire(process.argv[2]!)('autocannon') as Autocannon;
process.on('message', (load: Load) => {
  send(load, autocannon).then(
    (result) => process.send!(result),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.send!('ready');
