import * as v from 'valibot';
import { manifestSchemas } from '../../pipeline';
import { MAX_KEY_BYTES } from '../../storage';

/** Body of `POST /uploads`. */
export const uploadRequest = v.pipe(
  v.strictObject({
    filename: v.optional(
      v.pipe(
        v.string(),
        v.minLength(1),
        v.maxLength(MAX_KEY_BYTES),
        v.description('File name. The API creates a unique key that contains it'),
      ),
    ),
    key: v.optional(
      v.pipe(
        v.string(),
        v.minLength(1),
        v.maxLength(MAX_KEY_BYTES),
        v.description('Exact key, instead of filename. Replaces an existing image'),
      ),
    ),
    contentType: v.pipe(v.string(), v.minLength(1), v.maxLength(100), v.description('Media type of the file')),
    bytes: v.pipe(v.number(), v.integer(), v.minValue(1), v.description('Exact size of the file')),
    focalPoint: v.optional(manifestSchemas.focalPoint),
  }),
  v.check(({ filename, key }) => (filename === undefined) !== (key === undefined), 'requires either filename or key'),
);
