/**
 * What the constructs in lib/ and the program in lambda/ agree on: plain types, names and numbers, what both must reckon
 * alike, and no imports, so that both sides can use it. lib/ writes these settings into environment variables, runtime/config/core-settings.ts
 * reads and checks them.
 */

export * from './routes';

/** Names of the environment variables that carry the settings. */
export const CORE_VARIABLES = {
  /** Where objects live: `s3` or `directory`. */
  store: 'STORE',
  /** Name of the bucket, or path of the directory, that holds the source images. */
  source: 'SOURCE',
  /** Only source keys that start with this are served. */
  sourcePrefix: 'SOURCE_PREFIX',
  /** JSON array; only source keys that end with one of these are served; all when empty. */
  sourceSuffixes: 'SOURCE_SUFFIXES',
  /** Name of the bucket, or path of the directory, that holds the thumbnails. */
  destination: 'THUMBNAIL_BUCKET',
  /** Put before every key in the thumbnail store. */
  destinationPrefix: 'THUMBNAIL_PREFIX',
  /** JSON array of {@link ThumbnailSettings}. */
  thumbnails: 'THUMBNAILS',
  /** JSON object of {@link Limits}; what is left out takes its default. */
  limits: 'LIMITS',
  /** `true` to render SVG sources. */
  allowSvg: 'ALLOW_SVG',
  /** `false` to leave the blocks of JPEGs uncounted. */
  verifyJpegs: 'VERIFY_JPEGS',
  /** The Cache-Control header that stored and served thumbnails carry. */
  cacheControl: 'CACHE_CONTROL',
} as const;

/** Names of the environment variables that only the container's program reads, beside {@link CORE_VARIABLES}. */
export const SERVICE_VARIABLES = {
  /** What the process does: one of {@link SERVICE_MODES}. */
  role: 'SERVICE_MODE',
  /** How a worker hears of changes: one of {@link TRIGGERS}. */
  trigger: 'TRIGGER',
  /** URL of the SQS queue, for the trigger `queue`. */
  queueUrl: 'QUEUE_URL',
  /** Seconds that a message stays hidden without a sign of life; it is renewed while the message is worked on. */
  visibilityTimeout: 'VISIBILITY_TIMEOUT_SECONDS',
  /** Secret that `POST /events` asks for as a bearer token, for the trigger `http`. */
  triggerToken: 'EVENTS_TOKEN',
  /** Seconds between two comparisons of both stores, for the triggers `directory` and `http`; 0: only at the start. */
  reconcileIntervalSeconds: 'RECONCILE_INTERVAL_SECONDS',
  /** Address to listen on. */
  host: 'HOST',
  /** Port to listen on. */
  port: 'PORT',
  /** Child processes, each of which makes the thumbnails of one image at a time. */
  workers: 'WORKER_PROCESSES',
  /** MiB of resident memory that ends a child. */
  memoryLimit: 'MEMORY_LIMIT_MIB',
  /** Seconds for one image in a child, reading and writing included, after which the child is ended. */
  jobTimeout: 'JOB_TIMEOUT_SECONDS',
  /** Seconds from SIGTERM to the end of the process. */
  stopTimeout: 'STOP_TIMEOUT_SECONDS',
  /** Images that may wait to be made on request; who asks for one more gets 429. */
  maxQueuedRenders: 'MAX_QUEUED_RENDERS',
  /** Bytes of the largest answer that what is in front of the service lets through. */
  maxResponseBytes: 'MAX_RESPONSE_BYTES',
} as const;

