/** Maximum length of an encoded word in characters. @see RFC 2047, section 2 */
const MAX_WORD = 75;
const PREFIX = '=?UTF-8?B?';
const SUFFIX = '?=';
/** Maximum number of bytes that an encoded word can contain in base64. */
const MAX_WORD_BYTES = Math.floor((MAX_WORD - PREFIX.length - SUFFIX.length) / 4) * 3;

/** Pattern of values that need no encoding in HTTP headers: words of printable ASCII with single spaces. */
const PLAIN = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/;
const WORD = /=\?([^?\s]+)\?([bq])\?([^?\s]*)\?=/gi;
const WORDS = /=\?[^?\s]+\?[bq]\?[^?\s]*\?=(?:\s+=\?[^?\s]+\?[bq]\?[^?\s]*\?=)*/gi;

/**
 * Encodes metadata for the headers of S3, which contain only ASCII. Values with other characters become encoded words of RFC
 * 2047, as in the responses of S3.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
export function encodeMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, encodeValue(value)]));
}

/** Decodes metadata in the headers of S3. Also decodes encoded words of other writers if their charset is ASCII or UTF-8. */
export function decodeMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), decodeValue(value)]));
}

function encodeValue(value: string): string {
  if (PLAIN.test(value) && !value.includes('=?')) {
    return value;
  }
  const words: string[] = [];
  let word = '';
  for (const character of value) {
    if (Buffer.byteLength(word + character) > MAX_WORD_BYTES) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((text) => PREFIX + Buffer.from(text).toString('base64') + SUFFIX).join(' ');
}

function decodeValue(value: string): string {
  // Two encoded words can each contain a part of one character. Therefore, the function joins the bytes of all words before
  // decoding the text.
  return value.replace(WORDS, (run) => {
    const words = [...run.matchAll(WORD)];
    if (!words.every(([, charset = '']) => /^(?:utf-?8|us-ascii)$/i.test(charset))) {
      return run;
    }
    return Buffer.concat(words.map(([, , encoding = '', text = '']) => decodeWord(encoding, text))).toString();
  });
}

function decodeWord(encoding: string, text: string): Buffer {
  if (encoding.toLowerCase() === 'b') {
    return Buffer.from(text, 'base64');
  }
  const bytes = text
    .replaceAll('_', ' ')
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1');
}
