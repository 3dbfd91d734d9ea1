import type { HttpSettings } from '../config/http-settings';
import { CdnLinks, FormUploads, Links, type HttpApiOptions, type WritingOptions } from '../http';
import { canPresign, canPutFiles, type ObjectStore } from '../storage';
import type { Program } from './assemble';
import { signingKeysOf } from './signing-secret';

/**
 * Lifetime in seconds of the presigned URL for a thumbnail that exceeds the response limit. The lifetime is short, because
 * clients follow redirects immediately.
 */
const REDIRECT_SECONDS = 300;

/** Options of the HTTP API that follow from settings and object stores. */
export type HttpProgram = Omit<HttpApiOptions, 'pipeline' | 'reconcile' | 'version' | 'maxBodyBytes' | 'report'>;

/** Options of {@link httpApiOptionsOf}. */
export interface HttpProgramOptions {
  /** Callback for each source that the API writes or deletes. @default - no callback; the object store sends events */
  readonly changed?: ((key: string) => void) | undefined;
}

/**
 * Returns the options of the HTTP API on the object stores of a program.
 *
 * @throws SigningKeysError if the signing keys in the environment are invalid
 */
export function httpApiOptionsOf(
  { settings, source, thumbnails }: Pick<Program, 'settings' | 'source' | 'thumbnails'>,
  http: HttpSettings,
  options: HttpProgramOptions = {},
): HttpProgram {
  const links =
    http.signing &&
    new Links({
      keys: signingKeysOf(http.signing),
      hosts: http.linkHosts,
      maxLifetimeSeconds: http.maxLinkLifetimeSeconds,
    });
  const sourcePrefix = settings.sourceLocation.prefix;
  const redirect = redirectOf(http, thumbnails);
  return {
    source,
    cacheControl: settings.cacheControl,
    corsOrigins: http.corsOrigins,
    ...(http.fallbackImage !== undefined && { fallbackImage: http.fallbackImage }),
    reading: http.readAccess !== 'none',
    ...(http.readAccess === 'signed' && links && { readLinks: links }),
    ...(http.readKeyPrefix !== undefined && { readScope: { template: http.readKeyPrefix, sourcePrefix } }),
    ...(redirect && { redirect }),
    ...(http.cdnSigning && {
      cdnLinks: new CdnLinks({ ...http.cdnSigning, keys: signingKeysOf({ secret: http.cdnSigning.secret }) }),
    }),
    onlyThroughDistribution: http.onlyThroughDistribution,
    ...storedRoute(http, settings.thumbnailLocation.prefix),
    ...(http.writeAccess !== 'none' && {
      writing: {
        ...writingOf(http, source, options.changed),
        uploads: http.uploads,
        prefix: sourcePrefix,
        ...(http.writeKeyPrefix !== undefined && { scope: { template: http.writeKeyPrefix, sourcePrefix } }),
        ...(http.writeAccess === 'signed' && links && { links }),
        ...(options.changed && { changed: options.changed }),
      },
    }),
  };
}

/**
 * Returns the route for distributions. Returns no route without the secret of the distribution, unless every caller can read
 * every key.
 */
function storedRoute(
  { distributionSecret, readAccess, readKeyPrefix }: HttpSettings,
  prefix: string,
): Pick<HttpApiOptions, 'stored'> {
  if (distributionSecret !== undefined) {
    return { stored: { prefix, keys: signingKeysOf({ secret: distributionSecret }) } };
  }
  return readAccess === 'open' && readKeyPrefix === undefined ? { stored: { prefix } } : {};
}

/**
 * Returns the function that redirects to thumbnails above the response limit; undefined if the object store supports no
 * presigned URLs.
 *
 * By default, the target is the URL of the distribution. The target is a presigned URL in these cases:
 * - No distribution exists.
 * - Links are signed, or callers can read only their own keys.
 * - The request already came through the distribution.
 */
function redirectOf(
  { distributionUrl, readAccess, readKeyPrefix, cdnSigning }: HttpSettings,
  thumbnails: ObjectStore,
): HttpApiOptions['redirect'] {
  if (!canPresign(thumbnails)) {
    return undefined;
  }
  const isPrivate = readAccess === 'signed' || readKeyPrefix !== undefined || cdnSigning !== undefined;
  return ({ thumbnail, url, isRequestedUrl }) =>
    distributionUrl === undefined || isPrivate || isRequestedUrl
      ? thumbnails.presignGet(thumbnail.key, { seconds: REDIRECT_SECONDS })
      : Promise.resolve(distributionUrl + url);
}

function writingOf(
  { writeAccess }: HttpSettings,
  source: ObjectStore,
  changed: HttpProgramOptions['changed'],
): Pick<WritingOptions, 'createForm' | 'receiveForm'> {
  if (canPresign(source)) {
    return { createForm: (terms) => source.presignPost(terms) };
  }
  if (!canPutFiles(source)) {
    throw new Error(
      `WRITE_ACCESS: received ${writeAccess}; the object store of the sources accepts neither presigned forms nor files; ` +
        'set WRITE_ACCESS to none, or store the sources in a bucket or a directory',
    );
  }
  const forms = new FormUploads({ store: source, ...(changed && { changed }) });
  return {
    createForm: (terms, origin) => forms.createForm(terms, origin),
    receiveForm: (request, maxFileBytes) => forms.receive(request, maxFileBytes),
  };
}
