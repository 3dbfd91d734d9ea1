import * as z from 'zod';
import { Problem, readBody } from '../../../runtime/http';
import { isLegalKey, MAX_KEY_BYTES, type ObjectStore, type StoredObject } from '../../../runtime/storage';

/** Maximum size of a JSON body in bytes. A body of this size contains thousands of keys. */
const MAX_BODY_BYTES = 8 * 2 ** 20;

/** Schema of a key. */
export const keySchema = z.string().min(1).max(MAX_KEY_BYTES).refine(isLegalKey, 'expected a legal object key');

/**
 * Reads the JSON body of a request.
 *
 * @throws Problem with code `invalid-upload` if the body does not match the schema
 * @throws Problem with code `file-too-large` if the body exceeds 8 MiB
 */
export async function readJson<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.output<Schema>> {
  const body = await readBody(request, MAX_BODY_BYTES);
  return parse(schema, () => JSON.parse(body.toString()) as unknown);
}

/**
 * Parses the query of a request.
 *
 * @throws Problem with code `invalid-upload` if the query does not match the schema
 */
export function readQuery<Schema extends z.ZodType>(request: Request, schema: Schema): z.output<Schema> {
  return parse(schema, () => Object.fromEntries(new URL(request.url).searchParams));
}

function parse<Schema extends z.ZodType>(schema: Schema, read: () => unknown): z.output<Schema> {
  let value: unknown;
  try {
    value = read();
  } catch (error) {
    throw new Problem('invalid-upload', 'The body is not JSON.', { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => [...path, message].join(': '));
    throw new Problem('invalid-upload', problems.join('; '));
  }
  return parsed.data;
}

/**
 * Returns the source of a key.
 *
 * @throws Problem with code `image-not-found` if the source does not exist
 */
export async function readSource(
  source: Pick<ObjectStore, 'get'>,
  key: string,
  maxBytes: number,
): Promise<StoredObject> {
  const object = await source.get(key, { maxBytes });
  if (!object) {
    throw new Problem('image-not-found', `The images contain no ${JSON.stringify(key)}.`);
  }
  return object;
}
