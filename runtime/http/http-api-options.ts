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
  /** Pipeline that reads stored thumbnails and manifests. */
  readonly pipeline: PipelineReader;
  /** Function that renders missing thumbnails. */
  readonly reconcile: Reconcile;
  /** Object store of the sources. The API reads object metadata for manifests, and deletes objects for `DELETE` requests. */
  readonly source: Pick<ObjectStore, 'head' | 'version' | 'delete'>;
  /** `Cache-Control` header of thumbnails. */
  readonly cacheControl: string;
  /** Version of the package in the responses of `/health` and `/openapi.json`. */
  readonly version: string;
  /** Whether the API has the routes for thumbnails and manifests. @default true */
  readonly reading?: boolean;
  /** Validator of signed links for reading. @default - reading requires no signed link */
  readonly readLinks?: Links;
  /** Limits reading to keys with a prefix that contains token claims of the user. @default - users can read every key */
  readonly readScope?: KeyScope;
  /** Options of the route that serves stored thumbnails to a CloudFront distribution. @default - no such route */
  readonly stored?: StoredThumbnailOptions;
  /** Signer of the thumbnail URLs in manifests for a CloudFront distribution. @default - unsigned URLs of this API */
  readonly cdnLinks?: CdnLinks;
  /** Whether every route except `/health` requires the key of the CloudFront distribution in `stored`. @default false */
  readonly onlyThroughDistribution?: boolean;
  /** Options of the routes for uploads and deletion. @default - no such routes */
  readonly writing?: WritingOptions;
  /** Origins from which browsers allow cross-origin requests (CORS), or `*` for all origins. @default - no origins */
  readonly corsOrigins?: readonly string[];
  /**
   * Source key of a fallback image. If an image is missing or rejected, the API returns the thumbnail of the fallback image
   * with the status code of the error.
   *
   * @default - no fallback image
   */
  readonly fallbackImage?: string;
  /** Maximum size of a response body in bytes. @default - no limit */
  readonly maxResponseBytes?: number;
  /** Function that returns the redirect URL for a thumbnail larger than `maxResponseBytes`. @default - no redirect */
  readonly redirect?: (oversize: OversizeThumbnail) => Promise<string>;
  /** Function that the API calls with a description of each response. @default - no call */
  readonly report?: (response: ResponseReport) => void;
  /** Function that processes a request in an async context with the request id for logs. @default - no async context */
  readonly correlate?: (requestId: string, work: () => Promise<void>) => Promise<void>;
}

/** Key prefix with token claims of the user. A user can access only keys with this prefix. */
export interface KeyScope {
  /** Key prefix with placeholders for claims, such as `{claim:sub}/`. */
  readonly template: string;
  /** Prefix of all source keys. The source prefix precedes the key prefix of a user. */
  readonly sourcePrefix: string;
}

/** Options of the route that serves thumbnails by the keys of their stored objects. */
export interface StoredThumbnailOptions {
  /** Prefix of all thumbnail keys. */
  readonly prefix: string;
  /** Keys that authenticate the CloudFront distribution. @default - no authentication */
  readonly keys?: SigningKeySource;
}

/** A thumbnail that exceeds the maximum response size. */
export interface OversizeThumbnail {
  readonly thumbnail: StoredObject;
  /** Versioned path and query of the thumbnail in this API. */
  readonly url: string;
  /** Whether the URL of the request equals {@link url}. */
  readonly isRequestedUrl: boolean;
}

/** Options of the routes for uploads and deletion. */
export interface WritingOptions {
  /** Validator of signed links for writing. @default - writing requires no signed link */
  readonly links?: Links;
  /** Limits writing to keys with a prefix that contains token claims of the user. @default - users can write every key */
  readonly scope?: KeyScope;
  readonly uploads: UploadSettings;
  /** Prefix of the source keys of all uploads. */
  readonly prefix: string;
  /** Function that creates the form for uploading a file. `origin` is the public URL of this API. */
  readonly createForm: (upload: UploadPolicy, origin: string) => Promise<UploadForm>;
  /** Function that reads a submitted form and stores the file. @default - the object store receives forms directly */
  readonly receiveForm?: (request: Request, maxFileBytes: number) => Promise<void>;
  /** Function that the API calls with the key of each deleted source. @default - no call */
  readonly changed?: (key: string) => void;
}

/** Conditions of one upload. */
export interface UploadPolicy {
  readonly key: string;
  readonly contentType: string;
  /** Exact size of the file in bytes. */
  readonly bytes: number;
  /** Metadata of the object by lowercase name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Lifetime of the form in seconds. */
  readonly seconds: number;
}

/** A `multipart/form-data` form. The client sends the fields in their order, followed by the field `file`. */
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
  /** Format of the thumbnail in the response, such as `webp`. */
  readonly format?: string;
}

/** Hono environment of the HTTP API. Servers pass the bindings as the second argument of `fetch`. */
export interface HttpApiEnvironment {
  Bindings: {
    /** Percent-encoded path in the client's request. Required if the server normalizes the URL of the `Request`. */
    readonly path?: string;
    /** Public path prefix of this API, such as `/stage`. @default - no prefix */
    readonly basePath?: string;
    /** Request id of API Gateway. @default - the request id or the trace id of a proxy, or a random id */
    readonly requestId?: string;
    /** Values of the authorizer in the event of API Gateway. @default - values in the headers that API Gateway sets */
    readonly authorizer?: Readonly<Record<ClaimKind, Readonly<Record<string, unknown>>>>;
  };
  Variables: {
    timings: Timings;
    /** Problem in the response. */
    problem?: Problem;
    /** Signed link of the request. */
    link?: Link;
    /** Prefix of the keys that the user can access. Undefined if the user can access every key. */
    keyPrefix?: string;
  };
}

/** Hono context of the HTTP API. */
export type HttpApiContext = Context<HttpApiEnvironment>;
