import { brandsOf, itemTypesOf } from '../heif/iso-boxes';
import type { SourceFormat } from '../types';

/** Number of bytes within which the root element of an SVG must start. libvips has the same limit. */
const SVG_WINDOW = 1000;

const HEIC_BRANDS: ReadonlySet<string> = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']);
const AVIF_BRANDS: ReadonlySet<string> = new Set(['avif', 'avis']);
/** Brands of HEIF images that do not determine the codec. */
const GENERIC_BRANDS: ReadonlySet<string> = new Set(['mif1', 'mif2', 'msf1', 'miaf']);

/** Signatures of unsupported formats, with the names of the formats for error messages. */
const UNSUPPORTED: readonly (readonly [offset: number, signature: string, name: string])[] = [
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
  // ExifTool detects camera raw files by these signatures:
  // https://github.com/exiftool/exiftool/blob/master/lib/Image/ExifTool.pm
  [0, 'FUJIFILMCCD-RAW', 'a camera raw file (RAF)'],
  [0, 'IIRO', 'a camera raw file (ORF)'],
  [0, 'IIRS', 'a camera raw file (ORF)'],
  [0, 'MMOR', 'a camera raw file (ORF)'],
  [0, 'IIU\0', 'a camera raw file (RW2)'],
  [4, 'ftypcrx ', 'a camera raw file (CR3)'],
  [0, '\0MRM', 'a camera raw file (MRW)'],
  [0, 'FOVb', 'a camera raw file (X3F)'],
];

/** Detects the format of a file from its content. Returns undefined for unsupported formats. */
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
  // The version number after the byte order is 42 ("*") for TIFF and 43 ("+") for BigTIFF.
  if (/^(?:II[*+]\0|MM\0[*+])/.test(start)) {
    return 'tiff';
  }
  if (start.slice(4, 8) === 'ftyp') {
    return sniffBoxes(bytes);
  }
  return isSvg(bytes) ? 'svg' : undefined;
}

/** Describes an unsupported file for an error message, by its format (such as `a PDF`) or by its first bytes. */
export function describe(bytes: Buffer): string {
  const start = bytes.toString('latin1', 0, 64);
  const known = UNSUPPORTED.find(([offset, signature]) => start.startsWith(signature, offset));
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
  return `of an unknown format (first bytes ${first})`;
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

/**
 * Returns whether a file is a text whose root element is `<svg>`. An XML declaration, a document type and comments may precede
 * the root element.
 */
function isSvg(bytes: Buffer): boolean {
  let text = decodeText(bytes.subarray(0, SVG_WINDOW))
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

function decodeText(bytes: Buffer): string {
  const littleEndian = bytes[0] === 0xff && bytes[1] === 0xfe;
  return bytes.toString(littleEndian ? 'utf16le' : 'utf8');
}
