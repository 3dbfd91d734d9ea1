import { isDeepStrictEqual } from 'node:util';
import { DEFAULT_LIMITS } from '../../../runtime/contract';
import { announcing, EventPublishError, queueing, type EventPublisher } from '../../../runtime/events';
import { announcementMessage, Pipeline, type Reconcile, type Render } from '../../../runtime/pipeline';
import { thumbnailSetFolder } from '../../../runtime/pipeline/thumbnail-set/thumbnail-keys';
import { workBatch } from '../../../runtime/program/queue/message-batch';
import { MemoryObjectStore } from '../../support/aws/memory-store';
import { Random } from '../../support/random';
import { notification } from '../../unit/lambda/sqs-event';
import { fakeRender, settingsWith } from '../../unit/pipeline/fakes';
import { storedSet, wantedSet, type SetContents } from '../schedules/simulation';
import { EventLog } from './event-log';
import { FaultyQueue, type QueuedMessage } from './faulty-queue';
import { FaultPlan, FaultyObjectStore, History, type FaultRates } from './faulty-store';
import { VirtualTime } from './virtual-time';

/** Options of a {@link Soak}. */
export interface SoakOptions {
  readonly seed: number;
  /** Number of source changes. Each change sends an event. */
  readonly events: number;
  /** Number of sources. */
  readonly keys: number;
  /** @default {@link S3_FAULTS} */
  readonly faults?: FaultRates;
  /**
   * Start of an outage of the object stores, in milliseconds. {@link Soak.mend} ends the outage. @default - no outage
   */
  readonly outage?: number;
  readonly etags?: 'content' | 'unique';
  /**
   * Probability that a worker ends at a step, from 0 to 1. The steps are the start of a request, the time between the effect of a
   * request and its response, and a rendering.
   *
   * @default 0.0015
   */
  readonly deaths?: number;
  /** Number of processes that render thumbnails for HTTP requests. @default 0 */
  readonly requestProcesses?: number;
}

/** Probabilities of faults that remain after all attempts of the SDK. In S3, these probabilities are much lower. */
export const S3_FAULTS: FaultRates = { slow: 0.002, error: 0.006, throttled: 0.006, reset: 0.006, lost: 0.01 };
/** Probabilities of faults of an eventually consistent store. S3 was eventually consistent until 2020. */
export const EVENTUAL_FAULTS: FaultRates = { ...S3_FAULTS, stale: 0.02 };

const SETTINGS = settingsWith();
const BUCKET = SETTINGS.sourceLocation.name;
const WORKER_PROCESSES = 24;
const BATCH = 10;
/**
 * Timeout of a worker invocation in milliseconds. The construct sets a longer timeout for batches of ten messages. The simulation
 * uses a shorter timeout, so that some batches time out.
 */
const TIMEOUT = 60_000;
/** Number of requests after which the simulated Lambda replaces a process. */
const REQUESTS_PER_PROCESS = 20;
/** Timeout of a function for HTTP requests, in milliseconds. */
const REQUEST_TIMEOUT = 29_000;
/**
 * Delay in milliseconds before a worker receives the key of an on-demand render. The delay exceeds REQUEST_TIMEOUT, so that the
 * render has ended when the worker receives the key.
 */
const ANNOUNCEMENT_DELAY = 30_000;
const MILLISECONDS_PER_KEY = 1000 * (DEFAULT_LIMITS.maxDurationSeconds + 5);
const MAX_RECEIVE_COUNT = 5;
/**
 * Number of attempts of each message in which faults can occur. Later attempts have no faults, because a valid message could
 * otherwise exceed MAX_RECEIVE_COUNT.
 */
const TROUBLED_TRIES = 3;
/** Fraction of the renderings that take `maxDuration`, from 0 to 1. */
const LONG_RENDERINGS = 0.01;
const POISONED_KEYS = Array.from({ length: 5 }, (_, index) => `poison/${index}.jpg`);
const MALFORMED = [
  'hello',
  '{}',
  '[1]',
  '{"Records":[{"eventName":"ObjectCreated:Put"}]}',
  '{"Type":"Notification","Message":"?"}',
];

