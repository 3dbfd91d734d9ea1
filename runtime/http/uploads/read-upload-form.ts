import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { Problem } from '../problems/problem';
import { bodyTooLarge } from '../request-body';
import type { TemporaryFile } from './temporary-file';

/** Maximum size in bytes of the fields and boundaries of a form, without the file. */
const FORM_OVERHEAD_BYTES = 64 * 1024;
/**
 * Limits of the fields before the file. Sizes are in bytes. The largest field is the policy, which usually has at most 2 KiB.
 */
const LIMITS = { fields: 8, fieldNameSize: 100, fieldSize: 16 * 1024, headerSize: 8 * 1024, headerPairs: 20 };

/** Values of the text fields before the file, by name. */
export type UploadFormFields = ReadonlyMap<string, readonly string[]>;

/** Receiver of a file. */
export interface UploadTarget {
  readonly file: Pick<TemporaryFile, 'append'>;
  /** Maximum size of the file in bytes. */
  readonly maxBytes: number;
}

/** Options of {@link readUploadForm}. */
export interface UploadFormOptions {
  /** Maximum size of a file in bytes. */
  readonly maxFileBytes: number;
  /** Function that checks the fields before the file. Returns the receiver of the file. */
  readonly begin: (fields: UploadFormFields) => Promise<UploadTarget>;
}

/**
 * Reads a `multipart/form-data` form. The last part of the form must be the field `file`. S3 has the same requirement.
 *
 * The function reads the file only after `begin` accepts the fields. The memory contains at most a few chunks of the file.
 *
 * @returns the size of the file in bytes
 * @throws Problem with code `invalid-upload-form` if the form is malformed
 * @throws Problem with code `file-too-large` if the file or the form is too large. The function does not read the rest.
 */
export async function readUploadForm(request: Request, options: UploadFormOptions): Promise<number> {
  const maxBytes = options.maxFileBytes + FORM_OVERHEAD_BYTES;
  if (Number(request.headers.get('Content-Length') ?? 0) > maxBytes) {
    throw bodyTooLarge(maxBytes);
  }
  const parser = createParser(request.headers.get('Content-Type') ?? '');
  const form = new FormReader(parser, options);
  try {
    await form.read(request.body, maxBytes);
    return await form.fileBytes;
  } catch (error) {
    throw problemOfForm(error);
  } finally {
    await form.end();
  }
}

/** Reads the parts of one form. */
class FormReader {
  private readonly fields = new Map<string, string[]>();
  private readonly failure = new AbortController();
  private file: Readable | undefined;
  private received: Promise<number> | undefined;

  public constructor(
    private readonly parser: BusboyInstance,
    private readonly options: UploadFormOptions,
  ) {
    const invalid = (detail: string): void => this.fail(new Problem('invalid-upload-form', detail));
    parser
      .on('field', (name, value) => {
        if (this.received) {
          invalid(`The field ${JSON.stringify(name)} follows the file.`);
        }
        this.fields.set(name, [...(this.fields.get(name) ?? []), value]);
      })
      .on('file', (name, file) => {
        if (name !== 'file' || this.received) {
          invalid('The form must contain one file, in the field file.');
          file.resume();
          return;
        }
        this.file = file.on('error', (error) => this.fail(error));
        this.received = this.receive(file);
        this.received.catch((error: unknown) => this.fail(error));
      })
      .on('partsLimit', () => invalid('The form has too many parts.'))
      .on('fieldsLimit', () => invalid('The form has too many fields.'))
      .on('error', (error) => this.fail(error));
  }

  /** Size of the received file in bytes. */
  public get fileBytes(): Promise<number> {
    return (
      this.received ?? Promise.reject(new Problem('invalid-upload-form', 'The field file does not contain a file.'))
    );
  }

  /** Reads the body up to the end or up to the first error. */
  public async read(body: AsyncIterable<Uint8Array> | null, maxBytes: number): Promise<void> {
    const { signal } = this.failure;
    let bytes = 0;
    for await (const chunk of body ?? []) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        throw bodyTooLarge(maxBytes);
      }
      if (!this.parser.write(Buffer.from(chunk)) && !signal.aborted) {
        await once(this.parser, 'drain', { signal }).catch(() => undefined);
      }
      signal.throwIfAborted();
    }
    const finished = once(this.parser, 'finish', { signal }).catch(() => undefined);
    this.parser.end();
    await finished;
    signal.throwIfAborted();
  }

  /** Discards the rest of the form. The promise resolves when all writes to the file are complete. */
  public async end(): Promise<void> {
    this.file?.destroy();
    await this.received?.catch(() => undefined);
  }

  private async receive(file: Readable): Promise<number> {
    const { file: target, maxBytes } = await this.options.begin(this.fields);
    let bytes = 0;
    for await (const chunk of file as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        throw new Problem('file-too-large', `The file exceeds the ${maxBytes} bytes that the form allows.`);
      }
      await target.append(chunk);
    }
    return bytes;
  }

  private fail(error: unknown): void {
    this.failure.abort(error);
  }
}

function createParser(contentType: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: { ...LIMITS, files: 1, parts: LIMITS.fields + 1 },
    });
  } catch (error) {
    throw problemOfForm(error);
  }
}

function problemOfForm(error: unknown): Problem {
  return error instanceof Problem
    ? error
    : new Problem('invalid-upload-form', 'The body is not multipart/form-data.', { cause: error });
}
