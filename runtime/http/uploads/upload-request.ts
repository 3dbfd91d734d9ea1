import * as z from 'zod';
import { manifestSchemas } from '../../pipeline';
import { MAX_KEY_BYTES } from '../../storage';

/** Body of `POST /uploads`. */
export const uploadRequest = z
  .strictObject({
    filename: z.string().min(1).max(MAX_KEY_BYTES).optional().describe('File name, as part of a new unique key'),
    key: z
      .string()
      .min(1)
      .max(MAX_KEY_BYTES)
      .optional()
      .describe('Exact key, instead of filename. Replaces an existing image'),
    contentType: z.string().min(1).max(100).describe('Media type of the file'),
    bytes: z.number().int().positive().describe('Exact size of the file'),
    focalPoint: manifestSchemas.focalPoint.optional(),
  })
  .refine(({ filename, key }) => (filename === undefined) !== (key === undefined), {
    error: 'requires either filename or key',
  });
