import { isNativeError, messageOf } from '../decoder-errors';

/**
 * Warnings of libjpeg that browsers and viewers pass over because nothing of the picture is missing. Everything else
 * that it warns of (bad codes, segments that end too soon, lost restart markers) stands for damaged pixels.
 */
const HARMLESS: readonly RegExp[] = [
  // Samsung's cameras have written this for a decade: https://github.com/lovell/sharp/issues/1578
  /Invalid SOS parameters for sequential JPEG/,
  // padding within the header; before other markers (tables, scans, restarts) pixels are lost
  /extraneous bytes before marker 0x(?:db|c[012]|e[0-9a-f]|fe)/,
  /unknown JFIF revision number/,
  /Unknown Adobe color transform code/,
];
/** Bytes before the end: harmless where they only fill up. */
const BEFORE_END = /(\d+) extraneous bytes before marker 0xd9/;
const END = Buffer.from([0xff, 0xd9]);

/**
 * What a decoder that takes no warnings gave up for, where it leaves the picture whole; undefined when it is about pixels,
 * or is no decoder's word at all.
 */
export function harmlessWarningOf(error: unknown, jpeg: Buffer): string | undefined {
  if (!isNativeError(error)) {
    return undefined;
  }
  const message = messageOf(error);
  const isHarmless = (line: string): boolean =>
    HARMLESS.some((pattern) => pattern.test(line)) || isPadding(Number(BEFORE_END.exec(line)?.[1]), jpeg);
  return message.split('\n').every(isHarmless) ? message.replaceAll('\n', '; ') : undefined;
}

/** Whether so many bytes before the end of a file are all alike. */
function isPadding(length: number, jpeg: Buffer): boolean {
  if (!(length > 0)) {
    return false;
  }
  const end = jpeg.lastIndexOf(END);
  const before = jpeg.subarray(Math.max(0, end - length), Math.max(0, end));
  return before.length === length && before.every((byte) => byte === before[0]);
}