/** Names of the environment variables that only the web face reads, beside {@link CORE_VARIABLES}. */
export const HTTP_VARIABLES = {
  /** Who may read: one of {@link READ_ACCESS}. Default: `open`. */
  readAccess: 'READ_ACCESS',
  /** Who may upload and delete: one of {@link WRITE_ACCESS}. Default: `none`, and there are no such routes. */
  writeAccess: 'WRITE_ACCESS',
  /** Name or ARN of the secret in Secrets Manager whose text is a JSON object of {@link SIGNING_KEYS}, for `signed`. */
  signingSecret: 'SIGNING_SECRET',
  /** The same JSON object itself, where there is no Secrets Manager: on a machine of one's own, in a container elsewhere. */
  signingKeys: 'SIGNING_KEYS',
  /** JSON array of the hosts that links can be signed for, such as `img.example.com`. Default: the one that a request names. */
  linkHosts: 'LINK_HOSTS',
  /** Seconds that a signed link can be valid for. Default: {@link DEFAULT_MAX_LINK_LIFETIME_SECONDS}. */
  maxLinkLifetimeSeconds: 'MAX_LINK_LIFETIME_SECONDS',
  /** JSON array of origins whose pages may read answers, or `["*"]`. Default: none. Where an HTTP API is in front, it answers instead. */
  corsOrigins: 'CORS_ORIGINS',
  /** Key of a source whose thumbnails are shown, with the status of the error, in place of those that there are not. Default: none. */
  fallbackImage: 'FALLBACK_IMAGE',
  /**
   * URL of the distribution in front, such as `https://img.example.com`: where thumbnails over the response limit are
   * redirected to. Default: to the bucket, by a presigned URL; always so where reading is `signed`.
   */
  distributionUrl: 'DISTRIBUTION_URL',
  /**
   * Name or ARN of the secret in Secrets Manager, of the form of {@link SIGNING_KEYS}, whose key {@link DISTRIBUTION_KEY_ID} a distribution shows in
   * {@link DISTRIBUTION_HEADER} with every request below {@link STORED_PATH}. Default: none, and such requests are let in
   * where reading is `open`, else refused.
   */
  distributionSecret: 'DISTRIBUTION_SECRET',
  /** JSON array of the content types that can be uploaded. Default: {@link UPLOAD_CONTENT_TYPES}, and SVG where it is allowed. */
  uploadContentTypes: 'UPLOAD_CONTENT_TYPES',
  /** Size of the largest upload in bytes. Default: maxBytes of the limits. */
  uploadMaxBytes: 'UPLOAD_MAX_SIZE_BYTES',
  /** What keys are made by for uploads that name a file and no key: {@link DEFAULT_UPLOAD_KEY_TEMPLATE}. The prefix of the sources is put before it. */
  uploadKeyTemplate: 'UPLOAD_KEY_TEMPLATE',
} as const;

/**
 * What glibc's allocator is told wherever images are made. Left to itself it keeps a heap for every thread, up to eight for
 * each processor, and up to 64 MiB of freed memory in every one of them. Here all threads share two; pictures from 8 MiB on
 * lie outside of them and are given back at once, smaller ones as soon as 16 MiB are free at the end of a heap. No slower:
 * docs/performance.md. Other allocators pay no attention.
 * Source: mallopt(3)
 */
export const ALLOCATOR_VARIABLES = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(8 * 2 ** 20),
  MALLOC_TRIM_THRESHOLD_: String(16 * 2 ** 20),
} as const;

/** MiB that the container's program itself takes beside its children, measured under load with some to spare. */
export const SERVICE_MEMORY_MIB = 192;
/** MiB that the worst image may need that the default limits let in: see docs/performance.md. */
export const IMAGE_MEMORY_MIB = 512;
/** MiB that a child takes for a photo of 16 megapixels, measured; with less it would be replaced after every one. */
export const MIN_WORKER_MEMORY_MIB = 256;

/**
 * Children of the container's program, unless it is told: one for each processor, and one more that reads and writes
 * meanwhile, where all of them have the memory for the worst image.
 *
 * @param cpus processors, 1 or more
 * @param memory MiB of the container
 */
export function workerProcessesFor(cpus: number, memory: number): number {
  if (memoryPerWorkerMiB(cpus + 1, memory) >= IMAGE_MEMORY_MIB) {
    return cpus + 1;
  }
  return Math.max(1, Math.min(cpus, Math.floor((memory - SERVICE_MEMORY_MIB) / MIN_WORKER_MEMORY_MIB)));
}

/** MiB that each child may take of the container's, where it is not told. */
export function memoryPerWorkerMiB(children: number, memory: number): number {
  return Math.floor((memory - SERVICE_MEMORY_MIB) / children);
}

