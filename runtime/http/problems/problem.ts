import { errorCodeDetails, type ErrorCode, type ErrorCodeDetails } from '../../errors/error-codes';

/** An error with an error code. The HTTP API converts the error to a problem document. */
export class Problem extends Error {
  public override readonly name = 'Problem';

  public constructor(
    public readonly code: ErrorCode,
    /** Explanation of this occurrence of the problem, as in the response. */
    public readonly detail: string,
    options?: ErrorOptions & {
      /** Headers of the response. */
      readonly headers?: Readonly<Record<string, string>>;
    },
  ) {
    super(detail, options);
    this.headers = options?.headers ?? {};
  }

  /** Headers of the response. */
  public readonly headers: Readonly<Record<string, string>>;

  /** HTTP status of the response. */
  public get status(): ErrorCodeDetails['status'] {
    return errorCodeDetails(this.code).status;
  }
}

/** Body of an error response. @see https://www.rfc-editor.org/rfc/rfc9457 */
export interface ProblemDocument {
  /** Stable URN of the error code. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Path of the request. */
  readonly instance: string;
  /** Error code. The code is also the last part of `type`. */
  readonly code: ErrorCode;
}

/**
 * Creates the HTTP response for a problem. Caches must not store the response, because a missing image can become available at
 * any time.
 *
 * @param instance percent-encoded path of the request
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
