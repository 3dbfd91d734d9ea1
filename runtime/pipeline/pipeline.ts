import { createHash } from 'node:crypto';
import type { Analyze } from '../analysis';
import type { CoreSettings, Format, KeySettings } from '../contract';
import { ImageRejection, render as renderImage, type Rendering } from '../engine';
import { ERROR_CODES } from '../errors/error-codes';
import type { ObjectHead, ObjectStore, StoredObject } from '../storage';
import { CapacityError, type Capacity } from './capacity';
import { changedKeys } from './changed-keys';
import { mapParallel } from './concurrency/parallel';
import { settingsByKey } from './key-settings';
import { SourceProcessor, type ProcessedSource, type Render } from './process-source';
import type { Outcome, Reconcile, ReconcileOptions } from './reconcile';
import { servedKeys } from './served-keys';
import { describeSource, desiredSetsOf, type DescribedSource, type DesiredSet } from './thumbnail-set/desired-set';
import type { Manifest, ReadyManifest, RejectedManifest } from './thumbnail-set/manifest';
import { srcsets } from './thumbnail-set/srcset';
import { fileName, isThumbnailFile, MANIFEST_FILE } from './thumbnail-set/thumbnail-keys';
import { getUpTo, isMarked, ThumbnailSets, type StoredManifest, type StoredSet } from './thumbnail-set/thumbnail-sets';

/** Maximum number of thumbnails that the pipeline stores concurrently. */
const CONCURRENCY = 8;
/** Maximum number of attempts. Another attempt is necessary only if the source or the files change during an attempt. */
const MAX_ATTEMPTS = 4;

/** Options of a {@link Pipeline}. */
export interface PipelineOptions {
  /** Object store of the sources. The pipeline never writes to this object store. */
  readonly source: ObjectStore;
  /** Object store of the thumbnails. */
  readonly thumbnails: ObjectStore;
  readonly settings: CoreSettings;
  /** Function that renders thumbnails. @default - the function `render` of the engine */
  readonly render?: Render;
  /**
   * Function that analyses sources. {@link Pipeline.reconcile} requires this function if the settings contain an analysis.
   *
   * @default - no analysis
   */
  readonly analyze?: Analyze | undefined;
  /** Capacity of the process. @default - unlimited */
  readonly capacity?: Capacity | undefined;
}

/** Pipeline that only reads stored thumbnails and manifests. */
export type PipelineReader = Pick<Pipeline, 'serves' | 'settingsOf' | 'manifest' | 'isCurrent' | 'thumbnail'>;

/** Error for a source that other processes replaced during every attempt to render the source. */
export class SourceChangingError extends Error {
  public override readonly name = 'SourceChangingError';
  public readonly code = 'source-changed';
  public readonly retryable = ERROR_CODES['source-changed'].retryable;

  public constructor(key: string) {
    super(`${key} was replaced ${MAX_ATTEMPTS} times while its thumbnails were rendered; retry later`);
  }
}

/** Result of one attempt to reconcile a source. */
interface Attempt {
  readonly outcome: Outcome;
  /**
   * State of the source for which the attempt wrote or deleted files. See {@link Pipeline.stateOf}. Undefined if the attempt
   * changed no files.
   */
  readonly written: string | undefined;
  /**
   * ETags of the written files by file name. Defined only if concurrent workers can write files with different ETags for one
   * source, so that the stored manifest may not match the stored thumbnails. This is possible in two cases:
   * - ETags are not content hashes, for example with SSE-KMS. Equal files then have different ETags.
   * - The pipeline analyses images. Two analyses of one image can have different results.
   */
  readonly uniqueEtags?: ReadonlyMap<string, string> | undefined;
}

/** Returns the ETags of the files of a thumbnail set by file name. */
function etagsOf(manifest: Manifest, manifestEtag: string): ReadonlyMap<string, string> {
  const thumbnails = manifest.status === 'ready' ? manifest.thumbnails : [];
  return new Map([
    [MANIFEST_FILE, manifestEtag],
    ...thumbnails.map(({ name, format, etag }): [string, string] => [fileName(name, format), etag]),
  ]);
}

