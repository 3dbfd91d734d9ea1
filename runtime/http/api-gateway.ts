import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Hono } from 'hono';
import type { HttpApiEnvironment } from './http-api-options';
import { encodePath } from './keys';

/**
 * Largest body in bytes that a function can answer with: Lambda takes 6 MB of JSON, in which base64 makes four characters of
 * three bytes, and the headers are in it too.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_LAMBDA_RESPONSE_BYTES = Math.floor(((6 * 1024 * 1024 - 64 * 1024) * 3) / 4);

/** Types whose bodies an answer holds as text; all others go as base64. */
const TEXT = /^(?:text\/|application\/(?:[\w.-]+\+)?json\b)/;

/** Domains that AWS gives to an API. */
const EXECUTE_API = /\.execute-api\./;

/**
 * Answers an event of an API Gateway HTTP API (payload format 2.0) by the app.
 *
 * The event's `rawPath` is not raw: the gateway has decoded it (https://github.com/honojs/hono/issues/2156). It is encoded
 * again here and handed on beside the URL, whose parser would resolve `..` and so reach another route than the one that
 * the gateway has authorised.
 */
export async function answerGatewayEvent(
  app: Hono<HttpApiEnvironment>,
  event: APIGatewayProxyEventV2,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { stage, domainName } = event.requestContext;
  // Only a stage that is not the default one stands in the path, and on a domain of its own clients do not write it.
  const start = stage === '$default' ? '' : `/${stage}`;
  const basePath = EXECUTE_API.test(domainName) ? start : '';
  const decoded = event.rawPath.startsWith(`${start}/`) ? event.rawPath.slice(start.length) : event.rawPath;
  // By way of UTF-8, which has nothing for a half of a surrogate pair, and encoding refuses one.
  const path = encodePath(Buffer.from(decoded).toString());
  const query = event.rawQueryString && `?${event.rawQueryString}`;
  const request = new Request(`https://${domainName}${path}${query}`, requestOf(event));
  return await resultOf(await app.fetch(request, { path, basePath }));
}

function requestOf(event: APIGatewayProxyEventV2): RequestInit {
  const { method } = event.requestContext.http;
  const headers = new Headers();
  for (const [name, value] of Object.entries(event.headers)) {
    // The event has text where HTTP has bytes.
    headers.set(name, Buffer.from(value ?? '').toString('latin1'));
  }
  const takesBody = method !== 'GET' && method !== 'HEAD';
  return {
    method,
    headers,
    ...(takesBody && { body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8') }),
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
