/** One kind of failure: what HTTP says of it. */
interface Kind {
  readonly status: 400 | 401 | 403 | 404 | 405 | 412 | 413 | 414 | 415 | 422 | 429 | 500 | 503;
  /** The same for every occurrence, as RFC 9457 asks. */
  readonly title: string;
  /** Seconds after which another try can help. */
  readonly retryAfter?: number;
}

/** Every problem that this API answers with, by its stable code. */
export const PROBLEMS = {
  'invalid-key': { status: 400, title: 'The image is not named by a valid key' },
  'unknown-format': { status: 400, title: 'The thumbnail is not made in this format' },
  'invalid-upload': { status: 400, title: 'The upload is not described as it must be' },
  'invalid-event': { status: 400, title: 'The event is none of a store' },
  unauthorized: { status: 401, title: 'The request carries no valid credentials' },
  'access-denied': { status: 403, title: 'The image may not be read' },
  'invalid-signature': { status: 403, title: 'The request is not made by a valid signed link' },
  'expired-link': { status: 403, title: 'The time of the signed link is over' },
  'invalid-upload-form': { status: 403, title: 'The form is not the one that was handed out for the upload' },
  'route-not-found': { status: 404, title: 'There is nothing at this path' },
  'unknown-thumbnail': { status: 404, title: 'No thumbnail has this name' },
  'key-not-served': { status: 404, title: 'The image is not among those that are served' },
  'image-not-found': { status: 404, title: 'There is no such image' },
  'method-not-allowed': { status: 405, title: 'This path does not take this method' },
  'precondition-failed': { status: 412, title: 'The thumbnail is not in the state that was asked for' },
  'file-too-large': { status: 413, title: 'The image has too many bytes' },
  'too-many-pixels': { status: 413, title: 'The image has too many pixels' },
  'too-many-frames': { status: 413, title: 'The image has too many frames' },
  'url-too-long': { status: 414, title: 'The URL is longer than any URL of this API' },
  'unsupported-format': { status: 415, title: 'The image is of a format that is not read' },
  'empty-file': { status: 422, title: 'The image has no bytes' },
  truncated: { status: 422, title: 'The end of the image is missing' },
  corrupt: { status: 422, title: 'The image is damaged' },
  'too-many-requests': { status: 429, title: 'Too many images are waiting to be made', retryAfter: 2 },
  'internal-error': { status: 500, title: 'Something went wrong here' },
  timeout: { status: 503, title: 'The image took too long', retryAfter: 30 },
  'out-of-memory': { status: 503, title: 'The image needs more memory than there is now', retryAfter: 30 },
  'worker-crashed': { status: 503, title: 'The image ended the process that worked on it', retryAfter: 30 },
  'shutting-down': { status: 503, title: 'This process is about to end', retryAfter: 1 },
  'source-changed': { status: 503, title: 'The image is being replaced', retryAfter: 1 },
  'storage-throttled': { status: 503, title: 'The store is asked too often', retryAfter: 2 },
  'storage-unavailable': { status: 503, title: 'The store cannot be reached', retryAfter: 5 },
} as const satisfies Readonly<Record<string, Kind>>;

/** One of the keys of {@link PROBLEMS}. */
export type ProblemCode = keyof typeof PROBLEMS;

/** A failure whose answer is known: thrown anywhere below the app, answered as a problem document. */
export class Problem extends Error {
  public override readonly name = 'Problem';

  public constructor(
    /** Why, for programs. */
    public readonly code: ProblemCode,
    /** Why, for people: shown to the client as it is. */
    public readonly detail: string,
    options?: ErrorOptions & {
      /** Headers that belong to this answer. */
      readonly headers?: Readonly<Record<string, string>>;
    },
  ) {
    super(detail, options);
    this.headers = options?.headers ?? {};
  }

  /** Headers that belong to this answer. */
  public readonly headers: Readonly<Record<string, string>>;

  /** The HTTP status. */
  public get status(): Kind['status'] {
    return PROBLEMS[this.code].status;
  }
}

/** The body of an error answer: https://www.rfc-editor.org/rfc/rfc9457 */
export interface ProblemDocument {
  /** Names the kind of problem; stable. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Path of the request. */
  readonly instance: string;
  /** The last part of `type`, for programs. */
  readonly code: ProblemCode;
}

/**
 * The whole answer to a problem. Never stored by a cache: a missing image may be there a second later.
 *
 * @param instance path of the request, percent-encoded
 */
export function problemResponse(problem: Problem, instance: string): Response {
  const kind: Kind = PROBLEMS[problem.code];
  const document: ProblemDocument = {
    type: `urn:cdk-thumbnails:problem:${problem.code}`,
    title: kind.title,
    status: kind.status,
    detail: problem.detail,
    instance,
    code: problem.code,
  };
  return new Response(JSON.stringify(document), {
    status: kind.status,
    headers: {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      ...(kind.retryAfter !== undefined && { 'Retry-After': String(kind.retryAfter) }),
      ...problem.headers,
    },
  });
}
