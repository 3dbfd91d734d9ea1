import type { HttpApiContext, HttpApiOptions, WritingOptions } from '../http-api-options';
import { pathKeyOf, queryKeyOf } from '../key-scope';
import { basePathOf } from '../links/access';
import { Problem } from '../problems/problem';
import { readBody } from '../request-body';
import { createUpload } from '../uploads/uploads';
import { throwIfNotServed } from './render-once';
import type { RouteHandlers } from './route-handlers';

/** Maximum size of the request body of `POST /uploads` in bytes. */
const MAX_UPLOAD_REQUEST_BYTES = 16 * 1024;

export function writeHandlers({ pipeline, source }: HttpApiOptions, writing: WritingOptions): RouteHandlers {
  const { receiveForm } = writing;
  const remove = async (context: HttpApiContext, key: string): Promise<Response> => {
    throwIfNotServed(pipeline, key);
    await source.delete([key]);
    writing.changed?.(key);
    return context.body(null, 204);
  };

  return {
    createUpload: async (context) => {
      const { url } = context.req.raw;
      const upload = await createUpload(writing, pipeline, {
        body: await jsonOf(context.req.raw),
        url,
        origin: new URL(url).origin + basePathOf(context),
        keyPrefix: context.get('keyPrefix'),
      });
      return context.json(upload, 201, { 'Cache-Control': 'no-store' });
    },
    deleteImage: (context) => remove(context, pathKeyOf(context, 1)),
    deleteImageByQuery: (context) => remove(context, queryKeyOf(context)),
    ...(receiveForm && {
      submitUploadForm: async (context) => {
        await receiveForm(context.req.raw, writing.uploads.maxSizeBytes);
        return context.body(null, 204);
      },
    }),
  };
}

async function jsonOf(request: Request): Promise<unknown> {
  const body = await readBody(request, MAX_UPLOAD_REQUEST_BYTES);
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new Problem('invalid-upload', 'The body is not JSON.', { cause: error });
  }
}
