import { ArnFormat, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Route } from '../../runtime/contract';
import { invalidValue, quoted, validationError } from '../private/validation';

/** Options of {@link grantInvokeInScope}. */
export interface ScopedInvokeOptions {
  /** Name of the grant method, for error messages. */
  readonly method: string;
  readonly apiId: string;
  readonly keyPrefix: string;
  readonly sourcePrefix: string;
  readonly routes: readonly Route[];
  /**
   * Names of the thumbnails. The grant contains one path per name, because a wildcard also matches slashes, and therefore keys
   * with other prefixes.
   */
  readonly names: readonly string[];
  /** Whether the routes require IAM authorization. */
  readonly isIam: boolean;
}

const KEY_PREFIX = /^(?!(?:.*\/)?\.{1,2}\/)(?:(?:[\w.~-]+|\$\{[a-z][\w-]*(?:\.[\w-]+)*:[\w./:-]+\})\/)+$/;
/**
 * Pattern of a source prefix with characters that clients and IAM never encode. Excludes `*`, `?` and `${`, because IAM
 * interprets these characters in ARNs.
 */
const SOURCE_PREFIX = /^[\w.~/-]*$/;

/**
 * Grants permission to invoke the routes with a key in the path, for keys with a prefix. Also grants permission to invoke the
 * routes without access control, such as `GET /health`.
 *
 * @throws Error if the prefix is invalid, or if the routes require no IAM authorization
 */
export function grantInvokeInScope(scope: Construct, grantee: iam.IGrantable, options: ScopedInvokeOptions): iam.Grant {
  const errors = validateScope(options);
  if (errors.length > 0) {
    throw new Error(`${scope.node.path}: ${options.method}: ${errors.join('; ')}`);
  }
  const { apiId, routes, names, keyPrefix, sourcePrefix } = options;
  const resourceArns = routes.flatMap(({ path, methods, access }) =>
    pathsInScope(path, access === 'none', sourcePrefix + keyPrefix, names).flatMap((each) =>
      methods.map((method) =>
        Stack.of(scope).formatArn({
          service: 'execute-api',
          resource: apiId,
          resourceName: `*/${method}${each}`,
          arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
        }),
      ),
    ),
  );
  return iam.Grant.addToPrincipal({ grantee, actions: ['execute-api:Invoke'], resourceArns });
}

/** Returns the paths of a route for keys with a prefix. Returns no paths for a route without a key in its path. */
function pathsInScope(path: string, isWithoutKey: boolean, prefix: string, names: readonly string[]): string[] {
  if (isWithoutKey) {
    return [path];
  }
  if (!path.endsWith('/{key+}')) {
    return [];
  }
  const scoped = path.replace('{key+}', () => `${prefix}*`);
  return scoped.includes('{name}') ? names.map((name) => scoped.replace('{name}', name)) : [scoped];
}

function validateScope({ keyPrefix, sourcePrefix, isIam }: ScopedInvokeOptions): string[] {
  const errors: string[] = [];
  if (!isIam) {
    errors.push(validationError('keyPrefix', 'the routes require no IAM authorization', 'use ThumbnailAccess.iam()'));
  }
  if (Token.isUnresolved(keyPrefix)) {
    errors.push(invalidValue('keyPrefix', 'a token', 'a text that is known at synthesis'));
  } else if (!KEY_PREFIX.test(keyPrefix)) {
    const expected =
      'path segments of letters, digits and _.~- or an IAM policy variable, with a trailing slash, such as alice/';
    errors.push(invalidValue('keyPrefix', quoted(keyPrefix), expected));
  }
  if (!Token.isUnresolved(sourcePrefix) && !SOURCE_PREFIX.test(sourcePrefix)) {
    errors.push(
      invalidValue('sourcePrefix', quoted(sourcePrefix), 'letters, digits and _.~-/ for a grant with keyPrefix'),
    );
  }
  return errors;
}
