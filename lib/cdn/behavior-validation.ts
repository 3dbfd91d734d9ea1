import { BASE_PATH_PATTERN } from '../../runtime/contract';
import { ORIGIN_FORM, ORIGIN_PATTERN } from '../api/api-validation';
import { nested, validateDuration, validatePattern, validationError } from '../private/validation';
import type { DistributionSource } from './distribution-source';
import { validateLinkSigning } from './link-signing';
import type { ThumbnailBehaviorOptions } from './thumbnail-behavior-options';

export function validateBehaviorOptions(options: ThumbnailBehaviorOptions, { isPublic }: DistributionSource): string[] {
  const { basePath, corsOrigins = [], imageTtl, responseHeadersPolicy, trustedKeyGroups = [], linkSigning } = options;
  const errors = [
    ...validatePattern('basePath', basePath, BASE_PATH_PATTERN, 'a path such as /media, without a trailing slash'),
    ...validateDuration('imageTtl', imageTtl, { min: 1, max: 86_400 }),
    ...corsOrigins.flatMap((origin, index) =>
      validatePattern(`corsOrigins[${index}]`, origin, ORIGIN_PATTERN, ORIGIN_FORM),
    ),
  ];
  if (linkSigning) {
    errors.push(...nested('linkSigning', validateLinkSigning(linkSigning)));
  }
  if (isPublic && linkSigning) {
    errors.push(
      validationError(
        'linkSigning',
        'an API with public read access needs no signatures',
        'remove it, or change api.access',
      ),
    );
  }
  if (!isPublic && trustedKeyGroups.length === 0 && !linkSigning) {
    errors.push(
      validationError(
        'trustedKeyGroups',
        'undefined for an API without public read access',
        'pass a key group or linkSigning, or set api.access to ThumbnailAccess.publicRead()',
      ),
    );
  }
  if (isPublic && trustedKeyGroups.length > 0) {
    errors.push(
      validationError(
        'trustedKeyGroups',
        'an API with public read access serves the requests that CloudFront rejects',
        'remove trustedKeyGroups, or change api.access',
      ),
    );
  }
  if (responseHeadersPolicy && corsOrigins.length > 0) {
    errors.push(
      validationError('corsOrigins', 'do not apply beside responseHeadersPolicy', 'add them to that policy instead'),
    );
  }
  return errors;
}
