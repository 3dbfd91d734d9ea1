import { once } from 'node:events';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { Problem } from '../problems/problem';
import { bodyTooLarge } from '../request-body';

/** Maximum size of a form without its file: fields and boundaries. */
const FORM_OVERHEAD_BYTES = 64 * 1024;
/** Limits of the fields before the file. A policy has about 2 KiB: a key, metadata and a media type. */
const LIMITS = { fields: 8, fieldNameSize: 100, fieldSize: 16 * 1024, headerSize: 8 * 1024, headerPairs: 20 };

/** Values of the text fields before the file, by name. */
export type UploadFormFields = ReadonlyMap<string, readonly string[]>;

/** Options of {@link readUploadForm}. */
export interface UploadFormOptions {
  /** Maximum size of a file. */
  readonly maxFileBytes: number;
  /** Checks the fields before the file is read, and returns the size that the file must have. */
  readonly begin: (fields: UploadFormFields) => number;
}

/**
 * Reads a `multipart/form-data` form whose last part is the field `file`, as S3 requires. Nothing of the file is kept in
 * memory before `begin` has accepted the fields.
 *
 * @throws Problem with code `invalid-upload-form` if the form is malformed
 * @throws Problem with code `file-too-large` if the file or the form is too large; the rest of the body is not read
 */
export async function readUploadForm(request: Request, { maxFileBytes, begin }: UploadFormOptions): Promise<Buffer> {
  const maxBytes = maxFileBytes + FORM_OVERHEAD_BYTES;
  if (Number(request.headers.get('Content-Length') ?? 0) > maxBytes) {
    throw bodyTooLarge(maxBytes);
  }
  const fields = new Map<string, string[]>();
  const chunks: Buffer[] = [];
  let fileBytes: number | undefined;
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
  };
  const parser = createParser(request.headers.get('Content-Type') ?? '');
  parser
    .on('field', (name, value) => {
      if (fileBytes !== undefined) {
        fail(new Problem('invalid-upload-form', `The field ${JSON.stringify(name)} follows the file.`));
      }
      fields.set(name, [...(fields.get(name) ?? []), value]);
    })
    .on('file', (name, file) => {
      let allowedBytes = 0;
      try {
        if (name !== 'file' || fileBytes !== undefined) {
          throw new Problem('invalid-upload-form', 'The form must contain one file, in the field file.');
        }
        fileBytes = 0;
        allowedBytes = begin(fields);
      } catch (error) {
        fail(error);
      }
      file.on('error', fail).on('data', (chunk: Buffer) => {
        fileBytes = (fileBytes ?? 0) + chunk.length;
        if (failure === undefined && fileBytes > allowedBytes) {
          fail(new Problem('file-too-large', `The file exceeds the ${allowedBytes} bytes that the form allows.`));
        }
        if (failure === undefined) {
          chunks.push(chunk);
        }
      });
    })
    .on('partsLimit', () => fail(new Problem('invalid-upload-form', 'The form has too many parts.')))
    .on('fieldsLimit', () => fail(new Problem('invalid-upload-form', 'The form has too many fields.')))
    .on('error', fail);
  const finished = new Promise<void>((resolve) => parser.once('finish', resolve).once('error', () => resolve()));

  let bytes = 0;
  const body: AsyncIterable<Uint8Array> | null = request.body;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw bodyTooLarge(maxBytes);
    }
    if (!parser.write(Buffer.from(chunk)) && failure === undefined) {
      await Promise.race([once(parser, 'drain'), finished]);
    }
    if (failure !== undefined) {
      throw problemOfForm(failure);
    }
  }
  parser.end();
  await finished;
  if (failure !== undefined) {
    throw problemOfForm(failure);
  }
  if (fileBytes === undefined) {
    throw new Problem('invalid-upload-form', 'The field file does not contain a file.');
  }
  return Buffer.concat(chunks);
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
