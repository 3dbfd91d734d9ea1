import { readCoreSettings } from '../../runtime/config/core-settings';
import type { CoreSettings } from '../../runtime/contract';
import { inspectKey, type KeyInspection } from '../../runtime/pipeline';
import { openObjectStore } from '../../runtime/storage';
import { findPipeline } from '../stack/deployed-pipeline';
import { escapeControls, type Terminal } from '../terminal';
import { findDeadLetters } from './dead-letters';

/** Options of the command `inspect`. */
export interface InspectOptions {
  /** Name of a deployed stack. @default - no stack; the command reads the environment variables of the container */
  readonly stack?: string;
  /** Service name of the pipeline in the stack. @default - the only pipeline of the stack */
  readonly pipeline?: string;
  /** Print a JSON record instead of text. */
  readonly json?: boolean;
}

/** JSON record of the command `inspect`. */
export interface InspectRecord extends KeyInspection {
  /** Messages in the dead-letter queue that contain the key; undefined for a pipeline without a queue. */
  readonly deadLetters?: Awaited<ReturnType<typeof findDeadLetters>>;
}

/**
 * Prints the state of a source key: source, manifest, thumbnails, and messages in the dead-letter queue.
 *
 * @returns the exit code: 0 if the thumbnail set is current, absent or ignored, else 1
 * @throws Error if the stack contains no such pipeline, the environment is invalid, or a request fails
 */
export async function inspect(
  key: string,
  { stack, pipeline, json = false }: InspectOptions,
  environment: Readonly<Record<string, string | undefined>>,
  { out }: Terminal,
): Promise<number> {
  const deployed = stack === undefined ? undefined : await findPipeline(stack, pipeline);
  const settings = deployed?.settings ?? readCoreSettings(environment);
  const [source, thumbnails] = await Promise.all([
    openObjectStore(settings.storage, settings.sourceLocation.name),
    openObjectStore(settings.storage, settings.thumbnailLocation.name),
  ]);
  const inspection = await inspectKey({ source, thumbnails }, settings, key);
  const deadLetters = deployed?.queue === undefined ? undefined : await findDeadLetters(deployed.queue, key);
  const record: InspectRecord = { ...inspection, ...(deadLetters && { deadLetters }) };
  out.write(json ? `${JSON.stringify(record)}\n` : `${linesOf(record, settings).map(escapeControls).join('\n')}\n`);
  const isExpected = ['current', 'absent', 'ignored'].includes(record.state);
  return isExpected && (deadLetters?.found.length ?? 0) === 0 ? 0 : 1;
}

const EXPLANATIONS: Readonly<Record<KeyInspection['state'], string>> = {
  current: 'the thumbnail set matches the source and the settings',
  outdated: 'the thumbnail set belongs to an earlier source or to other settings',
  missing: 'the source has no thumbnail set yet',
  leftover: 'the source does not exist, and files of its thumbnail set remain',
  absent: 'neither the source nor a thumbnail set exists',
  ignored:
    'the pipeline ignores this key, because its prefix or suffix does not match, or the library itself wrote the object',
};

function linesOf({ key, state, source, manifest, folder, files, deadLetters }: InspectRecord, settings: CoreSettings) {
  const line = (label: string, text: string): string => `${`${label}:`.padEnd(14)} ${text}`;
  return [
    line('key', key),
    line('state', `${state}: ${EXPLANATIONS[state]}`),
    line(
      'source',
      source
        ? `${settings.sourceLocation.name}, ${source.bytes} bytes, ${source.contentType ?? 'no content type'}, ` +
            `ETag ${source.etag}, written ${source.lastModified.toISOString()}`
        : 'does not exist',
    ),
    line('manifest', manifest ? `${manifest.status}, for ETag ${manifest.source.etag}` : 'does not exist'),
    ...(manifest?.status === 'rejected'
      ? [line('rejection', `${manifest.rejection.code}: ${manifest.rejection.message}`)]
      : []),
    ...(manifest?.warnings ?? []).map(({ code, message }) => line('warning', `${code}: ${message}`)),
    ...Object.keys(files).map((file) => line('file', `${settings.thumbnailLocation.name}/${folder}/${file}`)),
    ...(deadLetters?.found ?? []).map(({ messageId, sent }) => line('dead letter', `${messageId}, sent ${sent}`)),
    ...(deadLetters?.isComplete === false ? [line('dead letters', 'the queue is too long to search completely')] : []),
  ];
}
