import { MAX_KEY_BYTES } from '../storage';
import { Problem } from './problems/problem';

/**
 * Decodes a percent-encoded key of a path or query. The function decodes the key exactly once.
 *
 * @throws Problem with code `invalid-key` if the encoding or the key is invalid
 */
export function decodeKey(encoded: string): string {
  return validateKey(percentDecode(encoded));
}

/**
 * Validates a decoded key and returns it.
 *
 * @throws Problem with code `invalid-key` if the key is empty, too long or contains a NUL character
 */
export function validateKey(key: string): string {
  const bytes = Buffer.byteLength(key);
  if (key === '') {
    throw new Problem('invalid-key', 'The key is empty. Append it to the path, or pass it as the query parameter key.');
  }
  if (key.includes('\0')) {
    throw new Problem('invalid-key', 'The key contains a NUL character.');
  }
  if (bytes > MAX_KEY_BYTES) {
    throw new Problem('invalid-key', `The key has ${bytes} bytes; the maximum is ${MAX_KEY_BYTES}.`);
  }
  return key;
}

/**
 * Returns the key in the query parameter `key`. Unlike a path, a query parameter can represent every key. The function decodes
 * `+` to a space.
 *
 * @throws Problem with code `invalid-key` if the parameter is missing or invalid
 */
export function keyOfQuery(url: string): string {
  return decodeKey((queryValue(url, 'key') ?? '').replaceAll('+', '%20'));
}

/** Returns the first value of a query parameter, without decoding it. */
export function queryValue(url: string, name: string): string | undefined {
  for (const parameter of queryOf(url).split('&')) {
    const separator = parameter.indexOf('=');
    if (separator >= 0 && parameter.slice(0, separator) === name) {
      return parameter.slice(separator + 1);
    }
  }
  return undefined;
}

/** Returns the unchanged query of a URL, without `?`. */
export function queryOf(url: string): string {
  return /^[^?#]*\?([^#]*)/.exec(url)?.[1] ?? '';
}

/** Returns the unchanged path of an absolute URL. The path is percent-encoded and not normalized. */
export function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('//') + 2);
  return /^[^?#]*/.exec(url.slice(start))![0];
}

function percentDecode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (error) {
    throw new Problem('invalid-key', 'The key is not percent-encoded UTF-8. Encode a literal % as %25.', {
      cause: error,
    });
  }
}