/** Header by which a distribution shows that it is the one. */
export const DISTRIBUTION_HEADER = 'x-thumbnails-distribution';
/** Id of the key that is shown there. */
export const DISTRIBUTION_KEY_ID = 'k1';

/**
 * Who may read: `open` takes every request that comes (what stands in front decides: IAM, an authorizer, nobody), `signed`
 * asks for a signed link.
 */
export const READ_ACCESS = ['open', 'signed'] as const;
/** One of {@link READ_ACCESS}. */
export type ReadAccess = (typeof READ_ACCESS)[number];
/** Who may upload and delete: `none` is nobody, the others as in {@link READ_ACCESS}. */
export const WRITE_ACCESS = ['none', 'open', 'signed'] as const;
/** One of {@link WRITE_ACCESS}. */
export type WriteAccess = (typeof WRITE_ACCESS)[number];

/**
 * Keys of signed links: the text of the secret is a JSON object of 1 to 4 of them by their ids, such as
 * `{"k1":"0a1b…","k2":"9f8e…"}`. The last one signs, all of them are taken, so that keys can be replaced one by one.
 *
 * A signed link is a URL whose query ends with `expires=<seconds since 1970>&keyid=<id>&signature=<64 hexadecimal digits>`.
 * The signature is the HMAC-SHA256, by the bytes of the key's text, of the method (GET for HEAD), the host and the URL from
 * its path to what is before `&signature=`, each on a line of its own:
 *
 *     GET\nimg.example.com\n/thumbnails/small/a/my%20cat.jpg?format=webp&expires=1789000000&keyid=k2
 *
 * The host is in lower case, with the port where it is not the scheme's own. The path is in its one canonical form:
 * decoded once, then every segment as `encodeURIComponent` writes it.
 */
export const SIGNING_KEYS = {
  /** What ids look like: a letter first, which keeps the order of a JSON object. */
  idPattern: /^[a-zA-Z][\w-]{0,31}$/,
  /** Characters of the shortest key: 32 hexadecimal digits are 128 bits. */
  minLength: 32,
  /** Keys that can be taken at once. */
  max: 4,
} as const;
/** Seconds by which the clocks of who signs and who checks may differ. */
export const CLOCK_SKEW_SECONDS = 60;
/** A week: as long as a presigned URL of S3 can last. */
export const DEFAULT_MAX_LINK_LIFETIME_SECONDS = 604_800;

/** What can be uploaded where nothing else is said: what the engine reads. */
export const UPLOAD_CONTENT_TYPES: readonly string[] = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/avif',
  'image/gif',
  'image/tiff',
  'image/heic',
  'image/heif',
];
/** `{uuid}` is a random UUID, which has to be in a template, and `{filename}` the name of the file, made safe. */
export const DEFAULT_UPLOAD_KEY_TEMPLATE = '{uuid}/{filename}';

/** What a container does: `worker` makes thumbnails of what changes, `api` answers requests, `both` does both. */
export const SERVICE_MODES = ['worker', 'api', 'both'] as const;
/** One of {@link SERVICE_MODES}. */
export type ServiceMode = (typeof SERVICE_MODES)[number];

/**
 * How a worker hears of changes: `queue` polls an SQS queue, `directory` watches the directory that holds the sources,
 * `http` takes events of S3, of S3-compatible stores and of EventBridge by `POST /events`.
 */
export const TRIGGERS = ['queue', 'directory', 'http'] as const;
/** One of {@link TRIGGERS}. */
export type Trigger = (typeof TRIGGERS)[number];

/** Port that the container listens on: one that needs no privilege. */
export const DEFAULT_PORT = 8080;
/** Seconds that ECS leaves a container between SIGTERM and SIGKILL. */
export const DEFAULT_STOP_TIMEOUT = 30;
/**
 * Seconds for the transfers of one image in the worst case: reading the source, storing the thumbnails, retries of the
 * object store, and a source that changes meanwhile. A job or an invocation may take `maxDurationSeconds` plus this.
 */
