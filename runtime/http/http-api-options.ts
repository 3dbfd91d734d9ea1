import type { Context } from 'hono';
import type { UploadSettings } from '../config/http-settings';
import type { ClaimKind } from '../contract';
import type { ErrorCode } from '../errors/error-codes';
import type { PipelineReader, Reconcile } from '../pipeline';
import type { ObjectStore, StoredObject } from '../storage';
import type { CdnLinks } from './links/cdn-links';
import type { Link, Links } from './links/links';
import type { SigningKeySource } from './links/signing-keys';
import type { Problem } from './problems/problem';
import type { Timings } from './timings';

/** Options of the HTTP API. */
export interface HttpApiOptions {
  /** Reads stored results. */
  readonly pipeline: PipelineReader;
  /** Renders missing thumbnails. */
  readonly reconcile: Reconcile;
  /** Object store of the sources. Manifest requests read object metadata; `DELETE` deletes objects. */
  readonly source: Pick<ObjectStore, 'head' | 'delete'>;
  /** `Cache-Control` header of thumbnails. */
  readonly cacheControl: string;
  /** Version in the responses of `/health` and `/openapi.json`. */
  readonly version: string;
  /** Whether the API has the routes for thumbnails and manifests. @default true */
  readonly reading?: boolean;
  /** Validates signed links for reading. @default - reading requires no signed link */
  readonly readLinks?: Links;
  /** Limits reading to keys with the claims of the caller. @default - callers can read every key */
  readonly readScope?: KeyScope;
  /** Options of the route that serves thumbnails to a distribution by the key of the stored object. @default - no such route */
  readonly stored?: StoredThumbnailOptions;
  /** Signs the URLs of thumbnails in manifests for a distribution. @default - URLs of this API */
  readonly cdnLinks?: CdnLinks;
  /** Whether every route except `/health` requires a key of `stored`. @default false */
  readonly onlyThroughDistribution?: boolean;
  /** Options of the routes for uploads and deletion. @default - no such routes */
  readonly writing?: WritingOptions;
  /** Origins that can send cross-origin requests (CORS), or `*`. @default - none */
  readonly corsOrigins?: readonly string[];
  /**
   * Key of the source of a fallback image. If a thumbnail is missing or rejected, the API returns the thumbnail of this source
   * with the status of the error.
   *
   * @default - no fallback image
   */
  readonly fallbackImage?: string;
  /** Maximum size of a response body in bytes. @default - no limit */
  readonly maxResponseBytes?: number;
  /** Returns the redirect URL for a thumbnail that exceeds `maxResponseBytes`. @default - no redirect */
  readonly redirect?: (oversize: OversizeThumbnail) => Promise<string>;
  /** Callback for each response. @default - no reporting */
  readonly report?: (response: ResponseReport) => void;
  /** Processes a request in a context with its id. Log lines can then contain the id. @default - no wrapper */
  readonly correlate?: (requestId: string, work: () => Promise<void>) => Promise<void>;
}

/** Limits callers to the keys with a prefix, which contains their claims. */
export interface KeyScope {
  /** Prefix with placeholders, such as `{claim:sub}/`. */
  readonly template: string;
  /** Prefix of all source keys. It precedes the prefix of a caller. */
  readonly sourcePrefix: string;
}

/** Options of the route that serves thumbnails by the key of the stored object. */
export interface StoredThumbnailOptions {
  /** Prefix of the keys of all thumbnails. */
  readonly prefix: string;
  /** Keys that authenticate the distribution. @default - no authentication */
  readonly keys?: SigningKeySource;
}

/** A thumbnail that exceeds the maximum response size. */
export interface OversizeThumbnail {
  readonly thumbnail: StoredObject;
  /** Versioned path and query of the thumbnail in this API. */
  readonly url: string;
  /** Whether the client requested exactly {@link url}. */
  readonly isRequestedUrl: boolean;
}

/** Options of the routes that write sources. */
export interface WritingOptions {
  /** Validates signed links for writing. @default - writing requires no signed link */
  readonly links?: Links;
  /** Limits writing to keys with the claims of the caller. @default - callers can write every key */
  readonly scope?: KeyScope;
  readonly uploads: UploadSettings;
  /** Prefix of the keys of all uploads. */
  readonly prefix: string;
  /** Creates the form that uploads a file. `origin` is the public URL of this API. */
  readonly createForm: (upload: UploadPolicy, origin: string) => Promise<UploadForm>;
  /** Reads a submitted form and stores its file. @default - the object store receives forms itself */
  readonly receiveForm?: (request: Request, maxFileBytes: number) => Promise<void>;
  /** Callback for the key of each deleted source. @default - no callback */
  readonly changed?: (key: string) => void;
}

/** Conditions of one upload. */
export interface UploadPolicy {
  readonly key: string;
  readonly contentType: string;
  /** Exact size of the file. */
  readonly bytes: number;
  /** Metadata of the object; names are lowercase. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Lifetime of the form in seconds. */
  readonly seconds: number;
}

/** A `multipart/form-data` form: the fields in their order, followed by the field `file`. */
export interface UploadForm {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Description of a response, for logs. */
export interface ResponseReport {
  readonly method: string;
  /** Percent-encoded path of the request. */
  readonly path: string;
  readonly status: number;
  readonly milliseconds: number;
  /** Error code of a problem document. */
  readonly code?: ErrorCode;
  /** Error that caused a problem document. */
  readonly error?: Error;
  /** Format of a thumbnail that the response contains, such as `webp`. */
  readonly format?: string;
}

/** Hono environment of the HTTP API. Servers pass the bindings as the second argument of `fetch`. */
export interface HttpApiEnvironment {
  Bindings: {
    /** Percent-encoded path from the request of the client. Required if the URL of the `Request` is normalized. */
    readonly path?: string;
    /** Public path prefix of this API, such as `/stage`. @default - no prefix */
    readonly basePath?: string;
    /** Id of the request at the gateway. @default - the request id or trace id from a proxy, or a random id */
    readonly requestId?: string;
    /** Values of the authorizer, from the event of API Gateway. @default - the headers that API Gateway sets */
    readonly authorizer?: Readonly<Record<ClaimKind, Readonly<Record<string, unknown>>>>;
  };
  Variables: {
    timings: Timings;
    /** Problem in the response. */
    problem?: Problem;
    /** Signed link of the request. */
    link?: Link;
    /** Prefix of the keys that the caller can use; undefined for every key. */
    keyPrefix?: string;
  };
}

/** Hono context of the HTTP API. */
export type HttpApiContext = Context<HttpApiEnvironment>;
