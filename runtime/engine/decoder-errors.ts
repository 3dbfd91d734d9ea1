import { types } from 'node:util';
import { isLayered } from './heif/primary-item';
import { isTruncated } from './probe/truncation';
import { ImageRejection, type RejectionCode } from './rejection';
import type { SourceFormat } from './types';

/** Error of libheif. @see https://github.com/strukturag/libheif/blob/master/libheif/api/libheif/heif_error.h */
export interface HeifFailure {
  readonly code: number;
  readonly subcode: number;
  readonly message: string;
}

/** Error codes for failures whose cause is not the file, with patterns of the messages of sharp and libvips. */
const MACHINE_MESSAGES: readonly (readonly [pattern: RegExp, code: RejectionCode])[] = [
  // sharp throws an error with this message if a pipeline exceeds the time limit of `.timeout()`.
  [/^timeout: /, 'timeout'],
  [/out of memory|bad_alloc|unable to allocate|cannot allocate|insufficient memory/i, 'out-of-memory'],
];

/** Patterns of libheif's messages about its security limits, with their error codes: limits of image sizes come first. */
const SECURITY_MESSAGES: readonly (readonly [pattern: RegExp, code: RejectionCode])[] = [
  [/(?:image size|pixels|dimensions).*(?:exceed|allowed|too large)/i, 'too-many-pixels'],
  [/(?:iinf|items?|tiles?|extents|children|references|entries)\b.*exceed/i, 'too-many-frames'],
];

/** Patterns of messages about the file, with their error codes. All other messages result in the code `corrupt`. */
const FILE_MESSAGES: readonly (readonly [pattern: RegExp, code: RejectionCode])[] = [
  ...SECURITY_MESSAGES.map(
    ([pattern, code]) => [new RegExp(`Security limit exceeded.*${pattern.source}`, 'i'), code] as const,
  ),
  // libjpeg and libnsgif report truncated data, because JPEG and GIF headers do not contain the length of the file.
  [/premature end of JPEG|Unexpected end of GIF source data/i, 'truncated'],
  // libjpeg rejects sides of more than 65,500 pixels.
  [/Maximum supported image dimension/i, 'too-many-pixels'],
  // sharp rejects images with more than 5 channels.
  [/exceeds channel limit/i, 'unsupported-format'],
  // libheif was compiled without a codec or a feature.
  [/has not been built in|Unsupported (?:feature|codec|file-?type|image type)|not implemented/i, 'unsupported-format'],
  // libtiff and the TIFF loader of libvips do not support some compressions, sample layouts and colour spaces.
  [/is not configured|not supported|not a whole number of bytes|bad labq format/i, 'unsupported-format'],
  // libjpeg supports neither lossless nor hierarchical coding.
  [/Unsupported JPEG process|arithmetic (?:en)?coding/i, 'unsupported-format'],
];

/** Error codes of the runtime by error code of libheif. All other codes of libheif result in the code `corrupt`. */
const HEIF_CODES: ReadonlyMap<number, RejectionCode> = new Map([
  [3, 'unsupported-format'], // heif_error_Unsupported_filetype
  [4, 'unsupported-format'], // heif_error_Unsupported_feature
  [6, 'out-of-memory'], // heif_error_Memory_allocation_error
  [11, 'unsupported-format'], // heif_error_Plugin_loading_error: no decoder for the codec
]);
/** heif_suberror_End_of_data */
const HEIF_END_OF_DATA = 100;
/** heif_suberror_Security_limit_exceeded: a number or a size in the file exceeds a security limit of libheif. */
const HEIF_SECURITY_LIMIT = 1000;

const SUMMARIES: Readonly<Partial<Record<RejectionCode, string>>> = {
  'too-many-pixels': 'the image exceeds the maximum dimensions of its decoder',
  truncated: 'the image is truncated: the end of the file is missing',
  corrupt: 'the image is corrupt',
  'unsupported-format': 'the image uses a feature of its format that is not supported',
  'out-of-memory': 'not enough memory to decode the image',
  timeout: 'the image took longer than maxDurationSeconds',
};