/** Worker that processes messages until it ends. */
interface Life {
  isDead: boolean;
  /** Whether the worker runs without faults. */
  isSpared: boolean;
  /** Resolves when the worker ends. */
  readonly death: Promise<'died'>;
  readonly die: () => void;
}

/**
 * Changes sources at random and processes the events with workers that end at random times. The object stores and the
 * queue have faults. The simulation runs in virtual time. One seed determines all random choices.
 */
export class Soak {
  public readonly source: MemoryObjectStore;
  public readonly thumbnails: MemoryObjectStore;
  public readonly queue: FaultyQueue;
  public readonly faults: FaultPlan;
  /** Events that the workers published. */
  public readonly events: EventLog;
  public readonly time = new VirtualTime();
  /** All keys that have had a source. */
  public readonly keys: readonly string[];
  /** Ids of malformed messages. */
  public readonly poison: string[] = [];
  public readonly counts = {
    changes: { put: 0, replaced: 0, deleted: 0 },
    deaths: 0,
    /** Number of invocations that returned before their deadline with unfinished keys. */
    deadlineExceeded: 0,
    /** Number of invocations that exceeded their timeout. */
    stopped: 0,
    outcomes: {} as Record<string, number>,
    /** Number of publications that failed before or after the receiver accepted the event. */
    publicationsFailed: 0,
    /** Sets that a request rendered. */
    rendersForRequests: 0,
  };
  private isChanging = true;
  private readonly random: Random;
  private outage: number;
  private readonly histories = { source: new History(), thumbnails: new History() };

  public constructor(private readonly options: SoakOptions) {
    this.random = new Random(options.seed);
    this.outage = options.outage ?? Infinity;
    const now = (): Date => new Date(1e12 + this.time.now);
    this.source = new MemoryObjectStore({ now });
    this.events = new EventLog(() => this.thumbnails, SETTINGS.thumbnailLocation.prefix);
    const { hook } = this.events;
    this.thumbnails = new MemoryObjectStore({ now, etags: options.etags ?? 'content', pageSize: 3, hook });
    this.faults = new FaultPlan(this.random.fork(), options.faults ?? S3_FAULTS);
    this.queue = new FaultyQueue({
      time: this.time,
      random: this.random.fork(),
      visibilityTimeout: 6 * TIMEOUT,
      maxReceiveCount: MAX_RECEIVE_COUNT,
      duplicates: 0.1,
      ghosts: 0.05,
      delay: [800, 60_000],
    });
    this.keys = Array.from({ length: options.keys }, (_, index) => keyOf(index));
  }

  /** Runs until every message is deleted or in the dead-letter queue. */
  public async run(): Promise<void> {
    void this.change(this.random.fork());
    for (let worker = 0; worker < WORKER_PROCESSES; worker++) {
      void this.work(this.random.fork());
    }
    for (let process = 0; process < (this.options.requestProcesses ?? 0); process++) {
      void this.respond(this.random.fork());
    }
    await this.time.run();
  }

  /**
   * Ends the outage and redrives the dead-letter queue. Then runs until every message is deleted or in the dead-letter
   * queue.
   */
  public async mend(): Promise<void> {
    this.outage = Infinity;
    this.queue.redrive();
    await this.time.run();
  }

  /** Returns a pipeline without faults. */
  public pipeline(): Pipeline {
    return new Pipeline({ source: this.source, thumbnails: this.thumbnails, settings: SETTINGS, render: fakeRender });
  }

  /** Returns the keys whose thumbnail set does not match the source, with the stored and the expected thumbnail set. */
  public differences(): { readonly key: string; readonly stored: SetContents; readonly wanted: SetContents }[] {
    return this.keys.flatMap((key) => {
      const stored = storedSet(this.thumbnails, key, SETTINGS);
      const wanted = wantedSet(this.source, key, SETTINGS);
      return isDeepStrictEqual(stored, wanted) ? [] : [{ key, stored, wanted }];
    });
  }

