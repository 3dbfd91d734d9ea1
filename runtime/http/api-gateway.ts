import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Hono } from 'hono';
import { encodePath } from './api-urls';
import type { HttpApiEnvironment } from './http-api-options';

/**
 * Maximum size of a response body in bytes. Lambda limits the JSON of a response to 6 MB. The JSON contains the headers, for
 * which 64 KiB are reserved. The JSON contains the body in base64, which encodes three bytes in four characters.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_LAMBDA_RESPONSE_BYTES = Math.floor(((6 * 1024 * 1024 - 64 * 1024) * 3) / 4);

/** Pattern of the content types whose bodies are text in the result. All other bodies are base64. */
const TEXT = /^(?:text\/|application\/(?:[\w.-]+\+)?json\b)/;

/** Values of a JWT authorizer or a Lambda authorizer in an event of API Gateway. */
interface GatewayAuthorizer {
  readonly jwt?: { readonly claims?: Readonly<Record<string, unknown>> };
  readonly lambda?: Readonly<Record<string, unknown>> | null;
}

/** Default domain of an API. */
const EXECUTE_API = /\.execute-api\./;

/**
 * Handles an event of an API Gateway HTTP API (payload format 2.0).
 *
 * API Gateway decodes `rawPath`. Therefore, this function encodes the path again. The function passes the path separately from
 * the URL, because a URL parser would resolve `..`. The resolved path could match a route for which API Gateway has not called
 * the authorizer.
 *
 * @see https://github.com/honojs/hono/issues/2156
 */
export async function handleGatewayEvent(
  app: Hono<HttpApiEnvironment>,
  event: APIGatewayProxyEventV2,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { stage, domainName, requestId } = event.requestContext;
  // `rawPath` contains the name of the stage, except for the default stage. URLs of a custom domain do not contain the name.
  const start = stage === '$default' ? '' : `/${stage}`;
  const basePath = EXECUTE_API.test(domainName) ? start : '';
  const decoded = event.rawPath.startsWith(`${start}/`) ? event.rawPath.slice(start.length) : event.rawPath;
  // encodeURIComponent rejects lone surrogates. The conversion to UTF-8 replaces lone surrogates.
  const path = encodePath(Buffer.from(decoded).toString());
  const query = event.rawQueryString && `?${event.rawQueryString}`;
  const request = new Request(`https://${domainName}${path}${query}`, requestOf(event));
  const authorizer = authorizerOf(event);
  return await resultOf(await app.fetch(request, { path, basePath, requestId, authorizer }));
}

/**
 * Returns the values of the authorizer in an event. Returns empty objects for a route without an authorizer. With undefined
 * instead of empty objects, the HTTP API would read the values from headers. Clients can forge these headers.
 */
function authorizerOf(event: APIGatewayProxyEventV2): NonNullable<HttpApiEnvironment['Bindings']['authorizer']> {
  const { authorizer } = event.requestContext as { readonly authorizer?: GatewayAuthorizer };
  return { claim: authorizer?.jwt?.claims ?? {}, context: authorizer?.lambda ?? {} };
}

function requestOf(event: APIGatewayProxyEventV2): RequestInit {
  const { method } = event.requestContext.http;
  const headers = new Headers();
  for (const [name, value] of Object.entries(event.headers)) {
    // The event contains header values as decoded text, but the Headers class expects bytes in Latin-1.
    headers.set(name, Buffer.from(value ?? '').toString('latin1'));
  }
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return {
    method,
    headers,
    ...(hasBody && { body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8') }),
  };
}

async function resultOf(response: Response): Promise<APIGatewayProxyStructuredResultV2> {
  const body = Buffer.from(await response.arrayBuffer());
  const isBase64Encoded = body.length > 0 && !TEXT.test(response.headers.get('Content-Type') ?? '');
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: body.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
  };
}
