/** Longest name of a file or directory in bytes: what ext4, XFS, Btrfs, APFS and NTFS hold. */
const MAX_NAME_BYTES = 255;

/**
 * Starts of the names that this scheme makes: the last part of a file's name, the last part of a directory's, and a part
 * before either where the name is too long for one. All hidden, and so never the name of a file that somebody dropped.
 */
const FILE = '.%f';
const DIRECTORY = '.%d';
const CONTINUED = '.%c';
/** The directory of an empty part, as in `a//b`: shorter than the others, because a key can have a thousand of them. */
const EMPTY = '.%';

/** What no escaped name holds: the escape itself, and what Windows refuses or cuts off (dots and spaces at the end). */
const ESCAPED = /[%. "*:<>?|\\\u007f]|[^\u0020-\uffff]/g;

const WINDOWS_REFUSES = /[<>:"|?*\\]|[^\u0020-\uffff]|[. ]$/;
const WINDOWS_DEVICES = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

/** Where in a directory the object of a key can lie. */
export interface KeyPath {
  /** Names of the directories that lead to it. */
  readonly directories: readonly string[];
  /** The last part of the key as a file name; undefined where the file system could not hold that name as it is. */
  readonly plain: string | undefined;
  /** Its other name, in one part or, where it is long, several: for what cannot be plain, or while a directory has that name. */
  readonly escaped: readonly string[];
}

/** One name in a directory, understood. */
export type NamePart =
  | { readonly kind: 'plain'; readonly segment: string }
  | { readonly kind: 'file' | 'directory' | 'continued'; readonly text: string };

/**
 * The path of a key: every part between slashes is a name of its own, as it is where the file system allows it. Hidden
 * names (`.` at the start) belong to the system, its users and this store, never to a key as they are.
 *
 * No two keys share a path, and every key of S3 has one. `windows`: keep to the names that Windows allows.
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

/** Names of the directories that hold the keys which start with these parts. */
export function toDirectories(segments: readonly string[], windows = process.platform === 'win32'): string[] {
  return segments.flatMap((segment) => {
    if (segment === '') {
      return [EMPTY];
    }
    return isPlain(segment, windows) ? [segment] : escape(segment, DIRECTORY);
  });
}

/** What a name in a directory stands for; undefined for names that belong to no key. */
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
 * The part of a key that an escaped name stands for, given the text of all its parts; undefined where this scheme would
 * have written it in another way.
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

/** The key of a file, by the names on its path from the root; undefined where it is no object. */
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
  return !windows || !(WINDOWS_REFUSES.test(segment) || WINDOWS_DEVICES.test(segment));
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

/** All characters that are escaped are ASCII. */
function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function decode(text: string): string | undefined {
  if (/%(?![0-7][0-9A-F])/.test(text)) {
    return undefined;
  }
  return text.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
