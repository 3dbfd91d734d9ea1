import { type ClientConfig, type ClientThumbnail, type ImageFormat, thumbnailsOf } from './config';
import { thumbnailUrl } from './urls';

/** Options of {@link loader}, {@link unpicTransformer} and {@link nuxtProvider}. */
export interface LoaderOptions {
  /**
   * Names of the thumbnails from which the loader selects. If a rule gives a key other thumbnails, with none of these names,
   * the default applies to this key.
   *
   * @default - all thumbnails with fit `inside`, otherwise all thumbnails with the aspect ratio of the widest one
   */
  readonly names?: readonly string[];
}

/** Image that a framework requests from a loader. */
export interface LoaderRequest {
  /** Key of the source, not encoded. The loader removes one leading slash, because Nuxt Image adds a slash. */
  readonly src: string;
  /** Required width in pixels. @default - the width of the largest thumbnail */
  readonly width?: number | string;
  /**
   * Format of the response. The loader ignores a format in which the thumbnail does not exist.
   *
   * @default - the API selects the format
   */
  readonly format?: string;
}

/**
 * Returns a function that maps a key and a required width to the URL of a thumbnail. The function selects the smallest
 * thumbnail with at least the required width. If every thumbnail is narrower, the function selects the largest thumbnail.
 * Next.js accepts the function as the default export of `images.loaderFile`.
 *
 * @throws Error if a name is unknown or `config` has no thumbnails
 */
export function loader(config: ClientConfig, options: LoaderOptions = {}): (request: LoaderRequest) => string {
  validateNames(config, options);
  return ({ src, width, format }) => {
    const key = src.replace(/^\//, '');
    const wanted = Number(width ?? Infinity);
    const candidates = candidatesOf(thumbnailsOf(config, key), options);
    const { name, formats } =
      candidates.find((candidate) => candidate.width >= wanted) ?? candidates[candidates.length - 1]!;
    const known = formats.includes(format as ImageFormat) ? (format as ImageFormat) : undefined;
    return thumbnailUrl(config, name, key, { ...(known && { format: known }) });
  };
}

/**
 * Returns a loader with the signature of an Unpic transformer.
 *
 * @throws Error if a name is unknown or `config` has no thumbnails
 */
export function unpicTransformer(
  config: ClientConfig,
  options: LoaderOptions = {},
): (src: string | URL, operations: Omit<LoaderRequest, 'src'>) => string {
  const load = loader(config, options);
  return (src, { width, format }) => load({ src: String(src), width, format });
}

/**
 * Returns a provider for Nuxt Image. Pass the provider to `defineProvider()`.
 *
 * @throws Error if a name is unknown or `config` has no thumbnails
 */
export function nuxtProvider(
  config: ClientConfig,
  options: LoaderOptions = {},
): { getImage(src: string, context: { readonly modifiers?: Omit<LoaderRequest, 'src'> }): { url: string } } {
  const load = loader(config, options);
  return { getImage: (src, { modifiers = {} }) => ({ url: load({ ...modifiers, src }) }) };
}

function validateNames({ thumbnails, rules = [] }: ClientConfig, { names }: LoaderOptions): void {
  const all = [thumbnails, ...rules.map((rule) => rule.thumbnails ?? [])].flat();
  const unknown = names?.find((name) => !all.some((thumbnail) => thumbnail.name === name));
  if (unknown !== undefined || thumbnails.length === 0 || names?.length === 0) {
    const known = all.map(({ name }) => name).join(', ');
    throw new Error(`names: ${unknown ?? 'no thumbnail'} is invalid; expected names of thumbnails: ${known}`);
  }
}

function candidatesOf(thumbnails: readonly ClientThumbnail[], { names }: LoaderOptions): readonly ClientThumbnail[] {
  const sorted = [...thumbnails].sort((one, other) => one.width - other.width);
  const named = sorted.filter(({ name }) => names?.includes(name));
  const inside = sorted.filter(({ fit }) => fit === 'inside');
  const largest = sorted[sorted.length - 1]!;
  return (
    [named, inside].find(({ length }) => length > 0) ??
    sorted.filter(({ width, height }) => width * largest.height === height * largest.width)
  );
}
