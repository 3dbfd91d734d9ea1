import type { ObjectHead } from '../../storage';

/**
 * Name of the metadata that everything this library writes carries. Its value is the hash of what the object was made by.
 * An object with it is never a source, and only an object with it is ever removed from the thumbnail store.
 */
export const MARKER = 'cdk-thumbnails';
/** Name of the metadata that tells the ETag of the source that a thumbnail was made from. */
export const SOURCE_ETAG = 'cdk-thumbnails-source';

/** Whether this library wrote the object. */
export function isMarked(object: Pick<ObjectHead, 'metadata'>): boolean {
  return MARKER in object.metadata;
}
