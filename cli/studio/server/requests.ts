import * as v from 'valibot';
import { Problem, readBody } from '../../../runtime/http';
import { isLegalKey, MAX_KEY_BYTES, type ObjectStore, type StoredObject } from '../../../runtime/storage';

/** Maximum size of a JSON body in bytes. */
const MAX_BODY_BYTES = 8 * 2 ** 20;

/** Schema of a key. */
export const keySchema = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(MAX_KEY_BYTES),
  v.check(isLegalKey, 'expected a legal object key'),
);

/**
 * Reads the JSON body of a request.
 *
 * @throws Problem with code `invalid-upload` if the body does not match the schema
 * @throws Problem with code `file-too-large` if the body exceeds 8 MiB
 */
export async function readJson<T>(request: Request, schema: v.GenericSchema<unknown, T>): Promise<T> {
  const body = await readBody(request, MAX_BODY_BYTES);
  return parse(schema, () => JSON.parse(body.toString()) as unknown);
}

/**
 * Parses the query of a request.
 *
 * @throws Problem with code `invalid-upload` if the query does not match the schema
 */
export function readQuery<T>(request: Request, schema: v.GenericSchema<unknown, T>): T {
  return parse(schema, () => Object.fromEntries(new URL(request.url).searchParams));
}

function parse<T>(schema: v.GenericSchema<unknown, T>, read: () => unknown): T {
  let value: unknown;
  try {
    value = read();
  } catch (error) {
    throw new Problem('invalid-upload', 'The body is not JSON.', { cause: error });
  }
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    const problems = parsed.issues.map((issue) => [v.getDotPath(issue) ?? [], issue.message].flat().join(': '));
    throw new Problem('invalid-upload', problems.join('; '));
  }
  return parsed.output;
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
    throw new Problem('image-not-found', `No image has the key ${JSON.stringify(key)}.`);
  }
  return object;
}
