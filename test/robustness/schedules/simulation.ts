import { AnalysisError, type Analyze } from '../../../runtime/analysis';
import type { CoreSettings } from '../../../runtime/contract';
import { ImageRejection } from '../../../runtime/engine';
import { queueing } from '../../../runtime/events';
import { createHttpApi } from '../../../runtime/http';
import {
  Pipeline,
  readChangedObjects,
  SourceChangingError,
  type Manifest,
  type Reconcile,
  type Render,
} from '../../../runtime/pipeline';
import { fileName, thumbnailSetFolder } from '../../../runtime/pipeline/thumbnail-set/thumbnail-keys';
import { analysisRetries } from '../../../runtime/program/analysis-retries';
import { forwarding } from '../../../runtime/program/queue/forwarding';
import { ObjectStoreError } from '../../../runtime/storage/object-store';
import { MemoryObjectStore, type StoreHook } from '../../support/aws/memory-store';
import { fakeRender, renderedThumbnails } from '../../unit/pipeline/fakes';
import { Interleaver, type Chooser } from './interleaver';

/** Description of a source. */
export interface Source {
  readonly body: string;
  /** Value of the metadata `focal-point`. */
  readonly focalPoint?: string | undefined;
}

/** A change of a source. */
export interface Change {
  readonly key: string;
  /** New source; undefined to remove the source. */
  readonly source: Source | undefined;
  /** Number of events per change. */
  readonly hints: number;
}

/**
 * A call of the HTTP API.
 *
 * - `render`: `GET` of a thumbnail, which renders a missing thumbnail set
 * - `delete`: `DELETE` of an image
 * - `upload`: the end of an upload, which stores the source
 */
export type ApiCall =
  | { readonly operation: 'render' | 'delete'; readonly key: string }
  | { readonly operation: 'upload'; readonly key: string; readonly source: Source };

/** Returns the fault of a {@link World} for a step of a worker or an API call. */
export type Mishap = (step: number) => 'dies' | 'fails before' | 'fails after' | undefined;

/** Options of a {@link World}. */
export interface WorldOptions {
  readonly settings: CoreSettings;
  readonly choose: Chooser;
  readonly mishap?: Mishap;
  readonly etags?: 'content' | 'unique';
  /** Whether the messages of API calls are lost, which the explorer must detect. @default false */
  readonly losesMessages?: boolean;
  /**
   * Returns whether only a larger worker can render a source. If so, workers and API calls forward its key.
   *
   * @default - no forwarding
   */
  readonly isLarge?: ((body: string) => boolean) | undefined;
  /** Analyses sources, if the settings contain an analysis. @default - no analysis */
  readonly analyze?: Analyze | undefined;
}

/** A delivery of a message to a worker. */
interface Delivery {
  readonly key: string;
  /** Number of deliveries of the message, including this delivery. */
  readonly attempt: number;
  /** Whether a worker or an API call forwarded the message to a larger worker. */
  readonly isForwarded: boolean;
  /** Number of earlier attempts whose analysis failed. */
  readonly failedAnalyses: number;
}

/** The task that changes the sources. */
export const USER = 'user';
/** First word in the name of each task that runs an API call. */
export const API = 'api';

type Decorate = (reconcile: Reconcile) => Reconcile;

/** Steps of a task that can end early or fail. */
interface Steps {
  /** Waits for the turn of the task before and after a request. Never resolves if the task has ended early. */
  readonly hook: StoreHook;
  readonly isDead: () => boolean;
}

/**
 * Simulates concurrent tasks on two object stores: a user task that changes the sources, one worker per message, and API
 * calls. If a worker ends early or fails, its message is delivered again. An API call that ends early is not repeated. The
 * message of the call is delivered after the end of the call, because the delay of the message exceeds the timeout of the
 * call.
 */
export class World {
  public readonly source: MemoryObjectStore;
  public readonly thumbnails: MemoryObjectStore;
  private readonly interleaver: Interleaver;
  private readonly defects: unknown[] = [];
  private seconds = 0;
  private workers = 0;
  private steps = 0;
  private sent = 0;

