import { Hono, type Context } from 'hono';
import * as v from 'valibot';
import { readCoreSettings } from '../../../runtime/config/core-settings';
import { SettingsError } from '../../../runtime/config/parse-environment';
import { CORE_VARIABLES, FORMATS, type CoreSettings, type ThumbnailSettings } from '../../../runtime/contract';
import { Problem, type HttpApiEnvironment } from '../../../runtime/http';
import type { Render } from '../../../runtime/pipeline';
import { readFocalPoint } from '../../../runtime/pipeline/focal-point';
import type { ObjectStore } from '../../../runtime/storage';
import type { CachedFile } from './byte-cache';
import { DesignRenderer } from './design-renderer';
import { keySchema, readJson, readQuery, readSource } from './requests';

/** Options of {@link designRoutes}. */
export interface DesignRouteOptions {
  readonly settings: CoreSettings;
  readonly source: Pick<ObjectStore, 'get'>;
  readonly render: Render;
}

const designBody = v.strictObject({
  key: keySchema,
  thumbnails: v.pipe(v.array(v.unknown()), v.minLength(1)),
  only: v.optional(v.strictObject({ name: v.string(), format: v.picklist(FORMATS) })),
});
const keyQuery = v.object({ key: keySchema });
/**
 * Response headers of a rendered file. Browsers can cache a file, because the URL contains a hash of the source and the
 * settings.
 */
const FILE_HEADERS = {
  'Cache-Control': 'private, max-age=3600',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox",
};

export function designRoutes({ settings, source, render }: DesignRouteOptions): Hono<HttpApiEnvironment> {
  const { maxFileSizeBytes } = settings.limits;
  const renderer = new DesignRenderer({ settings, render });
  const app = new Hono<HttpApiEnvironment>();
  app.post('/designs', async (context) => {
    const { key, thumbnails, only } = await readJson(context.req.raw, designBody);
    const selection = { thumbnails: readThumbnails(thumbnails), only };
    const object = await readSource(source, key, maxFileSizeBytes);
    const start = performance.now();
    const design = await renderer.design(object, selection, readFocalPoint(object.metadata).focalPoint);
    context.header('Server-Timing', `render;dur=${(performance.now() - start).toFixed(1)}`);
    return context.json(design);
  });
  app.get('/designs/:id', (context) => {
    const file = renderer.file(context.req.param('id'));
    if (!file) {
      throw new Problem('image-not-found', 'The file is no longer in the cache. Render the design again.');
    }
    return fileResponse(context, file);
  });
  app.get('/originals', async (context) => {
    const { key } = readQuery(context.req.raw, keyQuery);
    return fileResponse(context, await renderer.original(await readSource(source, key, maxFileSizeBytes)));
  });
  return app;
}

/**
 * Validates thumbnails with the rules of a deployment.
 *
 * @throws Problem with code `invalid-upload` if a field is invalid
 */
function readThumbnails(thumbnails: readonly unknown[]): readonly ThumbnailSettings[] {
  try {
    return readCoreSettings({
      [CORE_VARIABLES.storage]: 'directory',
      [CORE_VARIABLES.sourceDirectory]: '.',
      [CORE_VARIABLES.thumbnailDirectory]: '.',
      [CORE_VARIABLES.thumbnails]: JSON.stringify(thumbnails),
    }).thumbnails;
  } catch (error) {
    if (error instanceof SettingsError) {
      const problems = error.problems.map((problem) => problem.replace(CORE_VARIABLES.thumbnails, 'thumbnails'));
      throw new Problem('invalid-upload', problems.join('; '), { cause: error });
    }
    throw error;
  }
}

function fileResponse(context: Context, { body, contentType }: CachedFile): Response {
  return context.body(new Uint8Array(body), 200, { ...FILE_HEADERS, 'Content-Type': contentType });
}
