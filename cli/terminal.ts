import { Presets, SingleBar } from 'cli-progress';

/** Output streams of a command. */
export interface Terminal {
  readonly out: OutputStream;
  readonly err: OutputStream;
}

type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Characters that can move the cursor, start an escape sequence or reorder text. */
const CONTROL_CHARACTER = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;
const CONTROL_CHARACTER_IN_LINE = /[^\P{Cc}\n]|[\p{Bidi_Control}\u2028\u2029]/gu;

/** Escapes the control characters of a text as in JSON, because file names and keys can contain terminal escape sequences. */
export function escapeControls(text: string): string {
  return text.replace(CONTROL_CHARACTER, escape);
}

/** Writes an error for people to stderr. Escapes all control characters but line breaks. */
export function writeError(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`cdk-thumbnails: ${message.replace(CONTROL_CHARACTER_IN_LINE, escape)}\n`);
}

/** Starts a progress bar on a stream. */
export function startProgressBar(stream: NodeJS.WritableStream, format: string, total: number): SingleBar {
  const bar = new SingleBar({ format, stream, hideCursor: true, forceRedraw: true }, Presets.shades_classic);
  bar.start(total, 0);
  return bar;
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