  public constructor(private readonly options: WorldOptions) {
    const now = () => new Date(1e12 + 1000 * this.seconds++);
    this.source = new MemoryObjectStore({ now });
    this.thumbnails = new MemoryObjectStore({ now, etags: options.etags ?? 'content', pageSize: 2 });
    this.interleaver = new Interleaver(({ step, ...choice }) => {
      this.steps = step;
      return options.choose({ step, ...choice });
    });
  }

  /** Whether a worker has received an event or a message of an API call. */
  public get hasWorked(): boolean {
    return this.workers > 0;
  }

  /** Number of messages that were sent to larger workers. */
  public get forwarded(): number {
    return this.sent;
  }

  /** Stores or removes a source without a message to the workers. */
  public async set(key: string, source: Source | undefined): Promise<void> {
    if (source) {
      await put(this.source, key, source);
    } else {
      await this.source.delete([key]);
    }
  }

  /** Returns a pipeline on these object stores without faults and interruptions. */
  public pipeline(settings: CoreSettings = this.options.settings): Pipeline {
    const { source, thumbnails } = this;
    return new Pipeline({ source, thumbnails, settings, render: fakeRender, analyze: this.options.analyze });
  }

  /**
   * Delivers the messages, starts the API calls, and makes the changes one after the other. Resolves when a worker has
   * processed each message without a failure.
   */
  public async run(
    hints: readonly string[],
    changes: readonly Change[],
    apiCalls: readonly ApiCall[] = [],
  ): Promise<void> {
    hints.forEach((key) => this.deliver(key));
    apiCalls.forEach((call, index) => {
      this.call(call, `${API} ${index}`).catch((error: unknown) => this.defects.push(error));
    });
    void this.make(changes);
    await this.interleaver.run();
    if (this.defects.length > 0) {
      throw new AggregateError(this.defects, 'a worker or an API call failed without a fault of a store');
    }
  }

  private async make(changes: readonly Change[]): Promise<void> {
    for (const { key, source, hints } of changes) {
      await this.interleaver.pause(USER);
      await this.set(key, source);
      Array.from({ length: hints }, () => this.deliver(key));
    }
  }

  private deliver(key: string): void {
    this.deliverTo({ key, attempt: 1, isForwarded: false, failedAnalyses: 0 });
  }

  private deliverTo(delivery: Delivery): void {
    this.work(delivery, `worker ${this.workers++}`).catch((error: unknown) => {
      if (error instanceof ObjectStoreError || error instanceof SourceChangingError) {
        this.deliverTo(again(delivery));
      } else {
        this.defects.push(error);
      }
    });
  }

  private async work(delivery: Delivery, name: string): Promise<void> {
    const { hook } = this.stepsOf(name, () => this.deliverTo(again(delivery)));
    await this.interleaver.pause(name);
    const { key, attempt, isForwarded } = delivery;
    const { reconcile } = this.pipelineOf(hook, { isLarger: isForwarded });
    // Larger workers do not forward.
    try {
      await (isForwarded ? reconcile : this.forwarding(reconcile, hook))(key, { attempt });
    } catch (error) {
      if (!(error instanceof AnalysisError)) {
        throw error;
      }
      await this.postpone(delivery, hook);
    }
  }

  /** Replaces a message whose analysis failed by a copy. The task can end before and after it sends the copy. */
  private async postpone({ key, failedAnalyses }: Delivery, hook: StoreHook): Promise<void> {
    const { settings } = this.options;
    const { postpone } = analysisRetries({
      settings: settings.analysis!,
      bucket: settings.sourceLocation.name,
      send: async (message) => {
        await hook({ operation: 'put', key: 'queue' }, 'sent');
        for (const { key: sent, failedAnalyses: count = 0 } of readChangedObjects(message)) {
          this.deliverTo({ key: sent, attempt: 1, isForwarded: false, failedAnalyses: count });
        }
        await hook({ operation: 'put', key: 'queue' }, 'answered');
        await hook({ operation: 'delete', key: 'queue' }, 'sent');
      },
    });
    await postpone({ key, announce: false, failedAnalyses });
  }

