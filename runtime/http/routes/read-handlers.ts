import type { HttpApiContext, HttpApiOptions } from '../http-api-options';
import { pathKeyOf, queryKeyOf } from '../key-scope';
import { basePathOf, forwardedPrefixOf } from '../links/access';
import { problemOf } from '../problems/problem-of';
import { decodeKey, queryValue } from '../request-keys';
import { Images } from './images';
import { renderOnce } from './render-once';
import { restOfPath, type RouteHandlers } from './route-handlers';
import { parseStoredKey } from './stored-key';
import { Thumbnails } from './thumbnails';

export function readHandlers(options: HttpApiOptions): RouteHandlers {
  const { stored } = options;
  const render = renderOnce(options.reconcile);
  const thumbnails = new Thumbnails(options, render);
  const images = new Images(options, render);

  const thumbnail = async (
    context: HttpApiContext,
    name: string,
    key: string,
    format = queryValue(context.req.raw.url, 'format'),
  ): Promise<Response> => {
    const { method, headers, url } = context.req.raw;
    const timings = context.get('timings');
    const request = { method, headers, name, key, format, version: queryValue(url, 'v'), timings };
    try {
      return await thumbnails.respond(request);
    } catch (error) {
      const problem = problemOf(error);
      context.set('problem', problem);
      const fallback = await thumbnails.fallback(request, problem);
      if (fallback) {
        return fallback;
      }
      throw problem;
    }
  };
  const image = (context: HttpApiContext, key: string): Promise<Response> => {
    const link = context.get('link');
    const toUrl = async (path: string): Promise<string> => {
      const signed = await options.cdnLinks?.sign(path);
      if (signed !== undefined) {
        return signed;
      }
      // The URLs of the thumbnails expire at the same time as the link of the request.
      return link && options.readLinks
        ? options.readLinks.sign(basePathOf(context) + path, link)
        : (forwardedPrefixOf(context) ?? basePathOf(context)) + path;
    };
    return images.respond({ headers: context.req.raw.headers, key, timings: context.get('timings'), toUrl });
  };
  const nameOf = (context: HttpApiContext): string => context.req.param('name') ?? '';

  return {
    getThumbnail: (context) => thumbnail(context, nameOf(context), pathKeyOf(context, 2)),
    getThumbnailByQuery: (context) => thumbnail(context, nameOf(context), queryKeyOf(context)),
    getImage: (context) => image(context, pathKeyOf(context, 1)),
    getImageByQuery: (context) => image(context, queryKeyOf(context)),
    ...(stored && {
      getStoredThumbnail: (context) => {
        const storedKey = decodeKey(restOfPath(context, 1));
        const { name, key, format } = parseStoredKey(
          storedKey,
          stored.prefix,
          (sourceKey) => options.pipeline.settingsOf(sourceKey).thumbnails,
        );
        return thumbnail(context, name, key, format);
      },
    }),
  };
}