  /** Returns the keys in the thumbnail store that belong to no source. */
  public leftovers(): string[] {
    const wanted = new Set(
      this.keys.flatMap((key) => {
        const { files, status } = wantedSet(this.source, key, SETTINGS);
        const manifest =
          status === undefined ? [] : [`${thumbnailSetFolder(SETTINGS.thumbnailLocation.prefix, key)}/manifest.json`];
        return [...Object.keys(files), ...manifest];
      }),
    );
    return this.thumbnails.keys.filter((key) => !wanted.has(key));
  }

  /** Changes sources and sends events. */
  private async change(random: Random): Promise<void> {
    for (const key of POISONED_KEYS) {
      await this.source.put(key, Buffer.from('later'), { contentType: 'image/jpeg' });
      this.poison.push(...this.queue.send(notification(BUCKET, key)));
    }
    for (const body of MALFORMED) {
      this.poison.push(...this.queue.send(body));
    }
    const hot = this.keys.slice(0, 10);
    for (let event = 0; event < this.options.events; event++) {
      await this.time.sleep(random.wait(50, 2000));
      const key = event < this.keys.length ? this.keys[event]! : random.pick(random.chance(0.3) ? hot : this.keys);
      if (random.chance(0.2)) {
        await this.histories.source.note(this.source, key);
        await this.source.delete([key]);
        this.counts.changes.deleted += 1;
      } else {
        this.counts.changes[this.source.objects.has(key) ? 'replaced' : 'put'] += 1;
        // The number of different contents is small, so that earlier contents recur.
        const body = random.chance(0.05) ? 'bad' : `v${random.below(4)}`;
        const metadata: Record<string, string> = random.chance(0.1)
          ? { 'focal-point': random.pick(['0.1,0.9', 'nonsense']) }
          : {};
        await this.histories.source.note(this.source, key);
        await this.source.put(key, Buffer.from(body), { contentType: 'image/jpeg', metadata });
      }
      this.queue.send(notification(BUCKET, key));
    }
    this.isChanging = false;
  }

  /** Renders on demand in consecutive processes, while sources change. */
  private async respond(random: Random): Promise<void> {
    while (this.isChanging) {
      const life = newLife();
      const { reconcile } = this.processOf(life, random, 'requests');
      for (let request = 0; request < REQUESTS_PER_PROCESS && !life.isDead; request++) {
        await this.time.sleep(random.wait(2000, 20_000));
        const stop = this.time.after(REQUEST_TIMEOUT, life.die);
        const outcome = reconcile(random.pick(this.keys)).then(
          ({ status }) => (this.counts.rendersForRequests += status === 'made' ? 1 : 0),
          () => undefined,
        );
        await Promise.race([outcome, life.death]);
        stop();
      }
    }
  }

  /** Runs consecutive workers, each until it ends. */
  private async work(random: Random): Promise<void> {
    for (;;) {
      await this.live(random);
      await this.time.sleep(random.wait(1000, 5000));
    }
  }

  private async live(random: Random): Promise<void> {
    const life = newLife();
    const { reconcile } = this.processOf(life, random, 'messages');
    while (!life.isDead) {
      const batch = await this.queue.receive(1 + random.below(BATCH));
      life.isSpared = batch.some(({ receiveCount }) => receiveCount > TROUBLED_TRIES);
      await this.invoke(reconcile, batch, life);
    }
  }

  /** Creates the pipeline and stores of a new process. */
  private processOf(life: Life, random: Random, role: 'messages' | 'requests'): { readonly reconcile: Reconcile } {
    const source = this.faulty('source', life, random);
    const pipeline = new Pipeline({
      source,
      thumbnails: this.faulty('thumbnails', life, random),
      settings: SETTINGS,
      render: this.slowly(life, random),
    });
    if (role === 'requests') {
      const send = async (key: string): Promise<void> => {
        await this.survive(life, random);
        this.queue.send(announcementMessage(BUCKET, key), ANNOUNCEMENT_DELAY);
        await this.survive(life, random);
      };
      const queued = queueing(pipeline.reconcile, { pipeline, send });
      // Renders only existing sources, as the routes of the HTTP API do.
      return {
        reconcile: async (key) => ((await source.head(key)) ? queued(key) : { status: 'deleted', key, removed: 0 }),
      };
    }
    const reconcile = announcing(pipeline.reconcile, {
      publisher: this.publisherOf(life, random),
      pipeline: 'soak',
      settings: SETTINGS,
      storedManifest: (key) => pipeline.storedManifest(key),
      now: () => new Date(1e12 + this.time.now),
    });
    return { reconcile };
  }

