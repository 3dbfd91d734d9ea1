import { Stack, Token } from 'aws-cdk-lib';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';

/**
 * Maximum total size of the environment variables in bytes:
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const LIMIT_BYTES = 4096;
/** Assumed size of an unresolved token in bytes: the maximum length of a bucket name. */
const UNRESOLVED_BYTES = 63;

/**
 * Validates the total size of the environment variables of a function.
 *
 * Lambda measures the variables as one JSON object. Therefore, the size includes names, quotes and escape characters.
 */
export function validateEnvironmentSize(resource: CfnFunction): string[] {
  const environment = Stack.of(resource).resolve(resource.environment) as
    { readonly variables?: Readonly<Record<string, unknown>> } | undefined;
  const sizes = Object.entries(environment?.variables ?? {}).map(
    ([name, value]) => [name, Buffer.byteLength(JSON.stringify({ [name]: textOf(value) })) - 1] as const,
  );
  const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 1);
  if (total <= LIMIT_BYTES) {
    return [];
  }
  const largest = [...sizes].sort(([, a], [, b]) => b - a).slice(0, 3);
  return [
    `environment: ${total} bytes exceed the Lambda limit of ${LIMIT_BYTES} bytes; shorten the values of the ` +
      'largest variables: ' +
      largest.map(([name, bytes]) => `${name} (${bytes} bytes)`).join(', '),
  ];
}

/** Returns the text of a resolved value. Replaces values that are unknown at synthesis with placeholders. */
function textOf(value: unknown): string {
  if (typeof value === 'string' && !Token.isUnresolved(value)) {
    return value;
  }
  const join = (value as { readonly 'Fn::Join'?: readonly [string, readonly unknown[]] } | null)?.['Fn::Join'];
  if (join) {
    return join[1].map(textOf).join(join[0]);
  }
  return 'x'.repeat(UNRESOLVED_BYTES);
}
