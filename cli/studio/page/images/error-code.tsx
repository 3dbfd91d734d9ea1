import type { VNode } from 'preact';

const DOCUMENTATION = 'https://github.com/cdk-thumbnails/cdk-thumbnails/blob/main/docs/reference/error-codes.md';

/** Error code with a link to the documentation of the code. */
export function ErrorCode({
  code,
  section = 'error-codes',
}: {
  readonly code: string;
  readonly section?: string;
}): VNode {
  return (
    <a class="code" href={`${DOCUMENTATION}#${section}`} target="_blank" rel="noreferrer">
      {code}
      <span class="visually-hidden"> (documentation, opens in a new tab)</span>
    </a>
  );
}
