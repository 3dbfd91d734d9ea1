import { STUDIO_PATH } from '../../studio-api';

/** Error response of the studio. */
interface ProblemBody {
  readonly detail?: string;
}

/** Parsed JSON body and `Server-Timing` header of a response. */
export interface Timed<Body> {
  readonly body: Body;
  /** Durations of server operations in milliseconds, by name. */
  readonly timings: Readonly<Record<string, number>>;
}

/**
 * Sends a request to the studio. Returns the JSON body of the response.
 *
 * @param body JSON body of the request. @default - a GET request without a body
 * @throws Error if the response has an error status
 */
export async function request<Body>(
  path: string,
  { method, body, signal }: { method?: string; body?: unknown; signal?: AbortSignal } = {},
): Promise<Timed<Body>> {
  const response = await fetch(STUDIO_PATH + path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    ...(signal && { signal }),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(detailOf(text) ?? `HTTP status ${response.status}`);
  }
  return { body: (text ? JSON.parse(text) : undefined) as Body, timings: timingsOf(response.headers) };
}

/** Returns the durations of a `Server-Timing` header in milliseconds. */
export function timingsOf(headers: Headers): Readonly<Record<string, number>> {
  const entries = (headers.get('Server-Timing') ?? '').matchAll(/(\w+);dur=([\d.]+)/g);
  return Object.fromEntries([...entries].map(([, name, milliseconds]) => [name!, Number(milliseconds)]));
}

/** Returns a path with query parameters. Omits undefined and empty parameters. */
export function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const parameters = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return parameters.length === 0
    ? path
    : `${path}?${parameters.map(([name, value]) => `${name}=${encodeURIComponent(value!)}`).join('&')}`;
}

/** Returns the message of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function detailOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as ProblemBody).detail;
  } catch {
    return text.trim() || undefined;
  }
}
