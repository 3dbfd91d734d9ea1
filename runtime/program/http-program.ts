import type { HttpSettings } from '../config/http-settings';
import { FormUploads, Links, type HttpApiOptions, type WritingOptions } from '../http';
import { canPresign, type ObjectStore } from '../storage';
import type { Program } from './assemble';
import { signingKeysOf } from './signing-secret';

/** Seconds in which a thumbnail can be got that did not fit into an answer: its client goes there at once. */
const REDIRECT_SECONDS = 300;

/** What a program's web face is made of, beside its pipeline. */
export type HttpProgram = Omit<HttpApiOptions, 'pipeline' | 'reconcile' | 'version' | 'maxBodyBytes' | 'report'>;

/** Who is told of what was written through the web face. */
export interface HttpProgramOptions {
  /** Hears of every source that was written or deleted. Default: nobody, since the store tells of it. */
  readonly changed?: ((key: string) => void) | undefined;
}

/**
 * The web face that the environment asks for, on the stores of a program.
 *
 * @throws SettingsError that names each variable that is missing or wrong
 * @throws SigningKeysError
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
  const redirect = redirectOf(http, thumbnails);
  return {
    source,
    thumbnails: settings.thumbnails,
    cacheControl: settings.cacheControl,
    corsOrigins: http.corsOrigins,
    ...(http.fallbackImage !== undefined && { fallbackImage: http.fallbackImage }),
    ...(http.readAccess === 'signed' && links && { readLinks: links }),
    ...(redirect && { redirect }),
    ...storedRoute(http, settings.thumbnailLocation.prefix),
    ...(http.writeAccess !== 'none' && {
      writing: {
        ...writingOf(source, options.changed),
        uploads: http.uploads,
        prefix: settings.sourceLocation.prefix,
        ...(http.writeAccess === 'signed' && links && { links }),
        ...(options.changed && { changed: options.changed }),
      },
    }),
  };
}

/** A distribution that shows a secret is let in; where reading is open, whoever comes. */
function storedRoute({ distributionSecret, readAccess }: HttpSettings, prefix: string): Pick<HttpApiOptions, 'stored'> {
  if (distributionSecret !== undefined) {
    return { stored: { prefix, keys: signingKeysOf({ secret: distributionSecret }) } };
  }
  return readAccess === 'open' ? { stored: { prefix } } : {};
}

/**
 * To the distribution where there is one; to the bucket where not, where that was in vain, and where links are signed. Nowhere
 * where thumbnails have no address of their own: a distribution would only ask here again.
 */
function redirectOf(
  { distributionUrl, readAccess }: HttpSettings,
  thumbnails: ObjectStore,
): HttpApiOptions['redirect'] {
  if (!canPresign(thumbnails)) {
    return undefined;
  }
  return ({ thumbnail, url, isAskedFor }) =>
    distributionUrl === undefined || readAccess === 'signed' || isAskedFor
      ? thumbnails.presignGet(thumbnail.key, { seconds: REDIRECT_SECONDS })
      : Promise.resolve(distributionUrl + url);
}

function writingOf(
  source: ObjectStore,
  changed: HttpProgramOptions['changed'],
): Pick<WritingOptions, 'present' | 'take'> {
  if (canPresign(source)) {
    return { present: (terms) => source.presignPost(terms) };
  }
  const forms = new FormUploads({ store: source, ...(changed && { changed }) });
  return { present: (terms, origin) => forms.present(terms, origin), take: (form) => forms.take(form) };
}
