import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { MAX_PREFIX_BYTES } from '../../runtime/contract';
import { packageFile } from '../private/runtime-assets';

/** What CloudFront takes: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html */
const MAX_BYTES = 10_240;
/** Where the functions are, in the package as in the sources. */
const FOLDER = join('lib', 'cdn', 'functions');

/** The functions: `normalize` sees every request first, `respond` every answer last. */
export type EdgeFunctionName = 'normalize' | 'respond';

/** What the functions in front of the thumbnails are told. */
export interface EdgeSettings {
  /** Names of the formats that each thumbnail is stored in, by its own name. */
  readonly formats: { readonly [thumbnail: string]: readonly string[] };
  /** Start of the keys of all thumbnails. */
  readonly prefix: string;
  /** What stands before the paths of the API in those of the distribution: empty, or with a slash before it. */
  readonly base: string;
  /** Whether everyone may read, so that there is a behaviour for keys that stand in the query. */
  readonly query: boolean;
}

/**
 * The code of a function in front of the thumbnails.
 *
 * @throws when it is more than CloudFront takes
 */
export function edgeFunctionCode(scope: Construct, name: EdgeFunctionName, settings: EdgeSettings): string {
  const { formats, prefix, base, query } = settings;
  // Formats by their first letters, which are all different: the most that a pipeline can have must fit.
  const thumbnails = Object.fromEntries(
    Object.entries(formats).map(([name, types]) => [name, types.map((type) => type.slice(0, 1)).join('')]),
  );
  const codeWith = (json: string): string =>
    `var answer = ${edgeFunctionSource(name)}(${json});\nfunction handler(event) {\n  return answer(event);\n}\n`;
  const isUnknown = Token.isUnresolved(prefix);
  const most = JSON.stringify({ thumbnails, prefix: isUnknown ? 'x'.repeat(MAX_PREFIX_BYTES) : prefix, base, query });
  const bytes = Buffer.byteLength(codeWith(most));
  if (bytes > MAX_BYTES) {
    throw new Error(
      `${scope.node.path}: the function in front of the thumbnails takes ${bytes} bytes, CloudFront takes ${MAX_BYTES}: ` +
        'give fewer thumbnails or shorter names',
    );
  }
  return codeWith(isUnknown ? Stack.of(scope).toJsonString({ thumbnails, prefix, base, query }) : most);
}

/** The factory in the source's file: without what only people read, and without the semicolon that formatting puts after it. */
function edgeFunctionSource(name: EdgeFunctionName): string {
  return readFileSync(packageFile(join(FOLDER, `${name}.js`)), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('//'))
    .join('\n')
    .replace(/;$/, '');
}
