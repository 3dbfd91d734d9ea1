/** Maximum length of a file name in bytes on ext4, XFS, Btrfs, APFS and NTFS. */
const MAX_NAME_BYTES = 255;

/**
 * Prefixes of escaped names. They start with a dot, so that escaped names differ from the names of all visible files of users.
 *
 * - `FILE`: the last part of a file name
 * - `DIRECTORY`: the last part of a directory name
 * - `CONTINUED`: an earlier part of a name that is too long for one file name
 */
const FILE = '.%f';
const DIRECTORY = '.%d';
const CONTINUED = '.%c';
/**
 * Name of the directory for an empty segment, as in the key `a//b`. The name is short, because a key can have a thousand empty
 * segments.
 */
const EMPTY = '.%';

/** Pattern of characters to escape: the escape character, and characters that Windows rejects or removes from names. */
const ESCAPED = /[%. "*:<>?|\\\u007f]|[^\u0020-\uffff]/g;

const WINDOWS_REJECTS = /[<>:"|?*\\]|[^\u0020-\uffff]|[. ]$/;
const WINDOWS_DEVICES = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

/** Possible paths of the file of a key. */
export interface KeyPath {
  /** Names of the directories on the path. */
  readonly directories: readonly string[];
  /** Last segment of the key as a file name. Undefined if the file system does not support the name. */
  readonly plain: string | undefined;
  /**
   * Escaped file name. A long name has several parts. The object store uses the escaped name if the file system does not
   * support the plain name, or if a directory has the plain name.
   */
  readonly escaped: readonly string[];
}

/** A parsed name of a directory entry. */
export type NamePart =
  | { readonly kind: 'plain'; readonly segment: string }
  | { readonly kind: 'file' | 'directory' | 'continued'; readonly text: string };

/**
 * Returns the path of a key. Each segment between slashes is the name of a directory or file.
 *
 * The function escapes a segment that the file system does not support. It also escapes a segment that starts with a dot,
 * because such names belong to hidden files of users or to internal files of this object store.
 *
 * Every key that S3 accepts has a path. Different keys have different paths.
 *
 * @param windows whether the function escapes names that Windows does not support
 */
export function toKeyPath(key: string, windows = process.platform === 'win32'): KeyPath {
  const segments = key.split('/');
  const last = segments.pop() ?? '';
  return {
    directories: toDirectories(segments, windows),
    plain: isPlain(last, windows) ? last : undefined,
    escaped: escape(last, FILE),
  };
}

/** Returns the names of the directories for the leading segments of a key. */
export function toDirectories(segments: readonly string[], windows = process.platform === 'win32'): string[] {
  return segments.flatMap((segment) => {
    if (segment === '') {
      return [EMPTY];
    }
    return isPlain(segment, windows) ? [segment] : escape(segment, DIRECTORY);
  });
}

/** Parses the name of a directory entry. Returns undefined if the name belongs to no key. */
export function readName(name: string, windows = process.platform === 'win32'): NamePart | undefined {
  if (name === EMPTY) {
    return { kind: 'directory', text: '' };
  }
  if (name === DIRECTORY) {
    return undefined;
  }
  if (name.startsWith(FILE)) {
    return { kind: 'file', text: name.slice(FILE.length) };
  }
  if (name.startsWith(DIRECTORY)) {
    return { kind: 'directory', text: name.slice(DIRECTORY.length) };
  }
  if (name.startsWith(CONTINUED)) {
    return { kind: 'continued', text: name.slice(CONTINUED.length) };
  }
  return isPlain(name, windows) ? { kind: 'plain', segment: name } : undefined;
}

/**
 * Returns the key segment of an escaped name. Returns undefined if {@link toKeyPath} would escape the segment differently.
 *
 * @param parts parts of the escaped name, without prefixes
 */
export function unescape(
  parts: readonly string[],
  kind: 'file' | 'directory',
  windows = process.platform === 'win32',
): string | undefined {
  const segment = decode(parts.join(''));
  if (segment === undefined || (kind === 'directory' && isPlain(segment, windows))) {
    return undefined;
  }
  const expected = escape(segment, kind === 'file' ? FILE : DIRECTORY);
  const same =
    expected.length === parts.length && expected.every((name, index) => name.slice(FILE.length) === parts[index]);
  return same ? segment : undefined;
}

/**
 * Returns the key of a file. Returns undefined if the file is not an object. `names` are the names in the path below the root.
 */
export function toKey(names: readonly string[], windows = process.platform === 'win32'): string | undefined {
  const segments: string[] = [];
  let parts: string[] = [];
  for (const [index, name] of names.entries()) {
    const kind = index === names.length - 1 ? 'file' : 'directory';
    const part = readName(name, windows);
    if (part === undefined || (part.kind === 'plain' && parts.length > 0)) {
      return undefined;
    }
    if (part.kind === 'plain') {
      segments.push(part.segment);
      continue;
    }
    parts.push(part.text);
    if (part.kind === 'continued') {
      continue;
    }
    const segment = part.kind === kind ? unescape(parts, kind, windows) : undefined;
    if (segment === undefined) {
      return undefined;
    }
    segments.push(segment);
    parts = [];
  }
  return parts.length === 0 && segments.length > 0 ? segments.join('/') : undefined;
}

function isPlain(segment: string, windows: boolean): boolean {
  if (segment === '' || segment.startsWith('.') || segment.includes('\0')) {
    return false;
  }
  if (Buffer.byteLength(segment) > MAX_NAME_BYTES) {
    return false;
  }
  return !windows || !(WINDOWS_REJECTS.test(segment) || WINDOWS_DEVICES.test(segment));
}

function escape(segment: string, lastStart: typeof FILE | typeof DIRECTORY): string[] {
  const texts: string[] = [];
  let text = '';
  for (const character of segment) {
    const encoded = character.replace(ESCAPED, percent);
    if (Buffer.byteLength(text + encoded) > MAX_NAME_BYTES - lastStart.length) {
      texts.push(text);
      text = '';
    }
    text += encoded;
  }
  return [...texts.map((each) => CONTINUED + each), lastStart + text];
}

/** Returns the escape sequence of an ASCII character, such as `%3A`. */
function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function decode(text: string): string | undefined {
  if (/%(?![0-7][0-9A-F])/.test(text)) {
    return undefined;
  }
  return text.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
