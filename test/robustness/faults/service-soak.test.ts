import { setTimeout as delay } from 'node:timers/promises';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { readCoreSettings } from '../../../runtime/config/core-settings';
import { Pipeline } from '../../../runtime/pipeline';
import type { ObjectStore } from '../../../runtime/storage';
import { S3ObjectStore } from '../../../runtime/storage/s3/s3-object-store';
import { MemoryObjectStore } from '../../support/aws/memory-store';
import { startS3, type S3Server } from '../../support/aws/s3';
import { startSqs, type SqsServer, type TestQueue } from '../../support/aws/sqs';
import { eventually } from '../../support/eventually';
import { quadrants } from '../../support/images';
import { buildBundles, type Bundles } from '../../support/processes/bundles';
import { FILES, ServiceProcess, SETTINGS } from '../../support/processes/service-process';
import { Random } from '../../support/random';
import { isAlive } from '../../unit/container/workers/fake-worker-process';
import { FaultPlan } from './faulty-store';
import { startS3Proxy } from './s3-proxy';

// Kills processes of the deployed bundle. The service uses SQS, and uses S3 through a proxy that injects faults.
// To use more events and other seeds: SERVICE_SOAK_EVENTS=3000 SOAK_SEEDS=1,2 npx jest
// test/robustness/faults/service-soak

const EVENTS = Number(process.env['SERVICE_SOAK_EVENTS'] ?? 100);
const KEYS = Math.ceil(EVENTS / 6);
const SEEDS = (process.env['SOAK_SEEDS'] ?? '20261122').split(',').map(Number);
/** Probability of each fault in an attempt of a request, from 0 to 1. The service makes four attempts. */
const RATES = { slow: 0.02, error: 0.03, throttled: 0.005, reset: 0.03, lost: 0.03 };
/** Number of source changes after which the test kills a process. */
const CHANGES_A_DEATH = 25;
const POISON = ['poison/0.abort', 'poison/1.abort'];
const MALFORMED = ['hello', '{}', '{"Records":[{"eventName":"ObjectCreated:Put"}]}'];

let bundles: Bundles;
let s3: S3Server;
let sqs: SqsServer;
let contents: readonly Buffer[];
beforeAll(async () => {
  bundles = buildBundles({ workerProcess: 'test/support/processes/faulty-worker-process.ts' });
  const sizes = [
    { width: 96, height: 64 },
    { width: 64, height: 96 },
    { width: 90, height: 90 },
  ];
  [s3, sqs, contents] = await Promise.all([
    startS3(),
    startSqs(),
    Promise.all([...sizes.map((size) => quadrants(size)), Promise.resolve(Buffer.from('no picture'))]),
  ]);
}, 120_000);
afterAll(async () => {
  await Promise.all([s3.stop(), sqs.stop()]);
  bundles.remove();
});

test.each(SEEDS)(
  'every thumbnail set matches its final source despite killed processes and faults: seed %i',
  async (seed) => {
    const begin = performance.now();
    const laps: Record<string, number> = {};
    const lap = (name: string): void => void (laps[name] = Math.round((performance.now() - begin) / 100) / 10);
    const random = new Random(seed);
    const plan = new FaultPlan(random.fork(), RATES);
    const proxy = await startS3Proxy({ target: s3.endpoint, draw: (operation) => plan.draw(operation), slowness: 300 });
    const [source, thumbnails, queue] = await Promise.all([
      s3.createBucket(),
      s3.createBucket(),
      sqs.createQueue({ maxReceiveCount: 5 }),
    ]);
    const sender = new Sender(random.fork(), queue);
    const endEvents = s3.onEvent((event) => {
      const [record] = event.Records;
      if (record?.s3.bucket.name === source) {
        sender.send(JSON.stringify(event), POISON.includes(record.s3.object.key));
      }
    });
    const victim = new Victim(random.fork(), {
      ...s3.env,
      ...sqs.env,
      AWS_ENDPOINT_URL_S3: proxy.endpoint,
      AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
      SERVICE_MODE: 'worker',
      SOURCE_BUCKET: source,
      THUMBNAIL_BUCKET: thumbnails,
      QUEUE_URL: queue.url,
    });
    try {
      await victim.start();
      lap('started');
      const put = (Key: string, Body: Buffer): Promise<unknown> =>
        s3.client.send(new PutObjectCommand({ Bucket: source, Key, Body }));
      for (const key of POISON) {
        await put(key, contents[0]!);
      }
      for (const body of MALFORMED) {
        sender.send(body, true);
      }
      const keys = Array.from({ length: KEYS }, (_, index) => `album ${index % 5}/ü ${index}.jpg`);
      for (let event = 1; event <= EVENTS; event++) {
        const key = event <= KEYS ? keys[event - 1]! : random.pick(keys);
        if (random.chance(0.2)) {
          await s3.client.send(new DeleteObjectCommand({ Bucket: source, Key: key }));
        } else {
          await put(key, random.pick(contents));
        }
        await delay(random.wait(30, 200));
        // Without this wait, most changes would precede the first rendering.
        if (event % 10 === 0) {
          await depthBelow(queue, 10);
        }
        if (event % CHANGES_A_DEATH === 0) {
          await victim.strike();
        }
      }
      await sender.end();
      lap('sent');
      await depthBelow(queue, 1);
      lap('drained');

      const bucket = (name: string): S3ObjectStore => new S3ObjectStore({ bucket: name, client: s3.client });
      const wanted = await freshSets(bucket(source), keys);
      expect(await contentsOf(bucket(thumbnails))).toEqual(wanted);
      expect((await deadBodies(queue)).sort()).toEqual([...sender.poison].sort());
      expect(victim.deaths.child).toBeGreaterThan(0);
      expect(victim.deaths.service).toBeGreaterThan(0);
      for (const fault of ['slow', 'error', 'reset', 'lost'] as const) {
        expect([fault, plan.counts[fault] > 0]).toEqual([fault, true]);
      }
      if (process.env['SERVICE_SOAK_EVENTS'] ?? process.env['SOAK_SEEDS']) {
        const { deaths, made } = victim;
        const report = {
          seed,
          laps,
          events: EVENTS,
          keys: KEYS,
          sent: sender.counts,
          requests: proxy.requests(),
          deaths,
          made,
        };
        process.stderr.write(`${JSON.stringify({ ...report, faults: plan.counts, poison: sender.poison.length })}\n`);
      }
    } finally {
      endEvents();
      await victim.end();
      await proxy.stop();
    }
  },
  600_000,
);