  /** Publishes events with network faults, and ends the process at random times. */
  private publisherOf(life: Life, random: Random): EventPublisher {
    const rate = this.options.faults?.error ?? S3_FAULTS.error!;
    const mayFail = (): void => {
      if (!life.isSpared && random.chance(rate)) {
        this.counts.publicationsFailed += 1;
        throw new EventPublishError('the receiver did not respond');
      }
    };
    return {
      publish: async (event) => {
        await this.time.sleep(random.wait(15, 200));
        await this.survive(life, random);
        mayFail();
        this.events.accept(event);
        await this.survive(life, random);
        mayFail();
      },
    };
  }

  private async invoke(reconcile: Reconcile, batch: readonly QueuedMessage[], life: Life): Promise<void> {
    const end = this.time.now + TIMEOUT;
    const stop = this.time.after(TIMEOUT, () => {
      this.counts.stopped += 1;
      life.die();
    });
    const failed = workBatch(batch, {
      reconcile: async (key, options) => {
        const outcome = await reconcile(key, options);
        this.counts.outcomes[outcome.status] = (this.counts.outcomes[outcome.status] ?? 0) + 1;
        return outcome;
      },
      bucket: BUCKET,
      millisecondsPerKey: MILLISECONDS_PER_KEY,
      remaining: () => end - this.time.now,
      after: this.time.after,
      log: {
        malformed: () => undefined,
        foreign: (bucket) => {
          throw new Error(`received an event of the bucket ${bucket}; expected the bucket ${BUCKET}`);
        },
        deadlineExceeded: () => (this.counts.deadlineExceeded += life.isDead ? 0 : 1),
      },
    });
    const answer = await Promise.race([failed, life.death]);
    stop();
    if (answer !== 'died') {
      this.queue.settle(batch, answer);
    }
  }

  private faulty(which: 'source' | 'thumbnails', life: Life, random: Random): FaultyObjectStore {
    return new FaultyObjectStore({
      store: this[which],
      history: this.histories[which],
      draw: (operation) => {
        if (this.time.now >= this.outage) {
          return 'error';
        }
        return life.isSpared ? undefined : this.faults.draw(operation);
      },
      pause: async (_, isSlow) => {
        await this.time.sleep(isSlow ? 2000 + random.below(60_000) : random.wait(15, 200));
        await this.survive(life, random);
      },
    });
  }

  private slowly(life: Life, random: Random): Render {
    return async (source, options) => {
      const isLong = !life.isSpared && random.chance(LONG_RENDERINGS);
      await this.time.sleep(isLong ? 1000 * DEFAULT_LIMITS.maxDurationSeconds : random.wait(300, 2000));
      await this.survive(life, random);
      return fakeRender(source, options);
    };
  }

  /** Never resolves if the worker has ended or ends at this step. */
  private async survive(life: Life, random: Random): Promise<void> {
    if (!life.isDead && !life.isSpared && random.chance(this.options.deaths ?? 0.0015)) {
      this.counts.deaths += 1;
      life.die();
    }
    if (life.isDead) {
      await new Promise(() => undefined);
    }
  }
}

function newLife(): Life {
  let resolve: (word: 'died') => void = () => undefined;
  const death = new Promise<'died'>((resolveDeath) => (resolve = resolveDeath));
  const life: Life = {
    isDead: false,
    isSpared: false,
    death,
    die: () => {
      life.isDead = true;
      resolve('died');
    },
  };
  return life;
}

/**
 * Returns a key of one of four kinds: in a folder, in the folder of another thumbnail set, longer than a folder name, or
 * with characters that URLs and forms encode.
 */
function keyOf(index: number): string {
  const plain = `album ${index % 20}/photo ${index}.jpg`;
  switch (index % 25) {
    case 1:
      return `${keyOf(index - 1)}/small.webp`;
    case 2:
      return `${'long/'.repeat(195)}${index}.jpg`;
    case 3:
      return `ü +%/${index} & 写真.png`;
    default:
      return plain;
  }
}
