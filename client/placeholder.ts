// Entry point cdk-thumbnails/client/placeholder.
import { thumbHashToDataURL } from 'thumbhash';

/**
 * Returns the placeholder of an image as a PNG data URL of up to 32 by 32 pixels.
 *
 * @param thumbHash the field `thumbHash` of a manifest, in Base64
 */
export function placeholderUrl(thumbHash: string): string {
  return thumbHashToDataURL(Uint8Array.from(atob(thumbHash), (character) => character.charCodeAt(0)));
}
