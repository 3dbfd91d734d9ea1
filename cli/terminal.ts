import { createInterface } from 'node:readline/promises';
import { Presets, SingleBar } from 'cli-progress';

/** Output streams of a command. */
export interface Terminal {
  readonly out: OutputStream;
  readonly err: OutputStream;
}

/**
 * Function that asks the user a question and returns the input. Returns undefined if the user presses Ctrl+C or closes the
 * input.
 */
export type Ask = (question: string) => Promise<string | undefined>;

/** Exit code of a command that SIGINT has interrupted. */
export const INTERRUPTED = 130;

type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Characters that can move the cursor, start an escape sequence or reorder text. */
const CONTROL_CHARACTER = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;
const CONTROL_CHARACTER_IN_LINE = /[^\P{Cc}\n]|[\p{Bidi_Control}\u2028\u2029]/gu;

/** Escapes control characters as in JSON, because file names and keys could contain escape sequences for the terminal. */
export function escapeControls(text: string): string {
  return text.replace(CONTROL_CHARACTER, escape);
}

/** Writes an error message to stderr. Escapes all control characters except line breaks. */
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

/** Returns a function that asks the user a question, or undefined if stdin or stderr is not a terminal. */
export function terminalAsk(): Ask | undefined {
  return process.stdin.isTTY && process.stderr.isTTY ? ask : undefined;
}

async function ask(question: string): Promise<string | undefined> {
  const readline = createInterface({ input: process.stdin, output: process.stderr });
  const end = new AbortController();
  readline.on('SIGINT', () => end.abort()).on('close', () => end.abort());
  try {
    return await readline.question(question, { signal: end.signal });
  } catch {
    process.stderr.write('\n');
    return undefined;
  } finally {
    readline.close();
  }
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
