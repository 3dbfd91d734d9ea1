// Schemas of responses. The runtime imports only their types. Therefore, the bundles do not contain the schemas.
import * as z from 'zod';
import { ERROR_CODES, type ErrorCode } from '../../errors/error-codes';
import { manifestSchemas } from '../../pipeline';

const url = z.string().describe('Path and query. A complete URL if the path alone is not sufficient');

const thumbnail = manifestSchemas.thumbnail.extend({
  url: url.describe('Versioned URL of the thumbnail in this API. Its responses are immutable'),
});

/** Manifest of an image whose thumbnails exist. */
export const readyImage = manifestSchemas.ready.extend({
  thumbnails: z.array(thumbnail),
  srcset: manifestSchemas.ready.shape.srcset.describe('srcset attribute of each format'),
  picture: z.string().describe('A <picture> element with all formats and an empty alt attribute'),
});

/** Manifest of a rejected image. */
export const rejectedImage = manifestSchemas.rejected;

/** Image whose thumbnails do not exist yet. */
export const processingImage = z.object({
  status: z.literal('processing'),
  source: manifestSchemas.source.pick({ key: true, etag: true, bytes: true }),
});

/** Response of `POST /uploads`. */
export const uploadResponse = z.object({
  key: z.string().describe('Key of the image'),
  image: url.describe('URL of the manifest of the image in this API'),
  upload: z
    .object({
      url: z.string(),
      fields: z.record(z.string(), z.string()),
      expires: z.iso.datetime().describe('Time at which the form expires'),
    })
    .describe('Form for a multipart/form-data POST request: these fields, followed by the file in the field file'),
});

/** Response of `GET /health`. */
export const health = z.object({ status: z.literal('ok'), version: z.string() });

/** Problem document: RFC 9457. */
export const problemDocument = z.object({
  type: z.string().describe('urn:cdk-thumbnails:problem: followed by the code'),
  title: z.string().describe('Summary of the code'),
  status: z.number().int(),
  detail: z.string().describe('Explanation of this occurrence. Not stable'),
  instance: z.string().describe('Path of the request'),
  code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]).describe('Stable error code'),
});
