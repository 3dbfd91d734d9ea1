import { errorCodeDetails, type ErrorCode, type ErrorCodeDetails } from '../../errors/error-codes';

/** A failure whose answer is known: thrown anywhere below the app, answered as a problem document. */
export class Problem extends Error {
  public override readonly name = 'Problem';

  public constructor(
    public readonly code: ErrorCode,
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
  public get status(): ErrorCodeDetails['status'] {
    return errorCodeDetails(this.code).status;
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
  readonly code: ErrorCode;
}

/**
 * The whole answer to a problem. Never stored by a cache: a missing image may be there a second later.
 *
 * @param instance path of the request, percent-encoded
 */
export function problemResponse(problem: Problem, instance: string): Response {
  const { status, title, retryAfterSeconds } = errorCodeDetails(problem.code);
  const document: ProblemDocument = {
    type: `urn:cdk-thumbnails:problem:${problem.code}`,
    title,
    status,
    detail: problem.detail,
    instance,
    code: problem.code,
  };
  return new Response(JSON.stringify(document), {
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
      ...problem.headers,
    },
  });
}
