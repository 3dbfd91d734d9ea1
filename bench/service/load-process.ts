// Sends requests from a separate process, so that the CPU time of the server excludes the client.
import { createRequire } from 'node:module';
import { quantile } from '../statistics';

/** Requests to send. */
export interface Load {
  readonly url: string;
  /** Paths to request in this order. After the last path, the requests start again with the first path. */
  readonly paths: readonly string[];
  /** Number of concurrent requests. */
  readonly connections: number;
  /** Total number of requests. @default - the process sends requests for `seconds` */
  readonly amount?: number;
  readonly seconds: number;
}

/** Measured responses. */
export interface LoadResult {
  readonly perSecond: number;
  /** Number of responses. */
  readonly count: number;
  /** Median response time in ms. */
  readonly p50: number;
  /** 99th percentile of the response times in ms. */
  readonly p99: number;
  /** Number of responses other than 2xx, connection errors and timeouts. */
  readonly errors: number;
  readonly statuses: Readonly<Record<string, number>>;
}

/** The part of https://github.com/mcollina/autocannon that the benchmark uses. */
type Autocannon = (
  options: object,
  done: (error: Error | null, result: { readonly errors: number }) => void,
) => {
  on(event: 'response', call: (client: unknown, status: number, bytes: number, milliseconds: number) => void): void;
};

/** Timeout of a request in seconds, long enough for the last of 100 queued renders. */
const TIMEOUT_SECONDS = 120;

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
        timeout: TIMEOUT_SECONDS,
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
          count: times.length,
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
