import type { Warning } from '../../runtime/errors/warning-codes';
import type { ManifestThumbnail, Outcome } from '../../runtime/pipeline';
import { MAX_KEY_BYTES } from '../../runtime/storage';

/**
 * What became of a file.
 *
 * - `rendered`: its thumbnails were made
 * - `unchanged`: they were there already, from this file and these settings
 * - `rejected`: it is no image that can be served; `code` says why
 * - `error`: something else failed; `message` says what
 */
export type FileStatus = 'rendered' | 'unchanged' | 'rejected' | 'error';

/** One line of `--json`. */
export interface FileRecord {
  readonly file: string;
  readonly status: FileStatus;
  /** Why it was rejected: a code of the engine's rejections, or `invalid-key` for a path that no object can have. */
  readonly code?: string;
  /** In words, where it was rejected or failed. */
  readonly message?: string;
  /** Of the picture as it is seen, in pixels. */
  readonly width?: number;
  readonly height?: number;
  /** Format of the file, told by content. */
  readonly format?: string;
  /** Warnings of the manifest, if there are any. */
  readonly warnings?: readonly Warning[];
  /** Time from the first look at the file to its manifest, in milliseconds. */
  readonly ms: number;
  readonly thumbnails: readonly ManifestThumbnail[];
}

/** The record of a file that the pipeline was done with. */
export function recordOf(file: string, outcome: Outcome, ms: number): FileRecord {
  if (outcome.status === 'ignored' || outcome.status === 'deleted') {
    return failureOf(file, new Error(`the file was ${outcome.status} while it was worked on`), ms);
  }
  const { manifest } = outcome;
  if (manifest.status === 'rejected') {
    return { file, status: 'rejected', ...manifest.rejection, ms, thumbnails: [] };
  }
  const { width, height, format } = manifest.image;
  const { warnings } = manifest;
  const status = outcome.status === 'made' ? 'rendered' : 'unchanged';
  return {
    file,
    status,
    width,
    height,
    format,
    ...(warnings.length > 0 && { warnings }),
    ms,
    thumbnails: manifest.thumbnails,
  };
}

/** The record of a file whose path is longer than the key of an object may be. */
export function timeoutOf(file: string): FileRecord {
  const message = `its path below the folder is longer than the key of an object may be (${MAX_KEY_BYTES} bytes): move it, or name a folder nearer to it`;
  return { file, status: 'rejected', code: 'invalid-key', message, ms: 0, thumbnails: [] };
}

/** The record of a file that could not be worked on. */
export function failureOf(file: string, error: unknown, ms: number): FileRecord {
  const { message } = error as Error;
  const code = error instanceof Error && 'code' in error ? { code: String(error.code) } : {};
  return { file, status: 'error', ...code, message, ms, thumbnails: [] };
}

/** A record as a line for people. */
export function lineOf(record: FileRecord): string {
  const { file, status, code, message, width, height, format, warnings = [], ms, thumbnails } = record;
  if (status === 'rejected' || status === 'error') {
    return `${status.padEnd(9)} ${file}: ${message}${code ? ` (${code})` : ''}`;
  }
  const bytes = thumbnails.reduce((sum, thumbnail) => sum + thumbnail.bytes, 0);
  const made = `${thumbnails.length} thumbnails, ${(bytes / 1024).toFixed(0)} kB`;
  const warned = warnings.map(({ code, message: text }) => `; warning: ${text} (${code})`).join('');
  return `${status.padEnd(9)} ${file}: ${format} ${width}×${height}, ${made}, ${ms} ms${warned}`;
}
