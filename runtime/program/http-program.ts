import type { HttpSettings } from '../config/http-settings';
import { CdnLinks, Links, type HttpApiOptions, type WritingOptions } from '../http';
import type * as formUploads from '../http/uploads/form-uploads';
import { canPresign, canPutFiles, type ObjectStore } from '../storage';
import type { Program } from './assemble';
import { signingKeysOf } from './signing-secret';

/**
 * Loads the parser of multipart forms on demand, because only object stores without presigned forms need the parser. `require`
 * replaces `import()`, which would need a file extension that only the bundler supports.
 */
declare function require(path: '../http/uploads/form-uploads'): typeof formUploads;

/**
 * Lifetime in seconds of the presigned URL for a thumbnail larger than the maximum response. The lifetime can be short, because
 * clients follow redirects immediately.
 */
const REDIRECT_SECONDS = 300;

/** Options of the HTTP API that the settings and the object stores determine. */
export type HttpProgram = Omit<HttpApiOptions, 'pipeline' | 'reconcile' | 'version' | 'maxBodyBytes' | 'report'>;

/** Options of {@link httpApiOptionsOf}. */
export interface HttpProgramOptions {
  /** Callback for the key of each source that the API writes or deletes. @default - no callback */
  readonly changed?: ((key: string) => void) | undefined;
}

/**
 * Returns the options of an HTTP API that uses the object stores of a pipeline.
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
 * Returns the options of the route for CloudFront distributions. Without the secret of the distribution, the route exists only
 * if every client can read every key.
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
 * Returns a function that returns the redirect URL for a thumbnail larger than the maximum response. Returns undefined if the
 * object store does not support presigned URLs.
 *
 * The redirect URL is usually a URL of the CloudFront distribution. In each of these cases, it is a presigned S3 URL instead:
 * - No distribution exists.
 * - Links are signed, or users can read only the keys with their own prefix.
 * - The distribution has sent the request.
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
  const { FormUploads } = require('../http/uploads/form-uploads');
  const forms = new FormUploads({ store: source, ...(changed && { changed }) });
  return {
    createForm: (terms, origin) => forms.createForm(terms, origin),
    receiveForm: (request, maxFileBytes) => forms.receive(request, maxFileBytes),
  };
}
