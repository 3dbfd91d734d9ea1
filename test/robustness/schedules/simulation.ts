import type { CoreSettings } from '../../../runtime/contract';
import { Pipeline, SourceChangingError, type Manifest } from '../../../runtime/pipeline';
import { fileName, thumbnailSetFolder } from '../../../runtime/pipeline/thumbnail-set/thumbnail-keys';
import { ObjectStoreError } from '../../../runtime/storage/object-store';
import { MemoryObjectStore, type StoreHook } from '../../support/aws/memory-store';
import { fakeRender, renderedThumbnails } from '../../unit/pipeline/fakes';
import { Interleaver, type Chooser } from './interleaver';

/** A source in words. */
export interface Source {
  readonly body: string;
  /** Value of its metadata. */
  readonly focalPoint?: string | undefined;
}

/** Something that happens to a source. */
export interface Change {
  readonly key: string;
  /** Undefined removes it. */
  readonly source: Source | undefined;
  /** Number of events per change. */
  readonly hints: number;
}

/** Returns the faults of a {@link World} for each step of a worker. */
export type Mishap = (step: number) => 'dies' | 'fails before' | 'fails after' | undefined;

/** How a {@link World} goes. */
export interface WorldOptions {
  readonly settings: CoreSettings;
  readonly choose: Chooser;
  readonly mishap?: Mishap;
  readonly etags?: 'content' | 'unique';
}

/** The task that changes the sources. */
export const USER = 'user';

/**
 * Two stores, somebody who changes the sources, and a worker for every hint, all at once. The hint of a worker that dies or
 * fails is delivered again.
 */
export class World {
  public readonly source: MemoryObjectStore;
  public readonly thumbnails: MemoryObjectStore;
  private readonly interleaver: Interleaver;
  private readonly defects: unknown[] = [];
  private seconds = 0;
  private workers = 0;
  private steps = 0;

  public constructor(private readonly options: WorldOptions) {
    const now = () => new Date(1e12 + 1000 * this.seconds++);
    this.source = new MemoryObjectStore({ now });
    this.thumbnails = new MemoryObjectStore({ now, etags: options.etags ?? 'content', pageSize: 2 });
    this.interleaver = new Interleaver(({ step, ...choice }) => {
      this.steps = step;
      return options.choose({ step, ...choice });
    });
  }

  /** Puts or removes a source, without a hint. */
  public async set(key: string, source: Source | undefined): Promise<void> {
    if (source) {
      const metadata: Record<string, string> =
        source.focalPoint === undefined ? {} : { 'focal-point': source.focalPoint };
      await this.source.put(key, Buffer.from(source.body), { contentType: 'image/jpeg', metadata });
    } else {
      await this.source.delete([key]);
    }
  }

  /** A pipeline on these stores that nothing interrupts. */
  public pipeline(settings: CoreSettings = this.options.settings): Pipeline {
    return new Pipeline({ source: this.source, thumbnails: this.thumbnails, settings, render: fakeRender });
  }

  /**
   * Delivers the hints, makes the changes one after the other, and ends when every hint was worked on by a worker that
   * neither failed nor died.
   */
  public async run(hints: readonly string[], changes: readonly Change[]): Promise<void> {
    hints.forEach((key) => this.deliver(key));
    void this.make(changes);
    await this.interleaver.run();
    if (this.defects.length > 0) {
      throw new AggregateError(this.defects, 'a worker failed without a fault of a store');
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
    this.work(key, `worker ${this.workers++}`).catch((error: unknown) => {
      if (error instanceof ObjectStoreError || error instanceof SourceChangingError) {
        this.deliver(key);
      } else {
        this.defects.push(error);
      }
    });
  }

  private async work(key: string, name: string): Promise<void> {
    const { settings, mishap } = this.options;
    let isDead = false;
    let failing = false;
    const hook: StoreHook = async (request, moment) => {
      if (moment === 'answered') {
        if (failing) {
          failing = false;
          throw new ObjectStoreError('storage-unavailable', `no answer to ${request.operation} ${request.key}`);
        }
        return;
      }
      await this.interleaver.pause(name);
      const what = isDead ? undefined : mishap?.(this.steps);
      if (what === 'dies') {
        isDead = true;
        this.deliver(key);
      }
      if (isDead) {
        return new Promise(() => undefined);
      }
      if (what === 'fails before') {
        throw new ObjectStoreError('storage-unavailable', `no connection for ${request.operation} ${request.key}`);
      }
      failing = what === 'fails after';
    };
    await this.interleaver.pause(name);
    await new Pipeline({
      source: this.source.client(hook),
      thumbnails: this.thumbnails.client(hook),
      settings,
      render: fakeRender,
    }).reconcile(key);
  }
}

/** What a set holds: bodies by key, and what its manifest says, apart from ETags. */
export interface SetContents {
  readonly files: Readonly<Record<string, string>>;
  readonly listed: readonly string[];
  readonly status: Manifest['status'] | undefined;
  readonly etag: string | undefined;
  readonly focalPoint: unknown;
  readonly isWarned: boolean;
}

/** What the set of a source must hold. */
export function wantedSet(source: MemoryObjectStore, key: string, settings: CoreSettings): SetContents {
  const object = source.objects.get(key);
  if (!object) {
    return { files: {}, listed: [], status: undefined, etag: undefined, focalPoint: undefined, isWarned: false };
  }
  const body = object.body.toString();
  const given = object.metadata['focal-point'];
  const [x, y] = given?.split(',').map(Number) ?? [];
  const isUsed = given !== undefined && x !== undefined && y !== undefined;
  const focalPoint = isUsed ? { x, y } : undefined;
  const isRefused = body.startsWith('bad');
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

/** What the set of a source holds. */
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
