import type { UploadSettings } from '../config/http-settings';
import type { ThumbnailSettings } from '../contract';
import type { ErrorCode } from '../errors/error-codes';
import type { PipelineReader, Reconcile } from '../pipeline';
import type { ObjectStore, StoredObject } from '../storage';
import type { Link, Links } from './links/links';
import type { Problem } from './problems/problem';
import type { StoredRouteOptions } from './routes/stored';
import type { Timings } from './timings';

/** What the app needs to answer. */
export interface HttpApiOptions {
  /** Reads stored results. */
  readonly pipeline: PipelineReader;
  /** Renders missing thumbnails. */
  readonly reconcile: Reconcile;
  /** Where the sources are: they are looked at for manifests, and deleted where that is allowed. */
  readonly source: Pick<ObjectStore, 'head' | 'delete'>;
  /** The thumbnails that are made, as the settings have them. */
  readonly thumbnails: readonly ThumbnailSettings[];
  /** The Cache-Control header of thumbnails. */
  readonly cacheControl: string;
  /** Version of this program, told by `/health`. */
  readonly version: string;
  /** Checks the links that read. Default: everybody who comes may read. */
  readonly readLinks?: Links;
  /** Thumbnails by the keys that they are stored under, for a distribution. Default: there is no such route. */
  readonly stored?: StoredRouteOptions;
  /** Uploads and deletion. Default: there are no such routes. */
  readonly writing?: WritingOptions;
  /** Origins whose pages may read answers, or `*`. Default: none. */
  readonly corsOrigins?: readonly string[];
  /** Key of a source whose thumbnails are shown in place of those that there are not. Default: none. */
  readonly fallbackImage?: string;
  /** Largest body in bytes that the server in front can send. Default: no limit. */
  readonly maxResponseBytes?: number;
  /** Tells a URL from which a client can get a thumbnail that is larger than that. Default: it is answered in full. */
  readonly redirect?: (oversize: Oversize) => Promise<string>;
  /** Hears of every answer. Default: nobody does. */
  readonly report?: (answer: ResponseReport) => void;
}

/** A thumbnail that does not fit into an answer. */
export interface Oversize {
  readonly thumbnail: StoredObject;
  /** Where this API serves these very bytes, from its root. */
  readonly url: string;
  /** Whether that is what the client asked for. */
  readonly isAskedFor: boolean;
}

/** How sources are written. */
export interface WritingOptions {
  /** Checks the links that write. Default: everybody who comes may write. */
  readonly links?: Links;
  readonly uploads: UploadSettings;
  /** Start of every key that an upload gets. */
  readonly prefix: string;
  /** Makes the form by which a client sends the bytes. */
  readonly present: (upload: UploadPolicy, origin: string) => Promise<UploadForm>;
  /** Takes such a form, where the store does not do so itself. Default: it does. */
  readonly take?: (form: FormData) => Promise<void>;
  /** Hears of every source that was deleted here. Default: nobody does. */
  readonly changed?: (key: string) => void;
}

/** What is fixed for one upload. */
export interface UploadPolicy {
  readonly key: string;
  readonly contentType: string;
  /** Size of the file, exactly. */
  readonly bytes: number;
  /** Metadata of the object, names in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Seconds from now in which it can be sent. */
  readonly seconds: number;
}

/** A form as a browser sends it, `multipart/form-data`: the fields in their order, and then the field `file`. */
export interface UploadForm {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** One answer, for logs. */
export interface ResponseReport {
  readonly method: string;
  /** Still encoded. */
  readonly path: string;
  readonly status: number;
  readonly milliseconds: number;
  /** Set where the answer is a problem document. */
  readonly code?: ErrorCode;
  /** What was thrown, where the answer is a problem document. */
  readonly error?: Error;
}

/** What a door can say of a single request, as the second argument of the app's `fetch`. */
export interface HttpApiEnvironment {
  Bindings: {
    /** The path as the client sent it, percent-encoded: for doors where the URL of a Request has lost it. */
    readonly path?: string;
    /** What clients put before the paths of this API, such as `/stage`. Default: nothing. */
    readonly basePath?: string;
  };
  Variables: {
    timings: Timings;
    /** What the answer is about, where it is a problem document. */
    problem?: Problem;
    /** The signed link that the request was made by. */
    link?: Link;
  };
}
