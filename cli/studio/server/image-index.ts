import type { CoreSettings } from '../../../runtime/contract';
import { thumbnailUrl, versionOf } from '../../../runtime/http';
import { mapParallel, type Manifest, type Outcome, type Pipeline } from '../../../runtime/pipeline';
import type { ListedObject, ObjectStore } from '../../../runtime/storage';
import type { ImagePage, ImageStatus, ImageSummary } from '../studio-api';

/** Options of {@link ImageIndex}. */
export interface ImageIndexOptions {
  readonly settings: Pick<CoreSettings, 'sourceLocation'>;
  readonly pipeline: Pick<Pipeline, 'serves' | 'manifest' | 'isCurrent'>;
  readonly source: Pick<ObjectStore, 'list' | 'head'>;
}

/** Query of {@link ImageIndex.page}. */
export interface ImageQuery {
  /** Text that the key contains. The search ignores case. */
  readonly search: string;
  /** State of the images. @default - all states */
  readonly status?: ImageStatus;
  readonly offset: number;
  readonly limit: number;
}

/** Maximum number of manifests that the index reads concurrently. */
const CONCURRENCY = 16;
/** Minimum width of a preview in pixels. Most screens show the images in the list at this width or less. */
const PREVIEW_WIDTH = 200;

/** Index that keeps summaries of all images in memory. Therefore, a search reads no files. */
export class ImageIndex {
  private readonly images = new Map<string, ImageSummary>();
  private sorted: readonly ImageSummary[] | undefined;
  private loading: Promise<void> | undefined;

  public constructor(private readonly options: ImageIndexOptions) {}

  /** Returns the images that match a query, in the order of their keys. */
  public async page({ search, status, offset, limit }: ImageQuery): Promise<ImagePage> {
    await this.load();
    this.sorted ??= [...this.images.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
    const counts = { ready: 0, rejected: 0, pending: 0 };
    for (const image of this.sorted) {
      counts[image.status]++;
    }
    const words = search.toLowerCase();
    const matching = this.sorted.filter(
      (image) => (status === undefined || image.status === status) && image.key.toLowerCase().includes(words),
    );
    return { counts, matching: matching.length, images: matching.slice(offset, offset + limit) };
  }

  /** Updates the summary of an image after a reconciliation. Returns whether the image changed. */
  public observe(outcome: Outcome): boolean {
    const { key, status } = outcome;
    switch (status) {
      case 'made':
      case 'unchanged':
      case 'rejected': {
        const known = this.images.get(key);
        this.set(summaryOf(outcome.manifest));
        return status !== 'unchanged' || known?.status !== outcome.manifest.status;
      }
      case 'deleted':
        this.sorted = undefined;
        return this.images.delete(key);
      case 'ignored':
      case 'forwarded':
        return false;
    }
  }

  /** Updates the summary of an image that has changed without a reconciliation. */
  public async refresh(key: string): Promise<void> {
    const head = await this.options.source.head(key);
    if (head) {
      this.set(await this.read(head));
    } else {
      this.images.delete(key);
      this.sorted = undefined;
    }
  }

  /** Lists the sources on the first call. After that, {@link observe} keeps the index up to date. */
  public load(): Promise<void> {
    return (this.loading ??= this.readAll().catch((error: unknown) => {
      this.loading = undefined;
      throw error;
    }));
  }

  private async readAll(): Promise<void> {
    const { source, pipeline, settings } = this.options;
    const listed: ListedObject[] = [];
    for await (const object of source.list({ prefix: settings.sourceLocation.prefix })) {
      if (pipeline.serves(object.key)) {
        listed.push(object);
      }
    }
    await mapParallel(listed, CONCURRENCY, async (object) => {
      const summary = await this.read(object);
      // If a reconciliation has ended during the listing, its summary is newer than this one.
      if (!this.images.has(object.key)) {
        this.set(summary);
      }
    });
  }

  private async read(object: ListedObject): Promise<ImageSummary> {
    const manifest = await this.options.pipeline.manifest(object.key);
    const { key, bytes, etag } = object;
    return manifest?.source.etag === etag ? summaryOf(manifest) : { key, bytes, etag, status: 'pending' };
  }

  private set(image: ImageSummary): void {
    this.images.set(image.key, image);
    this.sorted = undefined;
  }
}

/** Returns the summary of an image from its manifest. */
export function summaryOf(manifest: Manifest): ImageSummary {
  const { key, bytes, etag } = manifest.source;
  const common = { key, bytes, etag, status: manifest.status, warnings: manifest.warnings.length };
  if (manifest.status === 'rejected') {
    return { ...common, rejection: manifest.rejection };
  }
  const { image, thumbHash, thumbnails } = manifest;
  const byWidth = thumbnails.toSorted((one, other) => one.width - other.width || one.bytes - other.bytes);
  const preview = byWidth.find(({ width }) => width >= PREVIEW_WIDTH) ?? byWidth.at(-1);
  return {
    ...common,
    image: { format: image.format, width: image.width, height: image.height },
    thumbHash,
    thumbnailBytes: thumbnails.reduce((sum, thumbnail) => sum + thumbnail.bytes, 0),
    ...(preview && {
      preview: {
        url: thumbnailUrl(preview.name, key, { format: preview.format, version: versionOf(preview.etag) }),
        width: preview.width,
        height: preview.height,
      },
    }),
  };
}
