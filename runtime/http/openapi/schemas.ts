// Schemas of responses. The runtime imports only their types. Therefore, the bundles do not contain the schemas.
import * as v from 'valibot';
import { ERROR_CODES, type ErrorCode } from '../../errors/error-codes';
import { manifestSchemas } from '../../pipeline';

const thumbnail = v.object({
  ...manifestSchemas.thumbnail.entries,
  url: v.pipe(v.string(), v.description('Versioned URL of the thumbnail in this API. Its responses are immutable')),
});

/** Manifest of an image whose thumbnails exist. */
export const readyImage = v.object({
  ...manifestSchemas.ready.entries,
  thumbnails: v.array(thumbnail),
  srcset: v.pipe(manifestSchemas.ready.entries.srcset, v.description('srcset attributes by format')),
  picture: v.pipe(v.string(), v.description('A <picture> element with all formats and an empty alt attribute')),
});

/** Manifest of a rejected image. */
export const rejectedImage = manifestSchemas.rejected;

/** Image whose thumbnails do not exist yet. */
export const processingImage = v.object({
  status: v.literal('processing'),
  source: v.pick(manifestSchemas.source, ['key', 'etag', 'bytes']),
});

/** Response of `POST /uploads`. */
export const uploadResponse = v.object({
  key: v.pipe(v.string(), v.description('Key of the image')),
  image: v.pipe(v.string(), v.description('URL of the manifest of the image in this API')),
  upload: v.pipe(
    v.object({
      url: v.string(),
      fields: v.record(v.string(), v.string()),
      expires: v.pipe(v.string(), v.isoTimestamp(), v.description('Time at which the form expires')),
    }),
    v.description('Form for a multipart/form-data POST request: these fields, followed by the file in the field file'),
  ),
});

/** Response of `GET /health`. */
export const health = v.object({ status: v.literal('ok'), version: v.string() });

/** Problem document: RFC 9457. */
export const problemDocument = v.object({
  type: v.pipe(v.string(), v.description('URN of the code, such as urn:cdk-thumbnails:problem:corrupt')),
  title: v.pipe(v.string(), v.description('Summary of the code')),
  status: v.pipe(v.number(), v.integer()),
  detail: v.pipe(v.string(), v.description('Explanation of this occurrence. The text can change between versions')),
  instance: v.pipe(v.string(), v.description('Path of the request')),
  code: v.pipe(v.picklist(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]), v.description('Stable error code')),
});
