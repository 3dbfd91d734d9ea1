import { Stack, Token } from 'aws-cdk-lib';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';

/** What Lambda takes: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LIMIT = 4096;
/** What a value that only the deployment knows is taken to be: the longest name that a bucket can have. */
const UNKNOWN_BYTES = 63;

/**
 * Problems of a function whose environment variables are more than Lambda takes. It measures them as Lambda does, which
 * is as one JSON text: names, quotes and the escapes of quotes in values count.
 */
export function environmentSizeProblems(resource: CfnFunction): string[] {
  const environment = Stack.of(resource).resolve(resource.environment) as
    { readonly variables?: Readonly<Record<string, unknown>> } | undefined;
  const variables = Object.entries(environment?.variables ?? {}).map(
    ([name, value]) => [name, Buffer.byteLength(JSON.stringify({ [name]: asText(value) })) - 1] as const,
  );
  const total = variables.reduce((sum, [, bytes]) => sum + bytes, 1);
  if (total <= LIMIT) {
    return [];
  }
  const largest = [...variables].sort(([, a], [, b]) => b - a).slice(0, 3);
  return [
    `environment variables take ${total} bytes, Lambda takes ${LIMIT}; the largest are ` +
      `${largest.map(([name, bytes]) => `${name} (${bytes})`).join(', ')}: give fewer thumbnails, fewer formats, ` +
      'shorter names, or leave out options that equal their default',
  ];
}

/** A resolved value as long as it will be at most: what is not known yet is stood in for. */
function asText(value: unknown): string {
  if (typeof value === 'string' && !Token.isUnresolved(value)) {
    return value;
  }
  const join = (value as { readonly 'Fn::Join'?: readonly [string, readonly unknown[]] } | null)?.['Fn::Join'];
  if (join) {
    return join[1].map(asText).join(join[0]);
  }
  return 'x'.repeat(UNKNOWN_BYTES);
}
