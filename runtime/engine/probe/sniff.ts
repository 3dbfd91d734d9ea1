import { brandsOf, itemTypesOf } from '../heif/iso-boxes';
import type { SourceFormat } from '../types';

/** How far into a text the start of an SVG may lie: the same as libvips's own reader looks. */
const SVG_WINDOW = 1000;

const HEIC_BRANDS: ReadonlySet<string> = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']);
const AVIF_BRANDS: ReadonlySet<string> = new Set(['avif', 'avis']);
/** Brands of pictures in general, which leave open what they are coded with. */
const GENERIC_BRANDS: ReadonlySet<string> = new Set(['mif1', 'mif2', 'msf1', 'miaf']);

/** What people take for images that a browser shows, by where its files hold what, so that a refusal can name it. */
const OTHERS: readonly (readonly [at: number, text: string, name: string])[] = [
  [0, 'BM', 'a BMP'],
  [0, '%PDF-', 'a PDF'],
  [0, '8BPS', 'a Photoshop document'],
  [0, '\0\0\x01\0', 'a Windows icon'],
  [4, 'JXL ', 'a JPEG XL'],
  [0, '\xff\x0a', 'a JPEG XL'],
  [4, 'jP  ', 'a JPEG 2000'],
  [0, '\xff\x4f\xff\x51', 'a JPEG 2000'],
  [0, '\x1f\x8b', 'compressed with gzip'],
  [0, 'PK\x03\x04', 'a ZIP archive'],
];

/**
 * The format that the bytes are in, told by their content alone: names and declared types lie. `undefined` when it is
 * none that the engine reads.
 */
export function sniff(bytes: Buffer): SourceFormat | undefined {
  const start = bytes.toString('latin1', 0, 16);
  if (start.startsWith('\xff\xd8\xff')) {
    return 'jpeg';
  }
  if (start.startsWith('\x89PNG\r\n\x1a\n')) {
    return 'png';
  }
  if (start.startsWith('RIFF') && start.slice(8, 12) === 'WEBP') {
    return 'webp';
  }
  if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) {
    return 'gif';
  }
  // little and big endian, each plain or BigTIFF
  if (/^(?:II[*+]\0|MM\0[*+])/.test(start)) {
    return 'tiff';
  }
  if (start.slice(4, 8) === 'ftyp') {
    return sniffBoxes(bytes);
  }
  return isSvg(bytes) ? 'svg' : undefined;
}

/** What the bytes seem to be, in words for a refusal: `a PDF`, or the bytes that they start with. */
export function describe(bytes: Buffer): string {
  const start = bytes.toString('latin1', 0, 64);
  const known = OTHERS.find(([at, text]) => start.startsWith(text, at));
  if (known !== undefined) {
    return known[2];
  }
  if (brandsOf(bytes).length > 0) {
    return 'a video or another ISO media file';
  }
  if (/^\s*<(?:!doctype )?html/i.test(start)) {
    return 'an HTML page';
  }
  const first = bytes
    .subarray(0, 8)
    .toString('hex')
    .replace(/..(?=.)/g, '$& ');
  return `unknown content that starts with the bytes ${first}`;
}

function sniffBoxes(bytes: Buffer): SourceFormat | undefined {
  const brands = brandsOf(bytes);
  for (const brand of brands) {
    if (AVIF_BRANDS.has(brand)) {
      return 'avif';
    }
    if (HEIC_BRANDS.has(brand)) {
      return 'heic';
    }
  }
  if (!brands.some((brand) => GENERIC_BRANDS.has(brand))) {
    return undefined;
  }
  for (const type of itemTypesOf(bytes)) {
    if (type === 'av01') {
      return 'avif';
    }
    if (type === 'hvc1' || type === 'hev1') {
      return 'heic';
    }
  }
  return undefined;
}

/** Whether the first element of a text is `<svg>`, after a declaration, a document type and comments. */
function isSvg(bytes: Buffer): boolean {
  let text = decode(bytes.subarray(0, SVG_WINDOW))
    .replace(/^\ufeff/, '')
    .trimStart();
  for (;;) {
    const rest = text.replace(/^(?:<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!doctype\s+svg[^>[]*(?:\[[\s\S]*?\]\s*)?>)\s*/i, '');
    if (rest === text) {
      return /^<(?:svg:)?svg[\s>/]/i.test(text);
    }
    text = rest;
  }
}

function decode(bytes: Buffer): string {
  const littleEndian = bytes[0] === 0xff && bytes[1] === 0xfe;
  return bytes.toString(littleEndian ? 'utf16le' : 'utf8');
}
