import type { Format, CoreSettings } from '../contract';
import { ImageRejection, render as renderImage, type Rendering, type RenderOptions } from '../engine';
import type { ObjectHead, ObjectStore, StoredObject } from '../storage';
import { changedKeys } from './changed-keys';
import { mapParallel } from './concurrency/parallel';
import { getUpTo } from './get-up-to';
import type { Outcome, Reconcile } from './reconcile';
import { servedKeys } from './served-keys';
import type { RejectedManifest, Manifest, ManifestSource, ReadyManifest } from './thumbnail-set/manifest';
import { isMarked } from './thumbnail-set/marker';
import { describeSource, Requirements } from './thumbnail-set/requirements';
import { srcsets } from './thumbnail-set/srcset';
import { ThumbnailSets, type StoredSet } from './thumbnail-set/thumbnail-sets';

/** Thumbnails that are written at once. */
const CONCURRENCY = 8;
/** How often a source may change while its thumbnails are made before somebody else gets a turn. */
const MAX_ROUNDS = 4;

/** Makes the thumbnails of one image. */
export type Render = (source: Buffer, options: RenderOptions) => Promise<Rendering>;

/** What a {@link Pipeline} works with. */
export interface PipelineOptions {
  /** Where the sources are. It is only read. */
  readonly source: ObjectStore;
  /** Where the thumbnails go. */
  readonly thumbnails: ObjectStore;
  readonly settings: CoreSettings;
  /** @default the engine's */
  readonly render?: Render;
}

/** Reads stored results. It renders nothing. */
export type PipelineReader = Pick<Pipeline, 'serves' | 'manifest' | 'thumbnail'>;

/** A source that was replaced again and again while its thumbnails were made. Another try can succeed. */
export class SourceChangingError extends Error {
  public override readonly name = 'SourceChangingError';
  public readonly retryable = true;

  public constructor(key: string) {
    super(`${key} was replaced ${MAX_ROUNDS} times while its thumbnails were made; try again when it is left in peace`);
  }
}

/** What one look at a source came to. */
interface Pass {
  readonly outcome: Outcome;
  /** What the thumbnails now agree with, as {@link Pipeline.stateOf} tells it; undefined when nothing was written. */
  readonly written: string | undefined;
}

/**
 * Makes the thumbnails of one source agree with it. Any number of workers may do so at once, for the same key, in any
 * order, and die in between: when the last of them is done, the set is what the source asks for. That rests on four rules.
 *
 * 1. Nothing is believed but what lies in the stores now.
 * 2. Who wrote or removed anything looks at the source afterwards, and starts over if it is not what it was.
 * 3. A set counts as made only if its manifest is that of this source and every thumbnail still has the ETag that the
 *    manifest lists: a worker that wrote late and died is found out by whoever is given its hint next.
 * 4. A call does not end before its own requests to the store have.
 */
export class Pipeline {
  private readonly source: ObjectStore;
  private readonly render: Render;
  private readonly sets: ThumbnailSets;
  private readonly requirements: Requirements;
  private readonly isServed: (key: string) => boolean;

  /** @throws Error when the settings put every source among the thumbnails */
  public constructor(private readonly options: PipelineOptions) {
    this.source = options.source;
    this.render = options.render ?? renderImage;
    this.sets = new ThumbnailSets(options.thumbnails, options.settings);
    this.requirements = new Requirements(options.settings);
    this.isServed = servedKeys(options.settings);
  }

  /** Whether this pipeline makes thumbnails of sources with this key. */
  public serves(key: string): boolean {
    return this.isServed(key);
  }