/** Sends each message once or twice, at once or with a delay. */
class Sender {
  /** Bodies of all malformed messages that were sent. */
  public readonly poison: string[] = [];
  public readonly counts = { messages: 0, duplicates: 0, late: 0 };
  private readonly sending: Promise<void>[] = [];

  public constructor(
    private readonly random: Random,
    private readonly queue: TestQueue,
  ) {}

  public send(body: string, isPoison: boolean): void {
    const copies = this.random.chance(0.15) ? 2 : 1;
    this.counts.duplicates += copies - 1;
    for (let copy = 0; copy < copies; copy++) {
      const isLate = this.random.chance(0.2);
      this.counts.messages += 1;
      this.counts.late += isLate ? 1 : 0;
      if (isPoison) {
        this.poison.push(body);
      }
      this.sending.push(delay(isLate ? 2000 * this.random.fraction() : 0).then(() => sqs.send(this.queue.url, body)));
    }
  }

  public async end(): Promise<void> {
    await Promise.all(this.sending);
  }
}

/** Service whose processes the test kills repeatedly. */
class Victim {
  public readonly deaths = { child: 0, service: 0 };
  private service: ServiceProcess | undefined;
  private madeBefore = 0;
  private struck = 0;

  public constructor(
    private readonly random: Random,
    private readonly variables: Readonly<Record<string, string>>,
  ) {}

  public async start(): Promise<void> {
    this.service = await ServiceProcess.start(bundles.path('service'), this.variables);
  }

  /** Total number of thumbnail sets that all processes have rendered. */
  public get made(): number {
    return this.madeBefore + (this.service?.made.length ?? 0);
  }

  /** Kills a worker process or the service while it renders. */
  public async strike(): Promise<void> {
    await eventually(() => this.worked >= this.struck + 8 || undefined, 'the service to work on some images');
    this.struck = this.worked;
    const child = this.service!.started.workerPids.filter(isAlive).at(-1);
    if (child !== undefined && this.random.chance(0.7)) {
      this.deaths.child += 1;
      process.kill(child, 'SIGKILL');
      return;
    }
    this.deaths.service += 1;
    await this.end();
    this.struck = 0;
    await this.start();
  }

  /** Number of images that the current process has processed. */
  private get worked(): number {
    return this.service?.lines.filter(({ status }) => status !== undefined).length ?? 0;
  }

  public async end(): Promise<void> {
    this.madeBefore = this.made;
    const ended = this.service;
    this.service = undefined;
    await ended?.stop('SIGKILL');
  }
}

/** Waits until a queue has fewer messages, including messages in flight. */
async function depthBelow(queue: TestQueue, depth: number): Promise<void> {
  await eventually(
    async () => {
      const { visible, hidden } = await sqs.depth(queue.url);
      return visible + hidden < depth || undefined;
    },
    `less than ${depth} messages to be in the queue`,
    300,
  );
}

async function deadBodies({ deadLetterUrl }: TestQueue): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const more = await sqs.receive(deadLetterUrl);
    if (more.length === 0) {
      return bodies;
    }
    bodies.push(...more);
  }
}

/** Returns the thumbnail sets that a pipeline creates without faults. */
async function freshSets(source: ObjectStore, keys: readonly string[]): Promise<Record<string, string>> {
  const thumbnails = new MemoryObjectStore();
  const settings = readCoreSettings({ ...SETTINGS, SOURCE_BUCKET: 'source', THUMBNAIL_BUCKET: 'thumbnails' });
  const pipeline = new Pipeline({ source, thumbnails, settings });
  for (const key of keys) {
    await pipeline.reconcile(key);
  }
  expect(thumbnails.keys.length).toBeGreaterThan(keys.length * (FILES.length - 2));
  return contentsOf(thumbnails);
}

/** Returns all objects of a store by key. */
async function contentsOf(store: ObjectStore): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  for await (const { key } of store.list({ prefix: '' })) {
    contents[key] = (await store.get(key, { maxBytes: Infinity }))!.body.toString('base64');
  }
  return contents;
}
