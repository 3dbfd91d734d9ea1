/** Options of the requests that the client sends. */
export interface RequestOptions {
  /** Headers of requests to the API, such as `Authorization`. @default - no additional headers */
  readonly headers?: Readonly<Record<string, string>>;
  /** Signal that cancels the operation. @default - the operation cannot be cancelled */
  readonly signal?: AbortSignal;
  /** Maximum number of attempts per request. @default 5 */
  readonly attempts?: number;
}

/** Error that contains an error response of the API or of S3. */
export class ResponseError extends Error {
  /**
   * @param status HTTP status code
   * @param code error code of the API or of S3; empty for a response without an error code
   * @param message explanation of the error in English
   */
  public constructor(
    public readonly status: number,
    public readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'ResponseError';
  }
}

/** Fields of a response that {@link retry} uses. */
interface Reply {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/** Maximum pause between two attempts in milliseconds. */
const MAX_PAUSE = 60_000;
/** Pause after the first attempt in milliseconds. The pause doubles with each attempt. */
const FIRST_PAUSE = 500;

/**
 * Sends a request until the response is final. Repeats the request after network errors and the status codes 202, 429 and 5xx.
 * Before each repetition, waits for the time in `Retry-After`. Without this header, the pause doubles with each attempt.
 *
 * @returns the body of the last response
 * @throws ResponseError if the response has an error status after the last attempt
 * @throws Error if the last attempt has a network error, or `signal` aborts
 * @internal
 */
export async function retry(send: () => Promise<Reply>, { signal, attempts = 5 }: RequestOptions): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    let pause = FIRST_PAUSE * 2 ** (attempt - 1);
    signal?.throwIfAborted();
    try {
      const reply = await send();
      const { status } = reply;
      const isTemporary = status === 202 || status === 429 || status >= 500;
      if (!isTemporary || attempt >= attempts) {
        const text = await reply.text();
        if (status >= 300 || status === 202) {
          throw errorOf(status, text);
        }
        return text;
      }
      pause = pauseOf(reply.headers.get('Retry-After')) ?? pause;
    } catch (error) {
      if (error instanceof ResponseError || signal?.aborted || attempt >= attempts) {
        throw error;
      }
    }
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, Math.min(pause, MAX_PAUSE));
      signal?.addEventListener('abort', () => (clearTimeout(timer), reject(signal.reason as Error)), { once: true });
    });
  }
}

/** Returns the wait time of a `Retry-After` header in milliseconds. The header contains a number of seconds or a date. */
function pauseOf(header: string | null): number | undefined {
  const pause = header ? Number(header) * 1000 || Date.parse(header) - Date.now() : NaN;
  return pause >= 0 ? pause : undefined;
}

/** Reads a problem document of the API or an XML error of S3. */
function errorOf(status: number, text: string): ResponseError {
  let body: { code?: string; detail?: string; message?: string } = {};
  try {
    body = Object(JSON.parse(text)) as typeof body;
  } catch {
    const field = (name: string): string | undefined => text.split(`<${name}>`)[1]?.split('</')[0];
    body = { code: field('Code'), detail: field('Message') };
  }
  return new ResponseError(status, body.code ?? '', body.detail ?? body.message ?? `HTTP status ${status}`);
}
