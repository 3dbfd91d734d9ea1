import { fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startSqs } from '../../test/support/aws/sqs';
import type { S3Facts } from '../cold-start/s3-process';
import { treeCpu } from '../processes';
import type { Findings, Table } from '../report';
import { end } from '../service/servers';
import { fixed, median, times } from '../statistics';
import { buildRuntimeBundles, buildScript, ROOT, type Bench } from '../workspace';
import * as start from './running-forms';
import type { FormContext, RunningForm } from './running-forms';

const ROUNDS = 3;
/** Number of photos in each round. */
const PHOTOS = 32;
/** Number of requests for stored thumbnails in each round. */
const STORED_REQUESTS = 2000;

/** Combination of processes, trigger and object store in which the runtime can run. */
interface Form {
  readonly name: string;
  readonly title: string;
  readonly start: (context: FormContext) => Promise<RunningForm>;
  /** Name of the form whose stored thumbnails this form serves. @default - this form creates its own thumbnails */
  readonly thumbnailsOf?: string;
}

const WORKERS: readonly Form[] = [
  { name: 'engine', title: 'engine in two processes, without a store', start: start.withoutStore },
  { name: 'upload-function', title: 'upload function on S3, one message at a time', start: start.uploadFunction },
  { name: 'queue', title: 'service on S3 with SQS', start: start.onQueue },
  { name: 'http-events', title: 'service on S3 with HTTP events', start: start.onHttpEvents },
  { name: 'directories', title: 'service on directories', start: start.onDirectories },
];
const APIS: readonly Form[] = [
  { name: 'api-function', title: 'API function on S3, one request at a time', start: start.apiFunction },
  { name: 'service-api', title: 'service on S3', start: start.serviceApi },
  { name: 'web-function', title: 'web function on S3', start: start.webFunction },
  { name: 'directory-api', title: 'service on directories', start: start.directoryApi },
];

/** Server for comparison, which only serves the stored thumbnails of the form `service-api`. */
const BARE: Form = {
  name: 'bare-s3',
  title: '`GetObject` and a stream',
  start: start.bareS3,
  thumbnailsOf: 'service-api',
};
const STORED: readonly Form[] = [...APIS.slice(0, 2), BARE, ...APIS.slice(2)];

/** CPU time per image or request in ms, and number of images or requests per second. */
interface Sample {
  readonly cpu: number;
  readonly perSecond: number;
}

/**
 * Measures CPU time and throughput of each {@link Form}. In each round, the forms run one after the other and process
 * equal photos. The CPU time excludes the emulators of S3 and SQS, which run in separate processes.
 */
export async function forms(bench: Bench): Promise<Findings> {
  const { work, say, photos } = bench;
  const folder = join(work, 'empty');
  mkdirSync(folder);
  const copies = photos.map((photo, index) => {
    const copy = join(work, `form-${index}.jpg`);
    copyFileSync(photo, copy);
    return copy;
  });
  const s3 = fork(await buildScript(work, join(ROOT, 'bench/cold-start/s3-process.ts')), [folder], { execArgv: [] });
  const sqs = await startSqs();
  try {
    const [facts] = (await once(s3, 'message')) as [S3Facts];
    const context: FormContext = {
      work,
      bundles: await buildRuntimeBundles(work),
      caller: await buildScript(work, join(ROOT, 'bench/forms/call-process.ts')),
      bareS3: await buildScript(work, join(ROOT, 'bench/forms/bare-s3-process.ts')),
      s3: facts,
      sqs,
      fileOf: (key) => copies[Number(/(\d+)\.jpg$/.exec(key)?.[1]) % copies.length]!,
    };
    const workers = await measure(WORKERS, context, say, 'image');
    const created = await measure(APIS, context, say, 'new');
    const stored = await measure(STORED, context, say, 'stored');
    return findings(workers, created, stored);
  } finally {
    await Promise.all([end(s3), sqs.stop()]);
  }
}

type Kind = 'image' | 'new' | 'stored';