/** Returns whether the ETag of each thumbnail is the MD5 hash of its bytes. Equal bytes then have equal ETags. */
function hasContentEtags({ thumbnails }: Rendering, manifest: Manifest): boolean {
  const etags = manifest.status === 'ready' ? manifest.thumbnails.map(({ etag }) => etag) : [];
  return thumbnails.every(({ body }, index) => createHash('md5').update(body).digest('hex') === etags[index]);
}

/** Returns whether a rejected source has thumbnails. They exist if the analysis of another worker accepted the source. */
function isLeftOver({ status }: Outcome, files: ReadonlyMap<string, string>): boolean {
  return status === 'rejected' && Array.from(files.keys()).some(isThumbnailFile);
}

/**
 * Reconciles thumbnail sets with their sources.
 *
 * Any number of workers can reconcile one key concurrently. The workers can finish in any order, and can crash at any time.
 * After the last worker has finished, the thumbnail set matches the source. Five rules ensure this result:
 *
 * 1. Decisions depend only on the current content of the object stores.
 * 2. After writing or deleting files, a worker reads the attributes of the source again. If the source has changed, the worker
 *    starts another attempt.
 * 3. A thumbnail set is current only if its manifest matches the source and every thumbnail has the ETag in the manifest.
 *    Therefore, the next event detects late writes of a crashed worker.
 * 4. If two workers can write different files, a worker compares the stored files with its manifest after all its writes.
 * 5. A call returns only after all its requests to the object stores have completed.
 */
export class Pipeline {
  private readonly source: ObjectStore;
  private readonly processor: SourceProcessor;
  private readonly sets: ThumbnailSets;
  private readonly keySettings: (key: string) => CoreSettings;
  private readonly desiredOf: (key: string) => DesiredSet;
  private readonly isServed: (key: string) => boolean;

  /**
   * Creates a pipeline.
   *
   * @throws Error if the source location is inside the thumbnail location
   * @throws Error if the thumbnail prefix is longer than `MAX_PREFIX_BYTES`
   */
  public constructor(private readonly options: PipelineOptions) {
    const { render = renderImage, analyze, capacity, settings } = options;
    this.source = options.source;
    this.sets = new ThumbnailSets(options.thumbnails, settings);
    this.keySettings = settingsByKey(settings);
    this.processor = new SourceProcessor({ settingsOf: this.keySettings, render, analyze, capacity });
    this.desiredOf = desiredSetsOf(this.keySettings);
    this.isServed = servedKeys(options.settings);
  }

  /** Returns whether this pipeline renders sources with this key. */
  public serves(key: string): boolean {
    return this.isServed(key);
  }

  /** Returns the thumbnails and limits of a source key. */
  public settingsOf(key: string): KeySettings {
    return this.keySettings(key);
  }

  /**
   * Reconciles the thumbnail set of a source key with the source. If a source is rejected for a reason that is not retryable,
   * the method stores the rejection in the manifest.
   *
   * @throws SourceChangingError if other processes replace the source during every attempt
   * @throws ImageRejection if the reason of the rejection is retryable
   * @throws CapacityError if the source is too large for this process
   * @throws CapacityError if thumbnails are missing and `renders` is false
   * @throws AnalysisError if the analysis fails and `rejectsUnanalyzed` is false
   * @throws Error if the settings contain an analysis and `analyze` is missing
   * @throws ObjectStoreError if a request to an object store fails
   */
  public readonly reconcile: Reconcile = async (key, options = {}) => {
    if (!this.serves(key)) {
      return { status: 'ignored', key };
    }
    for (let count = 0; count < MAX_ATTEMPTS; count++) {
      const attempt = await this.attempt(key, options);
      if (attempt && (await this.isFinal(attempt))) {
        return attempt.outcome;
      }
    }
    throw new SourceChangingError(key);
  };

  /** Returns the manifest of a source. Returns undefined if the source has no manifest. */
  public async manifest(key: string): Promise<Manifest | undefined> {
    return this.serves(key) ? this.sets.manifest(key) : undefined;
  }

