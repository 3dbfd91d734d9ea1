import { types } from 'node:util';
import { isTruncated } from './probe/truncation';
import { ImageRejection, type RejectionCode } from './rejection';
import type { SourceFormat } from './types';

/** What libheif says of a failure: codes of its heif_error.h. */
export interface HeifFailure {
  readonly code: number;
  readonly subcode: number;
  readonly message: string;
}

/** What sharp and libvips say that has nothing to do with what is in the file. */
const MACHINE_MESSAGES: readonly (readonly [pattern: RegExp, code: RejectionCode])[] = [
  // sharp's own, after .timeout()
  [/^timeout: /, 'timeout'],
  [/out of memory|bad_alloc|unable to allocate|cannot allocate|insufficient memory/i, 'out-of-memory'],
];

/** What they say of the file; anything else is `corrupt`. */
const FILE_MESSAGES: readonly (readonly [pattern: RegExp, code: RejectionCode])[] = [
  // libjpeg and libnsgif: formats that do not say how long they are
  [/premature end of JPEG|Unexpected end of GIF source data/i, 'truncated'],
  // libjpeg's own limit, 65,500
  [/Maximum supported image dimension/i, 'too-many-pixels'],
  // sharp: more channels than a picture has
  [/exceeds channel limit/i, 'unsupported-format'],
  // libheif: a codec or a feature that is not built in
  [/has not been built in|Unsupported (?:feature|codec|file-?type|image type)|not implemented/i, 'unsupported-format'],
  // libtiff and libvips's reader of TIFF: a compression, a layout or a colour space that they do not know
  [/is not configured|not supported|not a whole number of bytes|bad labq format/i, 'unsupported-format'],
  // libjpeg: lossless and hierarchical coding
  [/Unsupported JPEG process|arithmetic (?:en)?coding/i, 'unsupported-format'],
];

/** libheif's error codes; those that are not here are `corrupt`. */
const HEIF_CODES: ReadonlyMap<number, RejectionCode> = new Map([
  [3, 'unsupported-format'], // heif_error_Unsupported_filetype
  [4, 'unsupported-format'], // heif_error_Unsupported_feature
  [6, 'out-of-memory'], // heif_error_Memory_allocation_error
  [11, 'unsupported-format'], // heif_error_Plugin_loading_error: no decoder for what it is coded with
]);
/** heif_suberror_End_of_data */
const HEIF_END_OF_DATA = 100;
/** heif_suberror_Security_limit_exceeded: the file claims more of something than any honest one has. */
const HEIF_SECURITY_LIMIT = 1000;

const SUMMARIES: Readonly<Partial<Record<RejectionCode, string>>> = {
  'too-many-pixels': 'the image has a side longer than any that is allowed',
  truncated: 'the image is not complete: its end is missing',
  corrupt: 'the image is damaged: it breaks its own format',
  'unsupported-format': 'the image is of a kind that is not supported',
  'out-of-memory': 'there is not enough memory to decode the image',
  timeout: 'the image took longer than is allowed (maxDurationSeconds)',
};

/**
 * The refusal that a decoder's error amounts to. Errors that are not a decoder's (a mistake in this program) and
 * refusals come back as they are.
 */
export function rejectionOf(error: unknown, format: SourceFormat, bytes: Buffer): unknown {
  if (!isNativeError(error)) {
    return error;
  }
  const message = messageOf(error);
  const code =
    codeOf(MACHINE_MESSAGES, message) ?? (isTruncated(format, bytes) ? 'truncated' : codeOf(FILE_MESSAGES, message));
  return reject(code ?? 'corrupt', message, error);
}

/** The same for an encoder's error, which is never the file's fault. */
export function encodingErrorOf(error: unknown): unknown {
  if (!isNativeError(error)) {
    return error;
  }
  const code = codeOf(MACHINE_MESSAGES, messageOf(error));
  return code === undefined ? error : reject(code, messageOf(error), error);
}

/** The refusal that a failure of libheif amounts to. */
export function heifRejectionOf(failure: HeifFailure, bytes: Buffer): ImageRejection {
  return reject(heifCodeOf(failure, bytes), failure.message);
}

function heifCodeOf({ code, subcode }: HeifFailure, bytes: Buffer): RejectionCode {
  if (subcode === HEIF_END_OF_DATA || isTruncated('heic', bytes)) {
    return 'truncated';
  }
  if (subcode === HEIF_SECURITY_LIMIT) {
    return 'corrupt';
  }
  return HEIF_CODES.get(code) ?? 'corrupt';
}

function reject(code: RejectionCode, details: string, cause?: Error): ImageRejection {
  return new ImageRejection(code, `${SUMMARIES[code] ?? code} (${details.replaceAll('\n', '; ')})`, { cause });
}

/**
 * sharp's native side throws plain errors; subclasses (TypeError, ImageRejection, …) and those with a code (Node's own)
 * come from elsewhere. Not `instanceof`: in jest's sandbox an error of a native library is of another realm.
 */
export function isNativeError(error: unknown): error is Error {
  return types.isNativeError(error) && error.name === 'Error' && !('code' in error);
}

/**
 * Runs a decoder, again where it failed without a word: libvips keeps its words in one place for the whole process, and
 * another image that ends meanwhile clears them. The same image would be refused by one code now and by another one later.
 */
export async function withReason<T>(run: () => Promise<T>, tries = 3): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (tries > 1 && isNativeError(error) && messageOf(error) === NO_REASON) {
      return withReason(run, tries - 1);
    }
    throw error;
  }
}

/** What the decoder said, without what sharp and libvips put around it and without saying it twice. */
export function messageOf(error: Error): string {
  const lines = error.message.split('\n').map((line) => line.replace(PREFIX, '').trim());
  const telling = [...new Set(lines)].filter((line) => line !== '' && !NOISE.test(line));
  return telling.slice(0, MAX_LINES).join('\n') || NO_REASON;
}

const NO_REASON = 'no reason given';
const PREFIX = /^(?:Input buffer has corrupt header:|VipsJpeg:|\s)+/;
/** Lines that say nothing: where libheif's reader looked, that something had gone wrong, how it came out. */
const NOISE =
  /^(?:source: bad seek to \d+|error in tile .*|Warning treated as error due to failOn setting|Unknown error)$/;
/** A file of a thousand tiles can break a thousand times. */
const MAX_LINES = 3;

function codeOf(table: readonly (readonly [RegExp, RejectionCode])[], message: string): RejectionCode | undefined {
  return table.find(([pattern]) => pattern.test(message))?.[1];
}