/**
 * Converts an error of a decoder to a rejection. Returns all other errors unchanged: existing rejections, and errors that a bug
 * in the runtime causes.
 */
export function rejectionOf(error: unknown, format: SourceFormat, bytes: Buffer): unknown {
  if (!isNativeError(error)) {
    return error;
  }
  const message = messageOf(error);
  const code =
    codeOf(MACHINE_MESSAGES, message) ??
    (isTruncated(format, bytes) ? 'truncated' : codeOf(FILE_MESSAGES, message)) ??
    (format === 'avif' && isLayered(bytes) ? 'unsupported-format' : 'corrupt');
  return reject(code, message, error);
}

/**
 * Converts a known error of an encoder to a rejection. The known errors do not depend on the file. Returns all other errors
 * unchanged.
 */
export function encodingErrorOf(error: unknown): unknown {
  if (!isNativeError(error)) {
    return error;
  }
  const code = codeOf(MACHINE_MESSAGES, messageOf(error));
  return code === undefined ? error : reject(code, messageOf(error), error);
}

/** Returns the rejection for an error of libheif. */
export function heifRejectionOf(failure: HeifFailure, bytes: Buffer): ImageRejection {
  return reject(heifCodeOf(failure, bytes), failure.message);
}

function heifCodeOf({ code, subcode, message }: HeifFailure, bytes: Buffer): RejectionCode {
  if (subcode === HEIF_END_OF_DATA || isTruncated('heic', bytes)) {
    return 'truncated';
  }
  if (subcode === HEIF_SECURITY_LIMIT) {
    return codeOf(SECURITY_MESSAGES, message) ?? 'corrupt';
  }
  return HEIF_CODES.get(code) ?? 'corrupt';
}

function reject(code: RejectionCode, details: string, cause?: Error): ImageRejection {
  return new ImageRejection(code, `${SUMMARIES[code] ?? code} (${details.replaceAll('\n', '; ')})`, { cause });
}

/**
 * Returns whether sharp's native code threw an error. sharp throws plain errors. Neither subclasses of Error nor errors with a
 * `code` originate in sharp.
 *
 * `instanceof` does not work here, because native errors belong to another realm under Jest.
 */
export function isNativeError(error: unknown): error is Error {
  return types.isNativeError(error) && error.name === 'Error' && !('code' in error);
}

/**
 * Runs a decoder. Retries if the error has no message, because the code of a rejection depends on the message.
 *
 * libvips has one error buffer per process. Concurrent pipelines can clear this buffer before sharp reads the message.
 */
export async function withMessage<T>(run: () => Promise<T>, tries = 3): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (tries > 1 && isNativeError(error) && messageOf(error) === NO_MESSAGE) {
      return withMessage(run, tries - 1);
    }
    throw error;
  }
}

/** Returns the message of a decoder. Removes the prefixes of sharp and libvips, repeated lines and uninformative lines. */
export function messageOf(error: Error): string {
  const lines = error.message.split('\n').map((line) => line.replace(PREFIX, '').trim());
  const specific = [...new Set(lines)].filter((line) => line !== '' && !NOISE.test(line));
  return specific.slice(0, MAX_LINES).join('\n') || NO_MESSAGE;
}

const NO_MESSAGE = 'no message';
const PREFIX = /^(?:Input buffer has corrupt header:|VipsJpeg:|\s)+/;
/** Pattern of message lines that contain no information about the cause of the error. */
const NOISE =
  /^(?:source: bad seek to \d+|error in tile .*|Warning treated as error due to failOn setting|Unknown error)$/;
/** Maximum number of lines in a message. An image with a thousand damaged tiles can cause a thousand lines. */
const MAX_LINES = 3;

function codeOf(table: readonly (readonly [RegExp, RejectionCode])[], message: string): RejectionCode | undefined {
  return table.find(([pattern]) => pattern.test(message))?.[1];
}
