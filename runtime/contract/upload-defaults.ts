/** Default content types of uploads: the formats that the engine decodes. */
export const UPLOAD_CONTENT_TYPES: readonly string[] = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/avif',
  'image/gif',
  'image/tiff',
  'image/heic',
  'image/heif',
];
/**
 * Default key template of uploads. `{uuid}` is a random UUID, which every template must contain. `{filename}` is the sanitized
 * file name.
 */
export const DEFAULT_UPLOAD_KEY_TEMPLATE = '{uuid}/{filename}';
