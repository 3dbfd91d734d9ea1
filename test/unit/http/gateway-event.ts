import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** A request to an HTTP API. */
export interface GatewayRequest {
  readonly method?: string;
  /** Path after decoding by API Gateway. Includes the stage unless the API uses the default stage. */
  readonly rawPath: string;
  /** @default - no query */
  readonly rawQueryString?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  /** @default $default */
  readonly stage?: string;
  /** @default - the execute-api domain */
  readonly domainName?: string;
}

/**
 * Creates an event of an API Gateway HTTP API, payload format 2.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function gatewayEvent(request: GatewayRequest): APIGatewayProxyEventV2 {
  const { method = 'GET', rawPath, rawQueryString = '', stage = '$default' } = request;
  const { domainName = 'abcdef1234.execute-api.eu-central-1.amazonaws.com' } = request;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers: {
      accept: '*/*',
      host: domainName,
      'user-agent': 'curl/8.7.1',
      'x-amzn-trace-id': 'Root=1-6a5145a9-1bae89e2512ec92d5d9438a0',
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      ...request.headers,
    },
    requestContext: {
      accountId: '123456789012',
      apiId: 'abcdef1234',
      domainName,
      domainPrefix: 'abcdef1234',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'curl/8.7.1' },
      requestId: 'ATfSmjLgPHcESJw=',
      routeKey: '$default',
      stage,
      time: '10/Jul/2026:19:19:05 +0000',
      timeEpoch: 1783711145766,
    },
    ...(request.body !== undefined && { body: request.body }),
    isBase64Encoded: request.isBase64Encoded ?? false,
  };
}
