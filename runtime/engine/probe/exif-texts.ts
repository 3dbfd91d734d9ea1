import { METADATA_TEXTS, type MetadataText } from '../../contract';
import { sharp } from '../libvips';
import type { SourceFormat } from '../types';

/** EXIF texts of a source by field. A field without text is absent. */
export type ExifTexts = Readonly<Partial<Record<MetadataText, string>>>;

/**
 * Fields by tag of the first EXIF directory.
 *
 * @see https://www.cipa.jp/std/documents/e/DC-X008-Translation-2019-E.pdf, section 4.6.4
 */
const TAGS: Readonly<Record<number, MetadataText>> = { 0x010e: 'description', 0x013b: 'artist', 0x8298: 'copyright' };
/** Formats from which libvips reads EXIF. */
const FORMATS: ReadonlySet<SourceFormat> = new Set(['jpeg', 'png', 'webp', 'avif']);
const IDENTIFIER = Buffer.from('Exif\0\0', 'latin1');
const ENTRY_BYTES = 12;
const ASCII = 2;
/** Maximum length of a text in bytes. The engine truncates longer texts, because thumbnails are small files. */
const MAX_BYTES = 1000;

/**
 * Reads copyright, artist and description of a source. Returns no texts if the EXIF is unreadable, because unreadable EXIF does
 * not prevent rendering.
 */
export async function readExifTexts(bytes: Buffer, format: SourceFormat): Promise<ExifTexts> {
  if (!FORMATS.has(format)) {
    return {};
  }
  const { exif } = await sharp(bytes, { limitInputPixels: false, failOn: 'none' })
    .metadata()
    .catch(() => ({ exif: undefined }));
  return exif ? parseExifTexts(exif) : {};
}

/** Parses the texts in the first EXIF directory. Ignores other directories, such as the directory of the GPS position. */
export function parseExifTexts(exif: Buffer): ExifTexts {
  const tiff = exif.subarray(0, IDENTIFIER.length).equals(IDENTIFIER) ? exif.subarray(IDENTIFIER.length) : exif;
  const order = tiff.toString('latin1', 0, 2);
  if (tiff.length < 8 || (order !== 'II' && order !== 'MM')) {
    return {};
  }
  const u16 = (at: number): number => (order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const u32 = (at: number): number => (order === 'II' ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const directory = u32(4);
  if (directory + 2 > tiff.length) {
    return {};
  }
  const texts: Partial<Record<MetadataText, string>> = {};
  const count = u16(directory);
  for (
    let index = 0, at = directory + 2;
    index < count && at + ENTRY_BYTES <= tiff.length;
    index++, at += ENTRY_BYTES
  ) {
    const field = TAGS[u16(at)];
    const length = u32(at + 4);
    const start = length > 4 ? u32(at + 8) : at + 8;
    if (field === undefined || u16(at + 2) !== ASCII || start + length > tiff.length) {
      continue;
    }
    const text = cleaned(tiff.toString('utf8', start, start + Math.min(length, MAX_BYTES)));
    if (text !== '') {
      texts[field] = text;
    }
  }
  return texts;
}

/** Returns the kept texts in the format of sharp's `withExif`. Returns undefined if the source has none of the kept texts. */
export function exifOf(texts: ExifTexts, kept: readonly string[]): Record<string, string> | undefined {
  const fields = METADATA_TEXTS.flatMap((field) => {
    const text = kept.includes(field) ? texts[field] : undefined;
    // libvips removes the last parentheses of each text. The appended empty parentheses protect parentheses in the text.
    return text === undefined ? [] : [[EXIF_NAMES[field], `${text} ()`] as const];
  });
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

const EXIF_NAMES: Readonly<Record<MetadataText, string>> = {
  copyright: 'Copyright',
  artist: 'Artist',
  description: 'ImageDescription',
};

/** Removes control characters. A NUL becomes `; `, because it can separate the copyrights of photographer and editor. */
function cleaned(text: string): string {
  return text
    .replace(/\0+$/, '')
    .replace(/\0/g, '; ')
    .replace(/\p{Cc}|\uFFFD/gu, ' ')
    .trim();
}