export const MAX_TRANSFER_SECONDS = 40;
/** Seconds for the transfers of one image without retries. A function starts the next key only if the remaining time covers it. */
export const TYPICAL_TRANSFER_SECONDS = 5;

/** Kinds of store that the program can work on. */
export const STORAGE_KINDS = ['s3', 'directory'] as const;
/** One of {@link STORAGE_KINDS}. */
export type StorageKind = (typeof STORAGE_KINDS)[number];

/** Formats that a thumbnail can have. */
export const FORMATS = ['jpeg', 'png', 'webp', 'avif', 'gif'] as const;
/** One of {@link FORMATS}. */
export type Format = (typeof FORMATS)[number];

/**
 * Ways to bring a picture into its box: `inside` keeps all of it and its proportions, `cover` fills the box and crops,
 * `contain` keeps all of it and fills the rest of the box with the background.
 */
export const FITS = ['inside', 'cover', 'contain'] as const;
/** One of {@link FITS}. */
export type Fit = (typeof FITS)[number];

/** Which part of the picture `cover` keeps when its source names no focal point. */
export const POSITIONS = ['centre', 'attention'] as const;
/** One of {@link POSITIONS}. */
export type Position = (typeof POSITIONS)[number];

/** How one format of a thumbnail is encoded. */
export interface FormatSettings {
  readonly type: Format;
  /** 1 to 100; not for gif. Default: {@link DEFAULT_QUALITY}. */
  readonly quality?: number;
  /** CPU spent on smaller files, in the encoder's own scale: see {@link EFFORTS}. Not for jpeg. */
  readonly effort?: number;
  /** Keep every pixel value; webp and avif only. Default: false. */
  readonly lossless?: boolean;
}

/** One thumbnail that is made of every source image. */
export interface ThumbnailSettings {
  /** Its name in keys and URLs: {@link NAME_PATTERN}. */
  readonly name: string;
  readonly fit: Fit;
  /** Width of the box in pixels, 1 to {@link MAX_SIDE}. */
  readonly width: number;
  /** Height of the box in pixels, 1 to {@link MAX_SIDE}. */
  readonly height: number;
  /** At least one, no type twice; the first is the one that is served when a client has no preference. */
  readonly formats: readonly FormatSettings[];
  /** For `cover`. Default: centre. */
  readonly position?: Position;
  /** `#rrggbb` or `#rrggbbaa`: what fills a `contain` box, and what shows through when a format has no transparency. Default: {@link DEFAULT_BACKGROUND}. */
  readonly background?: string;
  /** Make small pictures larger to reach the box. Default: false. */
  readonly enlarge?: boolean;
  /** Keep the movement of moving sources, in formats that can: gif and webp. Default: false. */
  readonly animated?: boolean;
}

/** Bounds on what the program takes in; anything beyond is refused before a pixel is decoded. */
export interface Limits {
  /** Size of a source in bytes. */
  readonly maxBytes: number;
  /** Width × height of a source in pixels. Beside it no side may be longer than 65,535 pixels. */
  readonly maxPixels: number;
  /**
   * The same for sources whose decoder holds the whole picture in memory: progressive JPEG, interlaced PNG, and HEIC that
   * is not cut into tiles. AVIF takes more for each pixel and may have this divided by 1.8; AVIF deeper than 8 bits, by 2.5.
   */
  readonly maxProgressivePixels: number;
  /** Width × height × frames of a moving source that keeps its movement. */
  readonly maxAnimationPixels: number;
  /** Frames of a moving source that keeps its movement. */
  readonly maxFrames: number;
  /** Time for one image from its first byte to its last thumbnail, in seconds. */
  readonly maxDurationSeconds: number;
}

/** Where the program finds and puts objects. */
export interface ObjectLocation {
  /** Name of the bucket or path of the directory. */
  readonly name: string;
  /** Start of every key that the program may touch there; may be empty. */
  readonly prefix: string;
}