async function measure(
  list: readonly Form[],
  context: FormContext,
  say: Bench['say'],
  kind: Kind,
): Promise<ReadonlyMap<Form, readonly Sample[]>> {
  const samples = new Map<Form, Sample[]>();
  const s3 = clientOf(context.s3);
  for (const form of list) {
    samples.set(form, []);
  }
  const running = new Map<Form, RunningForm>();
  try {
    for (const form of list) {
      running.set(form, await form.start(context));
    }
    // The results exclude round 0, which is a warm-up.
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [form, { pids, process: processAll }] of running) {
        say(`forms: ${kind}, ${form.title}, round ${round} of ${ROUNDS}`);
        const owner = form.thumbnailsOf ?? form.name;
        const keys = Array.from({ length: PHOTOS }, (_, index) => `photos/${kind}-${owner}-${round}-${index}.jpg`);
        if (form.thumbnailsOf === undefined) {
          await Promise.all(keys.map((key) => put(s3, context, key)));
          if (kind === 'stored') {
            await processAll(keys);
          }
        }
        const requested =
          kind === 'stored' ? Array.from({ length: STORED_REQUESTS }, (_, at) => keys[at % keys.length]!) : keys;
        const [before, begin] = [sumOf(pids), performance.now()];
        await processAll(requested);
        const seconds = (performance.now() - begin) / 1000;
        if (round > 0) {
          samples.get(form)!.push({
            cpu: (sumOf(pids) - before) / requested.length,
            perSecond: requested.length / seconds,
          });
        }
        await Promise.all(keys.map((Key) => s3.send(new DeleteObjectCommand({ Bucket: context.s3.source, Key }))));
      }
    }
    return samples;
  } finally {
    s3.destroy();
    await Promise.all([...running.values()].map((each) => each.stop()));
  }
}

function clientOf({ env }: S3Facts): S3Client {
  return new S3Client({
    endpoint: env['AWS_ENDPOINT_URL'],
    region: env['AWS_REGION'],
    credentials: { accessKeyId: env['AWS_ACCESS_KEY_ID']!, secretAccessKey: env['AWS_SECRET_ACCESS_KEY']! },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
}

async function put(s3: S3Client, { s3: { source }, fileOf }: FormContext, Key: string): Promise<void> {
  await s3.send(
    new PutObjectCommand({ Bucket: source, Key, Body: readFileSync(fileOf(Key)), ContentType: 'image/jpeg' }),
  );
}

function sumOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + treeCpu(pid), 0);
}

function findings(...measured: readonly ReadonlyMap<Form, readonly Sample[]>[]): Findings {
  const figures: Record<string, number> = {};
  const kinds = [
    { kind: 'image', title: 'Worker: the default thumbnails of one photo', unit: 'images/s' },
    { kind: 'new', title: 'API: request for a missing thumbnail', unit: 'requests/s' },
    { kind: 'stored', title: 'API: request for a stored thumbnail', unit: 'requests/s' },
  ];
  const tables = kinds.map(({ kind, title, unit }, index): Table => {
    const [base] = measured[index]!.values();
    return {
      title,
      note: `Load average ${fixed(loadavg()[1]!, 1)}. Each ratio is the median over all rounds.`,
      columns: ['form', 'CPU ms', 'CPU, relative to the first row', unit],
      rows: [...measured[index]!].map(([{ name, title: form }, samples]) => {
        const ratio = median(samples.map(({ cpu }, round) => cpu / base![round]!.cpu));
        const perSecond = median(samples.map((sample) => sample.perSecond));
        figures[`${kind} ${name}: CPU ms`] = median(samples.map(({ cpu }) => cpu));
        figures[`${kind} ${name}: CPU, relative`] = ratio;
        figures[`${kind} ${name}: per second`] = perSecond;
        figures[`${kind} ${name}: per second, relative`] = median(
          samples.map((sample, round) => sample.perSecond / base![round]!.perSecond),
        );
        return [form, fixed(figures[`${kind} ${name}: CPU ms`]!, 1), times(ratio), fixed(perSecond, 1)];
      }),
    };
  });
  return { tables, plots: [], figures };
}
