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
 * Default key template of uploads. The API replaces `{uuid}` with a random UUID, and `{filename}` with the sanitized file name.
 * Every template must contain `{uuid}`.
 */
export const DEFAULT_UPLOAD_KEY_TEMPLATE = '{uuid}/{filename}';
