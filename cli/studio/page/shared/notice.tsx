import { signal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';

interface Notice {
  readonly text: string;
  readonly isError?: boolean;
  /** Label of a button, and the function that a click on the button runs. @default - no button */
  readonly action?: { readonly label: string; readonly run: () => void };
}

const notice = signal<Notice | undefined>(undefined);
/** Display time of a notice in milliseconds. During this time, users can read the notice and select its button. */
const VISIBLE_MS = 15_000;

/** Replaces the current notice with a new notice. Screen readers announce the new notice. */
export function notify(next: Notice): void {
  notice.value = next;
}

/** The notice at the end of the window. */
export function NoticeArea(): VNode {
  const current = notice.value;
  useEffect(() => {
    const timer = setTimeout(() => (notice.value = undefined), VISIBLE_MS);
    return () => clearTimeout(timer);
  }, [current]);
  return (
    <div class="notice-area" role="status" aria-live="polite">
      {current && (
        <div class={current.isError ? 'notice error' : 'notice'}>
          <span>{current.text}</span>
          {current.action && (
            <button
              type="button"
              onClick={() => {
                notice.value = undefined;
                current.action?.run();
              }}
            >
              {current.action.label}
            </button>
          )}
          <button type="button" class="plain" aria-label="Close" onClick={() => (notice.value = undefined)}>
            ×
          </button>
        </div>
      )}
    </div>
  );
}
