import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import { AnalysisError } from './analysis-error';

/** A response with its complete body. */
export interface TextResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Waits for a number of milliseconds. The promise rejects if the signal aborts. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<unknown>;

/** Delays in milliseconds before the second attempt and before the third attempt. */
const RETRY_DELAYS_MS = [200, 1000] as const;
/** Maximum size of a response in bytes. */
const MAX_RESPONSE_BYTES = 1024 * 1024;

/** Waits in real time. */
export const realWait: Wait = (milliseconds, signal) => delay(milliseconds, undefined, { signal });

/**
 * Sends a request. Retries the request at most twice if the service throttles the request or is unavailable.
 *
 * @param service name of the service for error messages
 * @param send function that sends the request once
 * @throws AnalysisError if the signal aborts
 * @throws AnalysisError if the service throttles the last attempt, does not respond, or returns a status of 500 or above
 */
export async function withAttempts(
  service: string,
  send: () => Promise<TextResponse>,
  signal: AbortSignal,
  wait: Wait = realWait,
): Promise<TextResponse> {
  for (let attempt = 0; ; attempt++) {
    const milliseconds = RETRY_DELAYS_MS[attempt];
    const result = await send().catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
    const failure = failureOf(service, result, signal);
    if (failure === undefined) {
      return result as TextResponse;
    }
    if (milliseconds === undefined || signal.aborted) {
      throw failure;
    }
    await wait(milliseconds, signal).catch(() => {
      throw failure;
    });
  }
}

/** Returns the error for a temporary failure. Returns undefined for any other response. */
function failureOf(service: string, result: TextResponse | Error, signal: AbortSignal): AnalysisError | undefined {
  if (result instanceof Error) {
    const message = signal.aborted ? 'did not respond in time' : `did not respond: ${messageOf(result)}`;
    return new AnalysisError('analysis-unavailable', `${service} ${message}`, { cause: result });
  }
  if (result.status === 429 || isThrottled(result)) {
    return new AnalysisError('analysis-throttled', `${service} throttled the request with status ${result.status}`);
  }
  return result.status >= 500
    ? new AnalysisError('analysis-unavailable', `${service} failed with status ${result.status}`)
    : undefined;
}

/** Pattern of the error types for throttling. Some AWS services return these errors with status 400 instead of 429. */
const THROTTLING = /(?:Throttling|ProvisionedThroughputExceeded|LimitExceeded|TooManyRequests)(?:Exception)?\b/;

function isThrottled({ status, headers, body }: TextResponse): boolean {
  return status >= 400 && THROTTLING.test(headers.get('x-amzn-errortype') ?? errorTypeOf(body) ?? '');
}

/** Returns the error type in the response body of an AWS service. Returns undefined if the body contains no error type. */
export function errorTypeOf(body: string): string | undefined {
  try {
    const { __type: type } = JSON.parse(body) as { __type?: unknown };
    return typeof type === 'string' ? type.replace(/^.*#/, '') : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads the body of a response.
 *
 * @throws Error if the body is larger than {@link MAX_RESPONSE_BYTES}
 */
export async function readResponse(response: Response): Promise<TextResponse> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MAX_RESPONSE_BYTES) {
      throw new Error(`the response has ${bytes} bytes or more; expected at most ${MAX_RESPONSE_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return { status: response.status, headers: response.headers, body: Buffer.concat(chunks).toString() };
}

/** Returns the message of the cause of an error, because `fetch` throws the same message for all connection failures. */
function messageOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/**
 * Parses the JSON of a response.
 *
 * @throws AnalysisError with code `analysis-unavailable` if the response is invalid
 */
export function parsed<T>(service: string, schema: v.GenericSchema<unknown, T>, body: string): T {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (error) {
    throw new AnalysisError('analysis-unavailable', `${service} returned invalid JSON`, { cause: error });
  }
  const result = v.safeParse(schema, json);
  if (!result.success) {
    const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'response'}: ${issue.message}`);
    throw new AnalysisError(
      'analysis-unavailable',
      `${service} returned an invalid response: ${problems.slice(0, 5).join('; ')}`,
    );
  }
  return result.output;
}
