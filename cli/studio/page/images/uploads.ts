import { signal } from '@preact/signals';
import { upload } from '../../../../client/upload';
import { messageOf } from '../shared/requests';

/** An upload on the page. */
export interface Upload {
  readonly id: number;
  readonly name: string;
  readonly bytes: number;
  readonly sent: number;
  readonly state: 'queued' | 'sending' | 'sent' | 'failed';
  readonly error?: string;
}

/** All uploads of the page, with the oldest upload first. */
export const uploads = signal<readonly Upload[]>([]);

/** Maximum number of concurrent uploads. */
const CONCURRENCY = 4;
/** Media types by file extension. The page uses these types if the browser does not recognize the media type of a file. */
const TYPES: Readonly<Record<string, string>> = {
  avif: 'image/avif',
  gif: 'image/gif',
  heic: 'image/heic',
  heif: 'image/heif',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  png: 'image/png',
  svg: 'image/svg+xml',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  webp: 'image/webp',
};

const queue: { readonly id: number; readonly file: File; readonly key: string }[] = [];
let lastId = 0;
let running = 0;

/**
 * Uploads files. The key of an image consists of the prefix and the file name. An upload replaces the existing image with the
 * same key.
 */
export function addFiles(files: Iterable<File>, prefix: string): void {
  for (const file of files) {
    const id = ++lastId;
    uploads.value = [...uploads.value, { id, name: file.name, bytes: file.size, sent: 0, state: 'queued' }];
    queue.push({ id, file, key: prefix + file.name });
  }
  startQueued();
}

/** Removes uploads that are complete or failed. */
export function clearFinished(): void {
  uploads.value = uploads.value.filter(({ state }) => state === 'queued' || state === 'sending');
}

function startQueued(): void {
  while (running < CONCURRENCY && queue.length > 0) {
    const { id, file, key } = queue.shift()!;
    running++;
    update(id, { state: 'sending' });
    const extension = /\.(\w+)$/.exec(file.name)?.[1]?.toLowerCase() ?? '';
    upload({ url: location.origin }, file, {
      key,
      contentType: file.type || TYPES[extension] || 'application/octet-stream',
      onProgress: (sent, total) => update(id, { sent: total > 0 ? (sent / total) * file.size : file.size }),
    })
      .then(
        () => update(id, { state: 'sent', sent: file.size }),
        (error: unknown) => update(id, { state: 'failed', error: messageOf(error) }),
      )
      .finally(() => {
        running--;
        startQueued();
      });
  }
}

function update(id: number, change: Partial<Upload>): void {
  uploads.value = uploads.value.map((item) => (item.id === id ? { ...item, ...change } : item));
}