/** Everything that lib/ hands to the program. */
export interface CoreSettings {
  readonly store: StorageKind;
  readonly source: ObjectLocation & {
    /** Only keys that end with one of these are served; all when empty. Compared without regard to case. */
    readonly suffixes: readonly string[];
  };
  readonly destination: ObjectLocation;
  readonly thumbnails: readonly ThumbnailSettings[];
  readonly limits: Limits;
  readonly allowSvg: boolean;
  /** Whether the blocks of JPEGs are counted, which finds damage that their decoder passes over. */
  readonly verifyJpegs: boolean;
  readonly cacheControl: string;
}

/** What a thumbnail may be called: it is a part of keys and URLs. */
export const NAME_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
/** Name that no thumbnail may have, because its key belongs to the manifest. */
export const RESERVED_NAMES: readonly string[] = ['manifest'];
/** Largest side of a thumbnail in pixels. */
export const MAX_SIDE = 8192;
/** Largest number of thumbnails of one source. */
export const MAX_THUMBNAILS = 50;
/** Longest prefix of thumbnails in bytes: leaves room for the key of a source and a file name in a key of 1024. */
export const MAX_PREFIX_BYTES = 512;
/** `#rrggbb` or `#rrggbbaa`. */
export const COLOR_PATTERN = /^#(?:[0-9a-f]{6}|[0-9a-f]{8})$/i;

/** Quality where a format names none: those of WebP and AVIF look as much like the original as JPEG at 80, see docs/performance.md. */
export const DEFAULT_QUALITY: Readonly<Record<Exclude<Format, 'gif'>, number>> = {
  jpeg: 80,
  png: 100,
  webp: 80,
  avif: 63,
};
/** Range and default of `effort` per format, in the scale of sharp's encoders. */
export const EFFORTS: Readonly<
  Record<Exclude<Format, 'jpeg'>, { readonly min: number; readonly max: number; readonly default: number }>
> = {
  png: { min: 1, max: 10, default: 7 },
  webp: { min: 0, max: 6, default: 4 },
  avif: { min: 0, max: 9, default: 2 },
  gif: { min: 1, max: 10, default: 7 },
};
/** White: what most pages behind a thumbnail are. */
export const DEFAULT_BACKGROUND = '#ffffff';
/** A day fresh, a week served while it is fetched anew: a replaced original shows by tomorrow at the latest. */
export const DEFAULT_CACHE_CONTROL = 'public, max-age=86400, stale-while-revalidate=604800';
/** What is made where nothing else is asked for: a list's, a tile's and a screen's picture. */
export const DEFAULT_THUMBNAILS: readonly ThumbnailSettings[] = [
  { name: 'small', fit: 'inside', width: 200, height: 200, formats: [{ type: 'webp' }] },
  { name: 'square', fit: 'cover', width: 320, height: 320, formats: [{ type: 'webp' }] },
  { name: 'large', fit: 'inside', width: 1600, height: 1600, formats: [{ type: 'webp' }] },
];
/**
 * Limits that hold where none are given: one process that makes three sizes (200, 320, 1600) of the worst image they let
 * in stays under 512 MB. Measured peaks with Node 20 and sharp 0.35.5 on x64, the idle process being 60 MB of each:
 *
 * | worst that is let in | MB |
 * |---|---|
 * | 50 MP baseline JPEG, RGB or CMYK | 104, 142 |
 * | 50 MP PNG, RGBA or 16-bit RGBA | 175, 247 |
 * | 50 MP TIFF, 8-bit or floating point in one strip | 136, 288 |
 * | 50 MP WebP, lossless; 50 MP GIF | 308, 341 |
 * | 48 MP HEIC in tiles | 300 |
 * | 35 MP HEIC in one piece | 445 |
 * | 36 MP progressive JPEG, CMYK; 36 MP interlaced 16-bit PNG | 392, 407 |
 * | 20 MP AVIF; 14 MP AVIF of 10 or 12 bits | 446, 429 |
 * | 30 MP of animation, kept moving | 298 |
 */
export const DEFAULT_LIMITS: Limits = {
  maxBytes: 64 * 1024 * 1024,
  maxPixels: 50_000_000,
  maxProgressivePixels: 36_000_000,
  maxAnimationPixels: 30_000_000,
  maxFrames: 256,
  maxDurationSeconds: 20,
};
