import { createHash } from 'node:crypto';
import { DEFAULT_LIMITS, type Format, type KeySettings, type ThumbnailSettings } from '../../../runtime/contract';
import type { RejectionCode } from '../../../runtime/engine/rejection';
import type {
  Manifest,
  Outcome,
  PipelineReader,
  ReadyManifest,
  Reconcile,
  RejectedManifest,
} from '../../../runtime/pipeline';
import type { ObjectHead, ObjectStore, StoredObject } from '../../../runtime/storage/object-store';

/** Modification time of every stored thumbnail. */
export const STORED_AT = new Date('2026-05-04T03:02:01.900Z');

export function storedThumbnail(
  key: string,
  body: Buffer,
  contentType: string | undefined = 'image/webp',
): StoredObject {
  const etag = createHash('md5').update(body).digest('hex');
  return {
    key,
    body,
    bytes: body.length,
    etag,
    version: etag,
    lastModified: STORED_AT,
    contentType,
    cacheControl: undefined,
    metadata: {},
  };
}

const SETTINGS = { version: 1, fingerprint: 'f1', warnings: [] } as const;

export function readyManifest(key: string): ReadyManifest {
  const thumbnail = (name: string, format: Format, width: number) => ({
    name,
    format,
    contentType: `image/${format}`,
    width,
    height: width / 2,
    frames: 1,
    bytes: 9,
    key: `thumbnails/${key}/${name}.${format}`,
    etag: `etag of ${name}.${format}`,
  });
  const path = `/thumbnails/${key.split('/').map(encodeURIComponent).join('/')}`;
  return {
    ...SETTINGS,
    status: 'ready',
    source: { key, etag: 'e1', bytes: 100 },
    image: { format: 'jpeg', width: 800, height: 400, frames: 1, hasAlpha: false },
    thumbHash: 'AAAA',
    dominantColor: '#102030',
    thumbnails: [thumbnail('small', 'webp', 200), thumbnail('small', 'jpeg', 200), thumbnail('large', 'webp', 800)],
    srcset: { webp: `${path}/small.webp 200w, ${path}/large.webp 800w`, jpeg: `${path}/small.jpeg 200w` },
  };
}

export function rejectedManifest(key: string, code: RejectionCode, message = `rejected: ${code}`): RejectedManifest {
  return { ...SETTINGS, status: 'rejected', source: { key, etag: 'e1', bytes: 100 }, rejection: { code, message } };
}

/** Metadata of the source of {@link readyManifest}. The source is older than the event delay. */
export function sourceHead(key: string, lastModified = new Date(0)): ObjectHead {
  return { ...storedThumbnail(key, Buffer.alloc(100), 'image/jpeg'), etag: 'e1', version: 'e1', lastModified };
}

type SourceStore = Pick<ObjectStore, 'head' | 'version' | 'delete'>;

/** Returns an object store of sources. `head` provides the result of both `head` and `version`. */
export function sourceStore(head: SourceStore['head']): SourceStore {
  return { head, version: head, delete: () => Promise.resolve() };
}

/** Object store that contains every source. */
export const EVERY_SOURCE: SourceStore = sourceStore((key) => Promise.resolve(sourceHead(key)));

/** Fake pipeline that records its calls. */
export class FakePipeline implements PipelineReader {
  public readonly calls: string[] = [];
  /** Stored manifests by key. */
  public readonly manifests = new Map<string, Manifest>();
  /** Stored thumbnails. A map key has the form `key name format`. */
  public readonly stored = new Map<string, StoredObject>();
  /** Thumbnails of every key. */
  public thumbnails: readonly ThumbnailSettings[] = [];

  public constructor(
    /** Returns the outcome of a reconciliation. @default - the outcome for a missing source */
    private readonly make: (key: string, pipeline: FakePipeline) => Promise<Outcome> | Outcome = (key) => ({
      status: 'deleted',
      key,
      removed: 0,
    }),
    private readonly isServed: (key: string) => boolean = () => true,
  ) {}

  /** Stores a thumbnail. */
  public store(key: string, name: string, format: Format, body: Buffer, contentType?: string): void {
    const object = storedThumbnail(`thumbnails/${key}/${name}.${format}`, body, contentType ?? `image/${format}`);
    this.stored.set(`${key} ${name} ${format}`, object);
  }

  public settingsOf(): KeySettings {
    return { thumbnails: this.thumbnails, limits: DEFAULT_LIMITS };
  }

  public readonly reconcile: Reconcile = async (key) => {
    this.calls.push(`reconcile ${key}`);
    return this.make(key, this);
  };

  public async manifest(key: string): Promise<Manifest | undefined> {
    this.calls.push(`manifest ${key}`);
    return Promise.resolve(this.manifests.get(key));
  }

  public async thumbnail(key: string, name: string, format: Format): Promise<StoredObject | undefined> {
    this.calls.push(`thumbnail ${key} ${name} ${format}`);
    return Promise.resolve(this.stored.get(`${key} ${name} ${format}`));
  }

  /** Compares the ETags of both sources, and the fingerprints of the manifest and this fake. */
  public isCurrent({ source, fingerprint }: Manifest, { etag }: ObjectHead): boolean {
    return source.etag === etag && fingerprint === SETTINGS.fingerprint;
  }

  public serves(key: string): boolean {
    return this.isServed(key);
  }
}
