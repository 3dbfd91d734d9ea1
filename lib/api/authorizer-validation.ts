import { Token } from 'aws-cdk-lib';
import type { IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  HttpIamAuthorizer,
  HttpJwtAuthorizer,
  HttpLambdaAuthorizer,
  HttpUserPoolAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { claimReferencesOf, KEY_PREFIX_TEMPLATE, MAX_KEY_PREFIX_TEMPLATE_LENGTH } from '../../runtime/contract';
import { invalidValue, outOfRange, quoted, validationError } from '../private/validation';
import type { ThumbnailAuthorizerOptions } from './thumbnail-authorizer-options';

/** Returns whether an authorizer accepts every user with a valid JSON Web Token. */
export function acceptsAnyUser(authorizer: IHttpRouteAuthorizer): boolean {
  return authorizer instanceof HttpJwtAuthorizer || authorizer instanceof HttpUserPoolAuthorizer;
}

export function validateAuthorizer(
  authorizer: IHttpRouteAuthorizer,
  { keyPrefix }: ThumbnailAuthorizerOptions,
): string[] {
  if (keyPrefix === undefined) {
    return [];
  }
  if (authorizer instanceof HttpIamAuthorizer) {
    const fix = 'pass keyPrefix to grantApiRead() and grantApiWrite() of the pipeline';
    return [validationError('keyPrefix', 'IAM principals have no claims', fix)];
  }
  if (Token.isUnresolved(keyPrefix)) {
    return [invalidValue('keyPrefix', 'a token', 'a text that is known at synthesis, such as {claim:sub}/')];
  }
  if (keyPrefix.length > MAX_KEY_PREFIX_TEMPLATE_LENGTH) {
    return [
      outOfRange('keyPrefix', `${keyPrefix.length} characters`, `at most ${MAX_KEY_PREFIX_TEMPLATE_LENGTH} characters`),
    ];
  }
  if (!KEY_PREFIX_TEMPLATE.test(keyPrefix)) {
    const expected =
      'a prefix with a trailing slash and at most one {claim:NAME} or {context:NAME} per path segment, such as {claim:sub}/';
    return [invalidValue('keyPrefix', quoted(keyPrefix), expected)];
  }
  const wrongKind = acceptsAnyUser(authorizer) ? 'context' : authorizer instanceof HttpLambdaAuthorizer && 'claim';
  return claimReferencesOf(keyPrefix)
    .filter(({ kind }) => kind === wrongKind)
    .map(({ kind, name }) =>
      kind === 'claim'
        ? validationError('keyPrefix', `a Lambda authorizer has no claims`, `replace {claim:${name}} by {context:NAME}`)
        : validationError('keyPrefix', `a JSON Web Token has no context`, `replace {context:${name}} by {claim:NAME}`),
    );
}