  /** Returns the manifest of a source with the attributes of its stored object. Returns undefined if no manifest is stored. */
  public async storedManifest(key: string): Promise<StoredManifest | undefined> {
    return this.serves(key) ? this.sets.storedManifest(key) : undefined;
  }

  /** Returns whether a manifest belongs to the current source and the current settings. Does not check the thumbnail files. */
  public isCurrent(manifest: Manifest, source: ObjectHead): boolean {
    return manifest.fingerprint === this.desiredOf(source.key).fingerprint(describeSource(source), manifest.status);
  }

  /**
   * Returns a stored thumbnail. Returns undefined if the thumbnail is missing or belongs to other settings.
   *
   * @param sourceEtag ETag of the source to which the thumbnail must belong. By default, the source can have any ETag.
   */
  public async thumbnail(
    key: string,
    name: string,
    format: Format,
    sourceEtag?: string,
  ): Promise<StoredObject | undefined> {
    const hash = this.desiredOf(key).thumbnailHash(name, format);
    return hash !== undefined && this.serves(key)
      ? this.sets.thumbnail(key, name, format, { thumbnailHash: hash, sourceEtag })
      : undefined;
  }

  /**
   * Compares the sources with the thumbnail sets. Returns the keys of new, changed and deleted sources, whose thumbnail sets
   * may be outdated. The method reads no sources.
   */
  public changedKeys(): AsyncGenerator<string> {
    const { sets, desiredOf, isServed } = this;
    return changedKeys({ ...this.options, sets, desiredOf, isServed });
  }

  /** Returns whether the source and the thumbnail set are unchanged since an attempt. */
  private async isFinal({ outcome, written, uniqueEtags }: Attempt): Promise<boolean> {
    const { key } = outcome;
    if (written === undefined) {
      return true;
    }
    const [head, files] = await Promise.all([this.source.head(key), uniqueEtags && this.sets.files(key)]);
    if (written !== this.stateOf(head)) {
      return false;
    }
    // Only the worker whose manifest is stored compares the files. Otherwise, two workers that render different files could
    // replace the files of each other repeatedly.
    const isOwn = files && files.get(MANIFEST_FILE) === uniqueEtags?.get(MANIFEST_FILE);
    return (
      !isOwn ||
      (Array.from(uniqueEtags!).every(([file, etag]) => files.get(file) === etag) && !isLeftOver(outcome, files))
    );
  }

  /** Reconciles a source once. Returns undefined if another process replaces the source during the read. */
  private async attempt(
    key: string,
    { force = false, renders = true, rejectsUnanalyzed = false }: ReconcileOptions,
  ): Promise<Attempt | undefined> {
    const set = await this.sets.read(key);
    // Without a manifest, the source must be rendered. Therefore, a GET request replaces the HEAD request.
    const object = renders && (force || !set.manifest) ? await this.readSource(key) : undefined;
    const head = object ?? (await this.source.head(key));
    if (!head || isMarked(head)) {
      const removed = await this.sets.remove(key, set.files.keys());
      return {
        outcome: head ? { status: 'ignored', key } : { status: 'deleted', key, removed },
        written: removed > 0 ? this.stateOf(head) : undefined,
      };
    }
    const described = describeSource(head);
    const manifest = force ? undefined : this.desiredOf(key).currentManifest(set, described);
    if (manifest) {
      const removed = await this.removeObsoleteFiles(key, set, manifest.status);
      return {
        outcome: { status: 'unchanged', key, manifest },
        written: removed > 0 ? this.stateOf(head) : undefined,
      };
    }
    if (head.scan) {
      return this.reject(
        described,
        new ImageRejection(head.scan, 'the malware scan of GuardDuty blocks the file'),
        set,
      );
    }
    const { maxFileSizeBytes } = this.keySettings(key).limits;
    if (head.bytes > maxFileSizeBytes) {
      const message = `the file has ${head.bytes} bytes; at most ${maxFileSizeBytes} are allowed (maxFileSizeBytes)`;
      return this.reject(described, new ImageRejection('file-too-large', message), set);
    }
    this.throwIfBeyondCapacity(head, renders);
    const read = object ?? (await this.readSource(key));
    if (!read || isMarked(read)) {
      return undefined;
    }
    const current = describeSource(read);
    const stored = force ? undefined : set.manifest;
    const processed = await this.processor.process(read.body, current.source, { stored, rejectsUnanalyzed });
    return this.write(current, processed, set);
  }

