/** Settings of {@link invalidationPaths}. */
export interface InvalidationOptions {
  /** Prefix of the thumbnail keys in the bucket. */
  readonly thumbnailPrefix: string;
  /** Maximum number of paths, 1 or more. */
  readonly maxPaths: number;
}

/** Pattern of the keys that the CloudFront function for viewer requests accepts only in the query string. */
const ODD_KEY = /[%?#\\]|\/\/|^\/|\/$|(?:^|\/)\.{1,2}(?:\/|$)/;
/** Maximum length in bytes of a folder with its prefix. For longer folders, the key is also in the query string. */
const MAX_FOLDER_BYTES = 896;
/**
 * Path of all thumbnails whose key is in the query string. CloudFront invalidates only paths, and cannot select one key in the
 * query string.
 */
const QUERY_PATH = '/thumbnails/*';

/**
 * Returns the paths of a CloudFront invalidation for the thumbnails of source keys.
 *
 * Each key has one path with a wildcard. The wildcard includes all sizes, formats and versions of the thumbnails. If the keys
 * have more than `maxPaths` paths, the function returns the paths of common parent folders, up to the thumbnail prefix.
 */
export function invalidationPaths(
  keys: Iterable<string>,
  { thumbnailPrefix, maxPaths }: InvalidationOptions,
): readonly string[] {
  let paths = new Set<string>();
  for (const key of keys) {
    paths.add(pathOf(thumbnailPrefix, key));
  }
  const depths = [...paths].map((path) => path.split('/').length - 2);
  for (let depth = Math.max(0, ...depths) - 1; paths.size > maxPaths && depth >= 0; depth--) {
    paths = new Set([...paths].map((path) => folderOf(path, depth)));
  }
  return withoutIncluded([...paths].sort());
}

function pathOf(prefix: string, key: string): string {
  if (ODD_KEY.test(key) || Buffer.byteLength(prefix + key) > MAX_FOLDER_BYTES) {
    return QUERY_PATH;
  }
  const path = `/${(prefix + key).split('/').map(encodeURIComponent).join('/')}/*`;
  // CloudFront does not support tildes in the paths of invalidations.
  const tilde = path.indexOf('~');
  return tilde < 0 ? path : `${path.slice(0, tilde)}*`;
}

/** Shortens a path to at most `depth` segments and a wildcard. Returns a path with fewer segments unchanged. */
function folderOf(path: string, depth: number): string {
  const segments = path.slice(1).split('/');
  return segments.length - 1 <= depth ? path : `/${[...segments.slice(0, depth), '*'].join('/')}`;
}

/** Removes paths that the wildcard of another path includes. Only an asterisk at the end of a path is a wildcard. */
function withoutIncluded(paths: readonly string[]): string[] {
  const stems = paths.map((path) => path.slice(0, -1));
  return paths.filter((_, index) => !stems.some((stem, other) => other !== index && stems[index]!.startsWith(stem)));
}