  /**
   * Makes the thumbnails of a source agree with it as it is now.
   *
   * @param options.force make them anew even if they are what the source asks for
   * @throws SourceChangingError when the source does not come to rest
   * @throws ImageRejection that is retryable; those that are not become a `failed` manifest
   * @throws StoreError
   */
  public readonly reconcile: Reconcile = async (key, { force = false } = {}) => {
    if (!this.serves(key)) {
      return { status: 'ignored', key };
    }
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const pass = await this.pass(key, force);
      if (pass && (pass.written === undefined || pass.written === this.stateOf(await this.source.head(key)))) {
        return pass.outcome;
      }
    }
    throw new SourceChangingError(key);
  };

  /** The manifest of a source; undefined when its thumbnails were not made yet. */
  public async manifest(key: string): Promise<Manifest | undefined> {
    return this.serves(key) ? this.sets.manifest(key) : undefined;
  }

  /** A stored thumbnail; undefined when there is none, or one that was made by other settings than today's. */
  public async thumbnail(key: string, name: string, format: Format): Promise<StoredObject | undefined> {
    const definition = this.requirements.definition(name, format);
    return definition !== undefined && this.serves(key)
      ? this.sets.thumbnail(key, name, format, definition)
      : undefined;
  }

  /**
   * The keys whose sets need a look, found by comparing both stores whole: sources that are new or may have changed, and
   * sets whose source is gone. No source is read.
   */
  public changedKeys(): AsyncGenerator<string> {
    const { sets, requirements, isServed } = this;
    return changedKeys({ ...this.options, sets, requirements, isServed });
  }

  /** One look at the source and what follows from it; undefined when the source was replaced while it was read. */
  private async pass(key: string, force: boolean): Promise<Pass | undefined> {
    const set = await this.sets.read(key);
    // With nothing that the source could agree with, it is read at once.
    const object = force || !set.manifest ? await this.readSource(key) : undefined;
    const head = object ?? (await this.source.head(key));
    if (!head || isMarked(head)) {
      const removed = await this.sets.remove(key, set.files.keys());
      return {
        outcome: head ? { status: 'ignored', key } : { status: 'deleted', key, removed },
        written: removed > 0 ? this.stateOf(head) : undefined,
      };
    }
    const described = describeSource(head);
    const manifest = force ? undefined : this.requirements.agreement(set, described);
    if (manifest) {
      const removed = await this.removeLeftovers(key, set, manifest.status);
      return {
        outcome: { status: 'unchanged', key, manifest },
        written: removed > 0 ? this.stateOf(head) : undefined,
      };
    }
    const { maxFileSizeBytes } = this.options.settings.limits;
    if (head.bytes > maxFileSizeBytes) {
      const message = `the image has ${head.bytes} bytes, allowed are ${maxFileSizeBytes}`;
      return this.make(described, new ImageRejection('file-too-large', message), set);
    }
    const read = object ?? (await this.readSource(key));
    if (!read || isMarked(read)) {
      return undefined;
    }
    const source = describeSource(read);
    return this.make(source, await this.renderSource(read.body, source), set);
  }

  /** Makes a set of what came of a source. */
  private async make(source: ManifestSource, image: Rendering | ImageRejection, set: StoredSet): Promise<Pass> {
    const { key } = source;
    const isRefused = image instanceof ImageRejection;
    const manifest = isRefused ? this.rejectedManifest(source, image) : await this.putThumbnails(source, image);
    await this.removeLeftovers(key, set, manifest.status);
    await this.sets.putManifest(manifest);
    return {
      outcome: { status: isRefused ? 'rejected' : 'made', key, manifest },
      written: this.requirements.fingerprint(source, 'ready'),
    };
  }

  /** A source with its bytes; undefined when there is none, or one of more bytes than are allowed. */
  private readSource(key: string): Promise<StoredObject | undefined> {
    return getUpTo(this.source, key, this.options.settings.limits.maxFileSizeBytes);
  }

  /** The thumbnails of a source, or why it is refused for good. */
  private async renderSource(body: Buffer, { focalPoint }: ManifestSource): Promise<Rendering | ImageRejection> {
    const { thumbnails, limits, allowSvg, detectJpegCorruption } = this.options.settings;
    try {
      return await this.render(body, { thumbnails, limits, allowSvg, detectJpegCorruption, focalPoint });
    } catch (error) {
      if (error instanceof ImageRejection && !error.retryable) {
        return error;
      }
      throw error;
    }
  }

  private async putThumbnails(source: ManifestSource, rendering: Rendering): Promise<ReadyManifest> {
    const thumbnails = await mapParallel(rendering.thumbnails, CONCURRENCY, (thumbnail) =>
      this.sets.putThumbnail(source, thumbnail, this.requirements.definition(thumbnail.name, thumbnail.format)!),
    );
    const { format, width, height, frames, hasAlpha } = rendering.source;
    const { salvaged } = rendering;
    return {
      version: 1,
      status: 'ready',
      source,
      fingerprint: this.requirements.fingerprint(source, 'ready'),
      image: { format, width, height, frames, hasAlpha, ...(salvaged !== undefined && { salvaged }) },
      thumbHash: rendering.thumbHash,
      dominantColor: rendering.dominantColor,
      thumbnails,
      srcset: srcsets({ width, height }, thumbnails),
    };
  }

  private rejectedManifest(source: ManifestSource, { code, message }: ImageRejection): RejectedManifest {
    const fingerprint = this.requirements.fingerprint(source, 'rejected');
    return { version: 1, status: 'rejected', source, fingerprint, rejection: { code, message } };
  }

  private async removeLeftovers(key: string, { files }: StoredSet, status: Manifest['status']): Promise<number> {
    return this.sets.remove(key, this.requirements.leftovers(files.keys(), status));
  }

  /** What a source asks of its set, as a text that can be compared. */
  private stateOf(head: ObjectHead | undefined): string {
    if (!head) {
      return 'gone';
    }
    return isMarked(head) ? 'ignored' : this.requirements.fingerprint(describeSource(head), 'ready');
  }
}
