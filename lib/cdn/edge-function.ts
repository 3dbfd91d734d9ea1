import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { MAX_PREFIX_BYTES } from '../../runtime/contract';
import { packageFile } from '../private/runtime-assets';
import { toJson } from '../private/stacks';

/**
 * Maximum size of a CloudFront function in bytes:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
 */
const MAX_BYTES = 10_240;
/** Folder of the functions, in the repository and in the package. */
const FOLDER = join('lib', 'cdn', 'functions');

/** Names of the CloudFront functions: `normalize` processes viewer requests, and `respond` processes viewer responses. */
export type EdgeFunctionName = 'normalize' | 'respond';

/** Settings of the functions. */
export interface EdgeSettings {
  /** Format names by thumbnail name. The first format of a thumbnail is its default. */
  readonly formats: { readonly [thumbnail: string]: readonly string[] };
  /** Prefix of the thumbnail keys. */
  readonly prefix: string;
  /** Prefix of the API paths in the distribution: empty, or with a leading slash. */
  readonly base: string;
  /** Whether a behavior accepts keys in the query. Only distributions with public read access have such a behavior. */
  readonly query: boolean;
}

/**
 * Returns the code of a CloudFront function.
 *
 * @throws Error if the code exceeds the size limit of CloudFront
 */
export function edgeFunctionCode(scope: Construct, name: EdgeFunctionName, settings: EdgeSettings): string {
  const { formats, prefix, base, query } = settings;
  // Abbreviates each format to one letter. Otherwise, the code for the maximum number of thumbnails would exceed the size
  // limit.
  const thumbnails = Object.fromEntries(
    Object.entries(formats).map(([thumbnail, types]) => [thumbnail, types.map((type) => type.slice(0, 1)).join('')]),
  );
  const codeWith = (json: string): string =>
    `var handle = ${edgeFunctionSource(name)}(${json});\nfunction handler(event) {\n  return handle(event);\n}\n`;
  const isToken = Token.isUnresolved(prefix);
  const longest = JSON.stringify({ thumbnails, prefix: isToken ? 'x'.repeat(MAX_PREFIX_BYTES) : prefix, base, query });
  const bytes = Buffer.byteLength(codeWith(longest));
  if (bytes > MAX_BYTES) {
    throw new Error(
      `${scope.node.path}: thumbnails: the CloudFront function has ${bytes} bytes, and CloudFront allows ${MAX_BYTES}; ` +
        'use fewer thumbnails or shorter names',
    );
  }
  return codeWith(isToken ? toJson(scope, { thumbnails, prefix, base, query }) : longest);
}

/** Returns the factory function in a source file, without comments and the trailing semicolon. */
function edgeFunctionSource(name: EdgeFunctionName): string {
  return readFileSync(packageFile(join(FOLDER, `${name}.js`)), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('//'))
    .join('\n')
    .replace(/;$/, '');
}