  /** Writes the thumbnail set of a source that the pipeline rejects without reading the source. */
  private reject(described: DescribedSource, image: ImageRejection, set: StoredSet): Promise<Attempt> {
    return this.write(described, { image, analysis: undefined }, set);
  }

  /** Writes the thumbnail set of a rendered or rejected source. */
  private async write(
    described: DescribedSource,
    { image, analysis }: ProcessedSource,
    set: StoredSet,
  ): Promise<Attempt> {
    const { key } = described.source;
    const isRejected = image instanceof ImageRejection;
    const manifest: Manifest = {
      ...(isRejected ? this.rejectedManifest(described, image) : await this.putThumbnails(described, image)),
      ...(analysis && { analysis }),
    };
    const hasEqualEtags = !this.options.settings.analysis && (isRejected || hasContentEtags(image, manifest));
    await this.removeObsoleteFiles(key, set, manifest.status);
    const etag = await this.sets.putManifest(manifest);
    return {
      outcome: { status: isRejected ? 'rejected' : 'made', key, manifest },
      written: this.desiredOf(key).fingerprint(described, 'ready'),
      uniqueEtags: hasEqualEtags ? undefined : etagsOf(manifest, etag),
    };
  }

  /** Returns a source with its bytes. Returns undefined if the source does not exist or is too large to be read. */
  private readSource(key: string): Promise<StoredObject | undefined> {
    const { limits } = this.keySettings(key);
    return getUpTo(
      this.source,
      key,
      Math.min(limits.maxFileSizeBytes, this.options.capacity?.maxFileBytes ?? Infinity),
    );
  }

  private throwIfBeyondCapacity({ bytes }: ObjectHead, renders: boolean): void {
    const maxBytes = this.options.capacity?.maxFileBytes ?? Infinity;
    if (!renders) {
      throw new CapacityError('the thumbnails are missing; after a failed attempt, only a larger worker renders them');
    }
    if (bytes > maxBytes) {
      throw new CapacityError(`the file has ${bytes} bytes; this process reads files of at most ${maxBytes} bytes`);
    }
  }

  private async putThumbnails(described: DescribedSource, rendering: Rendering): Promise<ReadyManifest> {
    const { source } = described;
    const desired = this.desiredOf(source.key);
    const thumbnails = await mapParallel(rendering.thumbnails, CONCURRENCY, (thumbnail) =>
      this.sets.putThumbnail(source, thumbnail, desired.thumbnailHash(thumbnail.name, thumbnail.format)!),
    );
    const { format, width, height, frames, hasAlpha } = rendering.source;
    return {
      version: 1,
      status: 'ready',
      source,
      fingerprint: desired.fingerprint(described, 'ready'),
      warnings: [...described.warnings, ...rendering.warnings],
      image: { format, width, height, frames, hasAlpha },
      thumbHash: rendering.thumbHash,
      dominantColor: rendering.dominantColor,
      thumbnails,
      srcset: srcsets({ width, height }, thumbnails),
    };
  }

  private rejectedManifest(described: DescribedSource, { code, message }: ImageRejection): RejectedManifest {
    const { source, warnings } = described;
    const fingerprint = this.desiredOf(source.key).fingerprint(described, 'rejected');
    return { version: 1, status: 'rejected', source, fingerprint, warnings, rejection: { code, message } };
  }

  private async removeObsoleteFiles(key: string, { files }: StoredSet, status: Manifest['status']): Promise<number> {
    return this.sets.remove(key, this.desiredOf(key).obsoleteFiles(files.keys(), status));
  }

  /**
   * Returns the state of a source as a text for comparisons. The text is the fingerprint of the source, `deleted` or `ignored`.
   */
  private stateOf(head: ObjectHead | undefined): string {
    if (!head) {
      return 'deleted';
    }
    return isMarked(head) ? 'ignored' : this.desiredOf(head.key).fingerprint(describeSource(head), 'ready');
  }
}