  /**
   * Adds the forwarding of large sources if the scenario has a larger worker. The task can end before and after it
   * sends the message.
   */
  private forwarding(reconcile: Reconcile, hook: StoreHook, decorate: Decorate = (same) => same): Reconcile {
    const { settings, isLarge } = this.options;
    if (!isLarge) {
      return decorate(reconcile);
    }
    return forwarding(decorate(reconcile), {
      withoutRendering: decorate((key, options) => reconcile(key, { ...options, renders: false })),
      bucket: settings.sourceLocation.name,
      send: async (message) => {
        await hook({ operation: 'put', key: 'large queue' }, 'sent');
        this.sent += 1;
        for (const { key } of readChangedObjects(message)) {
          this.deliverTo({ key, attempt: 1, isForwarded: true, failedAnalyses: 0 });
        }
        await hook({ operation: 'put', key: 'large queue' }, 'answered');
        await hook({ operation: 'delete', key: 'queue' }, 'sent');
      },
    });
  }

  /** Runs an API call in a separate simulated process. */
  private async call(call: ApiCall, name: string): Promise<void> {
    const sent: string[] = [];
    const deliverSent = (): void => sent.splice(0).forEach((key) => this.deliver(key));
    const steps = this.stepsOf(name, deliverSent);
    await this.interleaver.pause(name);
    const isDefect = await this.respond(call, steps, sent);
    deliverSent();
    if (isDefect) {
      throw new Error(`${call.operation} of ${call.key}: the response is an internal error`);
    }
  }

  /** Responds to an API call. Returns whether the response reports an internal error. */
  private async respond(call: ApiCall, { hook, isDead }: Steps, sent: string[]): Promise<boolean> {
    const { settings } = this.options;
    // S3 sends an event after each change, even if the client does not receive the response.
    const source = this.source.client(async (request, moment) => {
      const isChange = request.operation === 'put' || request.operation === 'delete';
      if (moment === 'answered' && isChange && !isDead()) {
        this.deliver(request.key);
      }
      await hook(request, moment);
    });
    if (call.operation === 'upload') {
      await put(source, call.key, call.source).catch(ignoreStoreErrors);
      return false;
    }
    const pipeline = this.pipelineOf(hook);
    const send = async (key: string): Promise<void> => {
      await hook({ operation: 'put', key: 'queue' }, 'sent');
      if (!(this.options.losesMessages ?? false)) {
        sent.push(key);
      }
      await hook({ operation: 'put', key: 'queue' }, 'answered');
    };
    const app = createHttpApi({
      pipeline,
      reconcile: this.forwarding(pipeline.reconcile, hook, (reconcile) => queueing(reconcile, { pipeline, send })),
      source,
      cacheControl: settings.cacheControl,
      version: '1',
      writing: {
        uploads: { contentTypes: [], maxSizeBytes: 1, keyTemplate: '{uuid}' },
        prefix: '',
        createForm: () => Promise.reject(new Error('unexpected form')),
      },
    });
    const [path, method] =
      call.operation === 'render'
        ? [`/thumbnails/${settings.thumbnails[0]!.name}/${call.key}`, 'GET']
        : [`/images/${call.key}`, 'DELETE'];
    const { status } = await app.request(path, { method });
    return status === 500;
  }

  /** Returns the steps of a task. Calls `onDeath` once if the task ends early. */
  private stepsOf(name: string, onDeath: () => void): Steps {
    const { mishap } = this.options;
    let isDead = false;
    let failing = false;
    const hook: StoreHook = async (request, moment) => {
      if (moment === 'answered') {
        if (failing) {
          failing = false;
          throw new ObjectStoreError('storage-unavailable', `no response to ${request.operation} ${request.key}`);
        }
        return;
      }
      await this.interleaver.pause(name);
      const what = isDead ? undefined : mishap?.(this.steps);
      if (what === 'dies') {
        isDead = true;
        onDeath();
      }
      if (isDead) {
        return new Promise(() => undefined);
      }
      if (what === 'fails before') {
        throw new ObjectStoreError('storage-unavailable', `no connection for ${request.operation} ${request.key}`);
      }
      failing = what === 'fails after';
    };
    return { hook, isDead: () => isDead };
  }

