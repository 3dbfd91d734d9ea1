import type { ThumbnailSettings } from '../contract';
import type { StoredObject } from '../store';
import type { ImagePipeline } from './make';
import type { Problem, ProblemCode } from './problem';

/** What the app needs to answer. */
export interface AppOptions {
  readonly pipeline: ImagePipeline;
  /** The thumbnails that are made, as the settings have them. */
  readonly thumbnails: readonly ThumbnailSettings[];
  /** The Cache-Control header of thumbnails. */
  readonly cacheControl: string;
  /** Version of this program, told by `/health`. */
  readonly version: string;
  /** Largest body in bytes that the server in front can send. Default: no limit. */
  readonly maxBodyBytes?: number;
  /** Tells a URL from which a client can get a thumbnail that is larger than that. Default: such a thumbnail is an error. */
  readonly redirect?: (thumbnail: StoredObject) => Promise<string>;
  /** Hears of every answer. Default: nobody does. */
  readonly report?: (answer: AnswerReport) => void;
}

/** One answer, for logs. */
export interface AnswerReport {
  readonly method: string;
  /** Still encoded. */
  readonly path: string;
  readonly status: number;
  readonly milliseconds: number;
  /** Set where the answer is a problem document. */
  readonly code?: ProblemCode;
  /** What was thrown, where the answer is a problem document. */
  readonly error?: Error;
}

/** What a door can say of a single request, as the second argument of the app's `fetch`. */
export interface AppEnvironment {
  Bindings: {
    /** The path as the client sent it, percent-encoded: for doors where the URL of a Request has lost it. */
    readonly path?: string;
    /** What clients put before the paths of this API, such as `/stage`. Default: nothing. */
    readonly basePath?: string;
  };
  Variables: {
    /** What the answer is about, where it is a problem document. */
    problem?: Problem;
  };
}
