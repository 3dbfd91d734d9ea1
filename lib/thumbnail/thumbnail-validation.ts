import { MAX_THUMBNAILS } from '../../runtime/contract';
import { duplicates, nested, outOfRange, validationError } from '../private/validation';
import type { Thumbnail } from './thumbnail';

/** Validates the thumbnails of a pipeline or rule. */
export function validateThumbnails(thumbnails: readonly Thumbnail[]): string[] {
  const errors = thumbnails.flatMap((thumbnail, index) => nested(`thumbnails[${index}]`, thumbnail._validate()));
  if (thumbnails.length === 0 || thumbnails.length > MAX_THUMBNAILS) {
    errors.push(outOfRange('thumbnails', `${thumbnails.length} thumbnails`, `1 to ${MAX_THUMBNAILS} thumbnails`));
  }
  for (const name of duplicates(thumbnails.map((thumbnail) => thumbnail.name))) {
    errors.push(validationError('thumbnails', `${name} occurs twice`, 'use a unique name for each thumbnail'));
  }
  return errors;
}
