import type { Warning } from '../../runtime/errors/warning-codes';
import type { ManifestThumbnail, Outcome } from '../../runtime/pipeline';
import { MAX_KEY_BYTES } from '../../runtime/storage';
import { escapeControls } from '../terminal';

/** All values of {@link FileStatus}. */
export const FILE_STATUSES = ['made', 'unchanged', 'rejected', 'failed'] as const;

/**
 * Status of a file after the command `render`.
 *
 * - `made`: the command created the thumbnails
 * - `unchanged`: the thumbnails were already current
 * - `rejected`: every attempt fails, because of the content of the file; `code` contains the reason
 * - `failed`: a later attempt may succeed; `message` contains the reason
 */
export type FileStatus = (typeof FILE_STATUSES)[number];

/** Result of one file. With `--json`, the command prints each record as one line. */
export interface FileRecord {
  readonly file: string;
  readonly status: FileStatus;
  /** Code of the rejection or failure. */
  readonly code?: string;
  /** Description of the rejection or failure. */
  readonly message?: string;
  /** Width of the upright image in pixels. */
  readonly width?: number;
  /** Height of the upright image in pixels. */
  readonly height?: number;
  /** Format of the file, detected from its content. */
  readonly format?: string;
  /** Warnings of the manifest; undefined without warnings. */
  readonly warnings?: readonly Warning[];
  /** Time from reading the file to writing its manifest, in milliseconds. */
  readonly ms: number;
  readonly thumbnails: readonly ManifestThumbnail[];
}

export function recordOf(file: string, outcome: Outcome, ms: number): FileRecord {
  if (!('manifest' in outcome)) {
    return failureOf(file, new Error('the file was removed during the run'), ms);
  }
  const { manifest } = outcome;
  if (manifest.status === 'rejected') {
    return { file, status: 'rejected', ...manifest.rejection, ms, thumbnails: [] };
  }
  const { width, height, format } = manifest.image;
  const { warnings } = manifest;
  const status = outcome.status === 'made' ? 'made' : 'unchanged';
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

/** Returns the record of a file whose path exceeds the maximum length of a key. */
export function longPathRecordOf(file: string): FileRecord {
  const message = `the path below the directory exceeds ${MAX_KEY_BYTES} bytes; move the file or pass a directory closer to it`;
  return { file, status: 'rejected', code: 'invalid-key', message, ms: 0, thumbnails: [] };
}

/** Returns the record of a failed file. */
export function failureOf(file: string, error: unknown, ms: number): FileRecord {
  const { message } = error as Error;
  const code = error instanceof Error && 'code' in error ? { code: String(error.code) } : {};
  return { file, status: 'failed', ...code, message, ms, thumbnails: [] };
}

/** Returns a record as a line of text. */
export function lineOf(record: FileRecord): string {
  const { file, status, code, message, width, height, format, warnings = [], ms, thumbnails } = record;
  const start = `${status.padEnd(9)} ${escapeControls(file)}: `;
  if (status === 'rejected' || status === 'failed') {
    return `${start}${escapeControls(message ?? '')}${code ? ` (${code})` : ''}`;
  }
  const bytes = thumbnails.reduce((sum, thumbnail) => sum + thumbnail.bytes, 0);
  const size = `${thumbnails.length} thumbnails, ${(bytes / 1024).toFixed(0)} kB`;
  const warned = warnings.map(({ code: id, message: text }) => `; warning: ${escapeControls(text)} (${id})`).join('');
  return `${start}${format} ${width}×${height}, ${size}, ${ms} ms${warned}`;
}
