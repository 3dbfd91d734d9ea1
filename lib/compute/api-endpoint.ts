import { Fn, Token } from 'aws-cdk-lib';
import type { ThumbnailApiOptions, ThumbnailPipelineApiOptions } from '../api/thumbnail-api-options';
import { invalidValue, validatePattern, validationError } from '../private/validation';
import type { IThumbnailApiBinding } from './compute-protocol';

/** Pattern of an endpoint: an origin without a path, because the runtime serves its routes at the root. */
const ENDPOINT_PATTERN = /^https:\/\/[^/?#\s]+\/?$/;
const ENDPOINT_FORM = 'an HTTPS URL without a path';

/** Validates the endpoints of a compute, and rejects API options that only API Gateway implements. */
export function validateEndpoint(
  { endpoint, endpointGrants, writeApi }: Pick<IThumbnailApiBinding, 'endpoint' | 'endpointGrants' | 'writeApi'>,
  options: ThumbnailPipelineApiOptions,
): string[] {
  const { access, writeAccess, cors, throttle, accessLogGroup, onlyThroughDistribution } = options;
  const errors = [
    ...validatePattern('compute.endpoint', endpoint, ENDPOINT_PATTERN, ENDPOINT_FORM),
    ...validatePattern('compute.writeApi.endpoint', writeApi?.endpoint, ENDPOINT_PATTERN, ENDPOINT_FORM),
  ];
  const isAuthorized = access?._isPublic || access?._isSigned;
  if (!isAuthorized && !(endpointGrants && (access?._isIam ?? true))) {
    const allowed =
      'ThumbnailAccess.publicRead() or signed(), because a compute with an endpoint has no API Gateway authorizer';
    errors.push(invalidValue('api.access', access ? 'an authorizer' : 'the default, iam(),', allowed));
  }
  if (writeAccess && !writeAccess._isSigned && !(writeApi?.endpointGrants && writeAccess._isIam)) {
    const allowed = 'ThumbnailAccess.signed(), because a compute with an endpoint has no API Gateway authorizer';
    errors.push(invalidValue('api.writeAccess', 'an authorizer', allowed));
  }
  if (writeApi && onlyThroughDistribution) {
    const finding = 'a distribution cannot forward deletions to the second endpoint, which serves the write routes';
    const fix = 'remove onlyThroughDistribution or use a compute with one endpoint';
    errors.push(validationError('api.onlyThroughDistribution', finding, fix));
  }
  const unsupported = { throttle, accessLogGroup, ...(cors && corsWithoutOrigins(cors)) };
  for (const [name, value] of Object.entries(unsupported)) {
    if (value !== undefined) {
      errors.push(
        validationError(`api.${name}`, 'a compute with an endpoint does not support it', 'remove the option'),
      );
    }
  }
  return errors;
}

/** Returns the URL with a trailing slash, like the URL of an API Gateway stage. */
export function endpointUrl(endpoint: string): string {
  return Token.isUnresolved(endpoint) || endpoint.endsWith('/') ? endpoint : `${endpoint}/`;
}

/** Returns the domain name of an endpoint, and its port if it has one. */
export function endpointDomain(endpoint: string): string {
  return Token.isUnresolved(endpoint) ? Fn.select(2, Fn.split('/', endpoint)) : new URL(endpoint).host;
}

/**
 * Returns the CORS options except `allowOrigins`. The runtime implements only `allowOrigins`, and has fixed values for the
 * other options.
 */
function corsWithoutOrigins(cors: NonNullable<ThumbnailApiOptions['cors']>): Record<string, unknown> {
  const others = Object.entries(cors).filter(([name]) => name !== 'allowOrigins');
  return Object.fromEntries(others.map(([name, value]) => [`cors.${name}`, value as unknown]));
}