  private pipelineOf(hook: StoreHook, { isLarger = false } = {}): Pipeline {
    const { settings, isLarge, analyze } = this.options;
    const render: Render = (body, options) =>
      !isLarger && isLarge?.(body.toString())
        ? Promise.reject(new ImageRejection('out-of-memory', 'only a larger worker can render the image'))
        : fakeRender(body, options);
    return new Pipeline({
      source: this.source.client(hook),
      thumbnails: this.thumbnails.client(hook),
      settings,
      render,
      // Another task can run before and after the analysis.
      analyze:
        analyze &&
        (async (image) => {
          await hook({ operation: 'get', key: 'analysis' }, 'sent');
          const result = await analyze(image);
          await hook({ operation: 'get', key: 'analysis' }, 'answered');
          return result;
        }),
    });
  }
}

/** Returns the next delivery of the same message. */
function again(delivery: Delivery): Delivery {
  return { ...delivery, attempt: delivery.attempt + 1 };
}

async function put(store: MemoryObjectStore, key: string, { body, focalPoint }: Source): Promise<void> {
  const metadata: Record<string, string> = focalPoint === undefined ? {} : { 'focal-point': focalPoint };
  await store.put(key, Buffer.from(body), { contentType: 'image/jpeg', metadata });
}

function ignoreStoreErrors(error: unknown): void {
  if (!(error instanceof ObjectStoreError)) {
    throw error;
  }
}

/** Content of a thumbnail set: bodies by key, and the manifest without ETags. */
export interface SetContents {
  readonly files: Readonly<Record<string, string>>;
  readonly listed: readonly string[];
  readonly status: Manifest['status'] | undefined;
  readonly etag: string | undefined;
  readonly focalPoint: unknown;
  readonly isWarned: boolean;
}

/**
 * Returns the expected content of the thumbnail set of a source.
 *
 * @param isRejected returns whether a source is rejected. @default - sources that begin with `bad`
 */
export function wantedSet(
  source: MemoryObjectStore,
  key: string,
  settings: CoreSettings,
  isRejected: (body: string) => boolean = (body) => body.startsWith('bad'),
): SetContents {
  const object = source.objects.get(key);
  if (!object) {
    return { files: {}, listed: [], status: undefined, etag: undefined, focalPoint: undefined, isWarned: false };
  }
  const body = object.body.toString();
  const given = object.metadata['focal-point'];
  const [x, y] = given?.split(',').map(Number) ?? [];
  const isUsed = given !== undefined && x !== undefined && y !== undefined;
  const focalPoint = isUsed ? { x, y } : undefined;
  const isRefused = isRejected(body);
  const made = isRefused ? [] : renderedThumbnails(body, { ...settings, focalPoint });
  const folder = thumbnailSetFolder(settings.thumbnailLocation.prefix, key);
  const files = Object.fromEntries(
    made.map((file) => [`${folder}/${fileName(file.name, file.format)}`, file.body.toString()]),
  );
  return {
    files,
    listed: Object.keys(files).sort(),
    status: isRefused ? 'rejected' : 'ready',
    etag: object.etag,
    focalPoint,
    isWarned: given !== undefined && !isUsed,
  };
}

/** Returns the stored content of the thumbnail set of a source. */
export function storedSet(
  thumbnails: MemoryObjectStore,
  key: string,
  settings: CoreSettings,
  foreign: readonly string[] = [],
): SetContents {
  const folder = `${thumbnailSetFolder(settings.thumbnailLocation.prefix, key)}/`;
  const manifestKey = `${folder}manifest.json`;
  const keys = thumbnails.keys.filter(
    (file) =>
      file.startsWith(folder) && !file.includes('/', folder.length) && file !== manifestKey && !foreign.includes(file),
  );
  const object = thumbnails.objects.get(manifestKey);
  const manifest = object && (JSON.parse(object.body.toString()) as Manifest);
  return {
    files: Object.fromEntries(keys.map((file) => [file, thumbnails.objects.get(file)!.body.toString()])),
    listed: manifest?.status === 'ready' ? manifest.thumbnails.map((listed) => listed.key).sort() : [],
    status: manifest?.status,
    etag: manifest?.source.etag,
    focalPoint: manifest?.source.focalPoint,
    isWarned: (manifest?.warnings.length ?? 0) > 0,
  };
}
