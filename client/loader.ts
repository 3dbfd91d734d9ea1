import type { ClientConfig, ClientThumbnail, ImageFormat } from './config';
import { thumbnailUrl } from './urls';

/** Options of a loader. */
export interface LoaderOptions {
  /**
   * Names of the thumbnails to choose from.
   * @default - all thumbnails with fit `inside`; without any, those with the aspect ratio of the largest thumbnail
   */
  readonly names?: readonly string[];
}

/** Image that a framework requests from a loader. */
export interface LoaderRequest {
  /** Key of the source, not encoded. The loader removes one slash at its start, because Nuxt Image adds it. */
  readonly src: string;
  /** Wanted width in pixels. @default - the largest thumbnail */
  readonly width?: number | string;
  /** Format of the response. Ignored if the thumbnail does not have it. @default - the API selects the format */
  readonly format?: string;
}

/** Thumbnails in ascending order of width. */
type Candidates = readonly [ClientThumbnail, ...ClientThumbnail[]];

/**
 * Returns a function that maps a key and a wanted width to the URL of a thumbnail: the smallest one that has the width, else
 * the largest. Next.js accepts the function as the default export of `images.loaderFile`.
 *
 * @throws Error if a name is unknown or `config` has no thumbnails
 */
export function loader(config: ClientConfig, options: LoaderOptions = {}): (request: LoaderRequest) => string {
  const candidates = candidatesOf(config, options);
  return ({ src, width, format }) => {
    const wanted = Number(width ?? Infinity);
    const { name, formats } =
      candidates.find((candidate) => candidate.width >= wanted) ?? candidates[candidates.length - 1]!;
    const known = formats.includes(format as ImageFormat) ? (format as ImageFormat) : undefined;
    return thumbnailUrl(config, name, src.replace(/^\//, ''), { ...(known && { format: known }) });
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
 * Returns a provider for Nuxt Image, to be passed to `defineProvider()`.
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

function candidatesOf({ thumbnails }: ClientConfig, { names }: LoaderOptions): Candidates {
  const unknown = names?.find((name) => !thumbnails.some((thumbnail) => thumbnail.name === name));
  const sorted = [...thumbnails].sort((one, other) => one.width - other.width);
  const largest = sorted[sorted.length - 1];
  if (unknown !== undefined || !largest || names?.length === 0) {
    const known = thumbnails.map(({ name }) => name).join(', ');
    throw new Error(`names: ${unknown ?? 'no thumbnail'} is invalid; expected names of thumbnails: ${known}`);
  }
  const inside = sorted.filter(({ fit }) => fit === 'inside');
  const selected = names
    ? sorted.filter(({ name }) => names.includes(name))
    : inside.length > 0
      ? inside
      : sorted.filter(({ width, height }) => width * largest.height === height * largest.width);
  return selected as unknown as Candidates;
}
