import { fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2, SQSEvent } from 'aws-lambda';
import { ALLOCATOR_VARIABLES, DEFAULT_THUMBNAILS } from '../../runtime/contract';
import { bundleEntryPoints } from '../../scripts/bundle';
import { gatewayEvent } from '../../test/unit/http/gateway-event';
import { notification, sqsEvent } from '../../test/unit/lambda/sqs-event';
import { deployedNode } from '../competitors';
import { nextMessage } from '../processes';
import type { Findings, Plot, Table } from '../report';
import { end } from '../service/servers';
import { fixed, median, times } from '../statistics';
import { buildRuntimeBundles, buildScript, ROOT, type Bench } from '../workspace';
import { lambdaCosts } from './lambda-costs';
import type { LeastEvent } from './least-function';
import type { S3Facts } from './s3-process';

/** Number of cold starts of each function. */
const ROUNDS = 12;
/** Bundle name of a function that uses only sharp and the S3 client. */
const LEAST = 'least-function';
const FUNCTIONS = ['upload-function', 'api-function'] as const;
/** Functions in the order in which they start in each round. */
const MEASURED = [LEAST, ...FUNCTIONS] as const;
type FunctionName = (typeof MEASURED)[number];

interface Mark {
  readonly name: 'runtime' | 'sharp' | 'imports' | 'job';
  /** CPU time in ms since the start of the process. */
  readonly cpu: number;
  /** Wall time in ms since the start of the process. */
  readonly wall: number;
}

interface Start {
  readonly marks: readonly Mark[];
  /** Peak resident memory in MiB. */
  readonly memory: number;
}

/**
 * Measures the time from the start of a function to its first stored thumbnail set, on the Node.js version of a
 * deployment.
 */
export async function coldStart({ work, photos, say }: Bench): Promise<Findings> {
  const program = await buildRuntimeBundles(work);
  // After each start, the function processes the photo of median size twice. The second time measures a warm function.
  const bySize = [...photos].sort((one, other) => statSync(one).size - statSync(other).size);
  const folder = join(work, 'two');
  mkdirSync(folder);
  const names = Array.from({ length: 2 * ROUNDS * MEASURED.length }, (_, index) => `${index}.jpg`);
  for (const name of names) {
    copyFileSync(bySize[Math.floor(bySize.length / 2)]!, join(folder, name));
  }

  const script = await buildScript(work, join(ROOT, 'bench/cold-start/s3-process.ts'));
  const s3 = fork(script, [folder], { execArgv: [] });
  await bundleEntryPoints(ROOT, program, { [LEAST]: 'bench/cold-start/least-function.ts' }, { keepNames: false });
  const starts = new Map<FunctionName, Start[]>(MEASURED.map((name) => [name, []]));
  try {
    const [facts] = (await once(s3, 'message')) as [S3Facts];
    for (let round = 0; round < ROUNDS; round++) {
      say(`cold start: ${round + 1} of ${ROUNDS}`);
      for (const name of MEASURED) {
        const keys = names.splice(0, 2).map((photo) => `photos/${photo}`);
        starts.get(name)!.push(await start(name, { program, work, facts, keys }));
      }
    }
  } finally {
    await end(s3);
  }
  return findings(starts, program);
}

