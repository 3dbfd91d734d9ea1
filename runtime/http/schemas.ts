import * as z from 'zod';
import { ERROR_CODES, type ErrorCode } from '../errors/error-codes';
import { manifestSchemas } from '../pipeline';
import { MAX_KEY_BYTES } from '../storage';

const url = z.string().describe('From the root of the host, or whole where this API cannot know it otherwise');

const thumbnail = manifestSchemas.thumbnail.extend({
  url: url.describe('Where this API serves these very bytes; may be cached for good'),
});

/** What is known of an image whose thumbnails are all there. */
export const readyImage = manifestSchemas.ready.extend({
  thumbnails: z.array(thumbnail),
  srcset: manifestSchemas.ready.shape.srcset.describe('A ready srcset attribute for each format'),
  picture: z.string().describe('A ready <picture> element over all formats, with an empty alt'),
});

/** What is known of an image that was refused for good. */
export const rejectedImage = manifestSchemas.rejected;

/** An image whose thumbnails are not made yet. */
export const processingImage = z.object({
  status: z.literal('processing'),
  source: manifestSchemas.source.pick({ key: true, etag: true, bytes: true }),
});

/** What a client says of a file that it wants to upload. */
export const uploadRequest = z
  .strictObject({
    filename: z
      .string()
      .min(1)
      .max(MAX_KEY_BYTES)
      .optional()
      .describe('Name of the file: the upload gets a key of its own'),
    key: z.string().min(1).max(MAX_KEY_BYTES).optional().describe('The exact key instead: what is there is replaced'),
    contentType: z.string().min(1).max(100).describe('Media type of the file'),
    bytes: z.number().int().positive().describe('Size of the file, exactly'),
    focalPoint: manifestSchemas.focalPoint.optional(),
  })
  .refine(({ filename, key }) => (filename === undefined) !== (key === undefined), {
    error: 'name either a filename or a key',
  });

/** How the bytes are sent. */
export const uploadAnswer = z.object({
  key: z.string().describe('Key that the image will have'),
  image: url.describe('Where this API will tell of it'),
  upload: z
    .object({
      url: z.string(),
      fields: z.record(z.string(), z.string()),
      expires: z.iso.datetime().describe('When the form ends'),
    })
    .describe('A form to be sent as multipart/form-data by POST: these fields, and then the file in the field file'),
});

/** What the program says of itself. */
export const health = z.object({ status: z.literal('ok'), version: z.string() });

/** Every error answer: RFC 9457. */
export const problemDocument = z.object({
  type: z.string().describe('urn:cdk-thumbnails:problem: and the code'),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().describe('What is wrong, for people'),
  instance: z.string().describe('Path of the request'),
  code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]).describe('What is wrong, for programs'),
});
