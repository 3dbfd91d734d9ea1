import { signUrl, type SigningKeySource } from '../../runtime/http';
import { CheckSkipped } from './check';
import { signRequest, type PlainRequest } from './signed-requests';

/** Authorization that a group of routes requires. */
export type ApiAccess = 'public' | 'signed' | 'iam' | 'authorizer';

/** Settings of {@link ApiRequests}. */
export interface ApiRequestsOptions {
  /** URL of the API without a trailing slash. */
  readonly url: string;
  /** URL of the routes for uploads and deletion, without a trailing slash. @default - `url` */
  readonly writeUrl?: string | undefined;
  readonly read: ApiAccess;
  /** Authorization of uploads and deletion; undefined for an API without such routes. */
  readonly write: ApiAccess | undefined;
  /** Region of the API. IAM signatures contain this Region. */
  readonly region?: string | undefined;
  /** Name of the AWS service in IAM signatures. @default execute-api */
  readonly signingService?: 'execute-api' | 'lambda' | undefined;
  /** Keys that sign links. */
  readonly keys?: SigningKeySource | undefined;
  /** Headers with the credentials for an API with a custom authorizer. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Options of a request. */
export interface RequestOptions extends Partial<PlainRequest> {
  /** Whether the request contains the authorization that the API requires. @default true */
  readonly authorized?: boolean;
}

/** Lifetime of the signed links in ms. */
const LINK_LIFETIME_MS = 600_000;
const TIMEOUT_MS = 60_000;

/** Sends requests to the HTTP API of a pipeline. */
export class ApiRequests {
  public constructor(public readonly options: ApiRequestsOptions) {}

  /** Returns the authorization that the routes of an HTTP method require. */
  public accessOf(method: string): ApiAccess | undefined {
    return isReading(method) ? this.options.read : this.options.write;
  }

  /** Returns the URL of the routes of a method, without a trailing slash. */
  public urlOf(method: string): string {
    const { url, writeUrl = url } = this.options;
    return isReading(method) ? url : writeUrl;
  }

  /**
   * Sends a request with the authorization that the API requires.
   *
   * @param path path and query of the URL
   * @throws CheckSkipped if the API requires an authorizer and `headers` is undefined
   */
  public async send(path: string, { authorized = true, ...request }: RequestOptions = {}): Promise<Response> {
    const { method = 'GET', headers = {}, body } = request;
    const plain: PlainRequest = { method, headers, ...(body !== undefined && { body }) };
    return authorized ? this.sendAuthorized(path, plain) : this.sendUrl(this.urlOf(method) + path, plain);
  }

  /**
   * Returns a signed link.
   *
   * @param expires time at which the link expires
   * @throws CheckSkipped if the API does not use signed links
   */
  public async link(path: string, method: string, expires = new Date(Date.now() + LINK_LIFETIME_MS)): Promise<string> {
    const key = await this.options.keys?.newest();
    if (!key) {
      throw new CheckSkipped('the API does not use signed links');
    }
    return signUrl(this.urlOf(method) + path, { ...key, method, expires });
  }

  /** Sends a request to a complete URL without authorization. */
  public sendUrl(url: string, request: Partial<PlainRequest> = {}): Promise<Response> {
    return fetch(url, { ...request, signal: AbortSignal.timeout(TIMEOUT_MS) });
  }

  private async sendAuthorized(path: string, request: PlainRequest): Promise<Response> {
    const { headers: authorization = {}, region, signingService = 'execute-api' } = this.options;
    const url = this.urlOf(request.method) + path;
    switch (this.accessOf(request.method)) {
      case 'signed':
        return this.sendUrl(await this.link(path, request.method), request);
      case 'iam': {
        if (region === undefined) {
          throw new CheckSkipped('the Region of the API is unknown');
        }
        const headers = await signRequest(signingService, region, new URL(url), request);
        return this.sendUrl(url, { ...request, headers });
      }
      case 'authorizer':
        if (Object.keys(authorization).length === 0) {
          throw new CheckSkipped('the API requires an authorizer; pass its credentials with --header');
        }
        return this.sendUrl(url, { ...request, headers: { ...request.headers, ...authorization } });
      case 'public':
      case undefined:
        return this.sendUrl(url, request);
    }
  }
}

function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}