async function start(
  name: FunctionName,
  { program, work, facts, keys }: { program: string; work: string; facts: S3Facts; keys: readonly string[] },
): Promise<Start> {
  const events = keys.map((key) => eventOf(name, facts.source, key));
  const file = join(work, 'events.json');
  writeFileSync(file, JSON.stringify(events));
  const child = fork(join(ROOT, 'bench/cold-start/probe.js'), [join(program, `${name}.js`), file], {
    execPath: deployedNode(),
    execArgv: [],
    env: {
      ...process.env,
      ...ALLOCATOR_VARIABLES,
      ...facts.env,
      THUMBNAILS: JSON.stringify(DEFAULT_THUMBNAILS),
      STORAGE: 's3',
      SOURCE_BUCKET: facts.source,
      THUMBNAIL_BUCKET: facts.thumbnails,
      POWERTOOLS_METRICS_NAMESPACE: 'bench',
      POWERTOOLS_SERVICE_NAME: 'bench',
      POWERTOOLS_LOG_LEVEL: 'SILENT',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const measured = await nextMessage<Start>(child, name);
  await end(child);
  return measured;
}

function eventOf(name: FunctionName, bucket: string, key: string): SQSEvent | APIGatewayProxyEventV2 | LeastEvent {
  switch (name) {
    case 'upload-function':
      return sqsEvent(notification(bucket, key));
    case 'api-function':
      return gatewayEvent({ rawPath: `/thumbnails/large/${key}`, headers: { accept: 'image/webp' } });
    case LEAST:
      return { Bucket: bucket, Key: key };
  }
}

/** Returns the median time in ms between two marks of a cold start. Without `from`, the time begins at the process start. */
function between(starts: readonly Start[], from: number | undefined, to: number, of: 'cpu' | 'wall'): number {
  return median(starts.map(({ marks }) => marks[to]![of] - (from === undefined ? 0 : marks[from]![of])));
}

/** Returns the median CPU time from the start to the first thumbnails, relative to the CPU time of the second image. */
function relativeToWarm(starts: readonly Start[]): number {
  return median(starts.map(({ marks }) => marks[3]!.cpu / (marks[4]!.cpu - marks[3]!.cpu)));
}

const STEPS = [
  { title: 'runtime: the process, Node.js', from: undefined, to: 0 },
  { title: 'import of sharp and libvips', from: 0, to: 1 },
  { title: 'import of all else', from: 1, to: 2 },
  { title: 'first image: read, decode, encode, store', from: 2, to: 3 },
  { title: 'from the start to the first thumbnails', from: undefined, to: 3 },
  { title: 'a second image, warm', from: 3, to: 4 },
] as const;

function findings(starts: ReadonlyMap<FunctionName, readonly Start[]>, program: string): Findings {
  const least = starts.get(LEAST)!;
  const figures: Record<string, number> = {};
  const tables: Table[] = [];
  const plots: Plot[] = [];
  for (const name of FUNCTIONS) {
    const measured = starts.get(name)!;
    const rows = STEPS.map(({ title, from, to }) => [
      title,
      fixed(between(measured, from, to, 'cpu')),
      fixed(between(measured, from, to, 'wall')),
    ]);
    tables.push({ title: `Cold start: ${name}`, columns: ['step', 'CPU ms', 'wall ms'], rows });
    figures[`${name}: imports, CPU ms`] = between(measured, 0, 2, 'cpu');
    // Each ratio compares a start of the function `name` with a start of the function `least-function` in the same round.
    const ratios = measured.map(({ marks }, round) => {
      const [{ cpu: from }, , { cpu: to }] = least[round]!.marks as [Mark, Mark, Mark];
      return (marks[2]!.cpu - marks[0]!.cpu) / (to - from);
    });
    figures[`${name}: imports / least imports`] = median(ratios);
    figures[`${name}: first thumbnails / warm`] = relativeToWarm(measured);
    figures[`${name}: first thumbnails / least first thumbnails`] = median(
      measured.map(({ marks }, round) => marks[3]!.cpu / least[round]!.marks[3]!.cpu),
    );
    figures[`${name}: to the first thumbnails, CPU ms`] = between(measured, undefined, 3, 'cpu');
    figures[`${name}: peak MiB`] = median(measured.map(({ memory }) => memory));
    plots.push({
      name: `cold-start-${name}`,
      title: `Cold start: ${name}`,
      unit: 'CPU ms',
      bars: STEPS.map(({ title, from, to }) => ({
        label: title.split(':')[0]!,
        value: between(measured, from, to, 'cpu'),
        ours: true,
      })),
    });
  }
  tables.push({
    title: 'Cold start: ratios',
    note: `Each ratio is the median over all rounds. The ${LEAST} uses only sharp and the S3 client.`,
    columns: [
      'function',
      `imports, relative to the ${LEAST}`,
      `start to first thumbnails, relative to the ${LEAST}`,
      'start to first thumbnails, relative to warm',
    ],
    rows: [
      ...FUNCTIONS.map((name) => [
        name,
        times(figures[`${name}: imports / least imports`]!),
        times(figures[`${name}: first thumbnails / least first thumbnails`]!),
        times(figures[`${name}: first thumbnails / warm`]!),
      ]),
      [LEAST, times(1), times(1), times(relativeToWarm(least))],
    ],
  });
  figures['least imports, CPU ms'] = between(least, 0, 2, 'cpu');
  const sizes = new Map<string, number>();
  for (const name of readdirSync(program)) {
    const file = name.startsWith('chunk-') ? 'chunks of the functions' : name;
    sizes.set(file, (sizes.get(file) ?? 0) + statSync(join(program, name)).size);
  }
  const files = Array.from(sizes, ([name, bytes]) => ({ name, bytes }));
  tables.push({
    title: 'Bytes of the bundles',
    note: 'Not included: sharp with libvips (18 MB) and the WebAssembly HEIC decoder, which is loaded with the first HEIC image.',
    columns: ['file', 'KiB'],
    rows: files.map(({ name, bytes }) => [name, fixed(bytes / 1024)]),
  });
  tables.push(lambdaCosts(between(starts.get('upload-function')!, 3, 4, 'cpu')));
  for (const { name, bytes } of files) {
    figures[`bytes of ${name}`] = bytes;
  }
  return { tables, plots, figures };
}
