import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { formatBytes, plural } from '../shared/format';
import { addFiles, clearFinished, uploads, type Upload } from './uploads';

/** Maximum number of uploads that the list shows. */
const MAX_SHOWN = 8;
const STATES: Readonly<Record<Upload['state'], string>> = {
  queued: 'queued',
  sending: 'sending',
  sent: 'uploaded',
  failed: 'failed',
};

/**
 * Area for uploads. Users select files in the file dialog, or drop files anywhere on the page. Shows the progress of the
 * uploads.
 */
export function UploadArea({ prefix }: { readonly prefix: string }): VNode {
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const abort = new AbortController();
    const options = { signal: abort.signal };
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
    const over = (event: DragEvent): void => {
      if (hasFiles(event)) {
        event.preventDefault();
        setOver(true);
      }
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) {
        setOver(false);
      }
    };
    const drop = (event: DragEvent): void => {
      if (hasFiles(event)) {
        event.preventDefault();
        setOver(false);
        addFiles(event.dataTransfer!.files, prefix);
      }
    };
    addEventListener('dragenter', over, options);
    addEventListener('dragover', over, options);
    addEventListener('dragleave', leave, options);
    addEventListener('drop', drop, options);
    return () => abort.abort();
  }, [prefix]);
  return (
    <section class={isOver ? 'upload over' : 'upload'} aria-label="Upload">
      <p>
        <strong>Drop images here</strong>, anywhere on the page, or{' '}
        <button type="button" onClick={() => input.current?.click()}>
          Choose files
        </button>
        <input
          ref={input}
          type="file"
          multiple
          accept="image/*,.heic,.heif,.avif,.tif,.tiff"
          hidden
          aria-label="Images to upload"
          onChange={({ currentTarget }) => {
            addFiles(currentTarget.files ?? [], prefix);
            currentTarget.value = '';
          }}
        />
      </p>
      <UploadList />
    </section>
  );
}

function UploadList(): VNode | null {
  const list = uploads.value;
  if (list.length === 0) {
    return null;
  }
  const count = (state: Upload['state']): number => list.filter((item) => item.state === state).length;
  const open = list.filter(({ state }) => state !== 'sent');
  const shown = open.slice(0, MAX_SHOWN);
  return (
    <div class="uploads">
      <p role="status">
        {plural(count('sent'), 'image')} of {list.length} uploaded
        {count('failed') > 0 && `, ${count('failed')} failed`}
        {count('queued') + count('sending') === 0 && (
          <button type="button" class="plain" onClick={clearFinished}>
            Clear
          </button>
        )}
      </p>
      <ul>
        {shown.map(({ id, name, bytes, sent, state, error }) => (
          <li key={id} class={state}>
            <span class="name">{name}</span>
            <progress max={bytes} value={sent} aria-label={`Upload of ${name}`} />
            <span class="detail">{error ?? `${STATES[state]}, ${formatBytes(bytes)}`}</span>
          </li>
        ))}
      </ul>
      {open.length > MAX_SHOWN && <p>and {plural(open.length - MAX_SHOWN, 'more upload')}</p>}
    </div>
  );
}
