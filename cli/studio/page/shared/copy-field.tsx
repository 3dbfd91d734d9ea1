import type { VNode } from 'preact';
import { notify } from './notice';
import { messageOf } from './requests';

/** Text with a button that copies the text to the clipboard. */
export function CopyField({ label, text }: { readonly label: string; readonly text: string }): VNode {
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => notify({ text: `Copied: ${label}.` }),
      (error: unknown) => notify({ text: `Not copied: ${messageOf(error)}`, isError: true }),
    );
  };
  return (
    <div class="copy">
      <div class="copy-head">
        <h3>{label}</h3>
        <button type="button" aria-label={`Copy ${label}`} onClick={copy}>
          Copy
        </button>
      </div>
      <pre tabIndex={0} aria-label={label}>
        {text}
      </pre>
    </div>
  );
}
