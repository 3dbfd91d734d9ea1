import { METADATA_TEXTS, type MetadataText } from '../../contract';
import { sharp } from '../libvips';
import type { SourceFormat } from '../types';

/** Texts of a source by field. Missing and empty texts are absent. */
export type ExifTexts = Readonly<Partial<Record<MetadataText, string>>>;

/** Tags of the first EXIF directory: https://www.cipa.jp/std/documents/e/DC-X008-Translation-2019-E.pdf, section 4.6.4 */
const TAGS: Readonly<Record<number, MetadataText>> = { 0x010e: 'description', 0x013b: 'artist', 0x8298: 'copyright' };
/** Formats whose EXIF libvips reads. */
const FORMATS: ReadonlySet<SourceFormat> = new Set(['jpeg', 'png', 'webp', 'avif']);
const IDENTIFIER = Buffer.from('Exif\0\0', 'latin1');
const ENTRY_BYTES = 12;
const ASCII = 2;
/** Maximum length of a text in bytes. Longer texts are truncated, because thumbnails are small files. */
const MAX_BYTES = 1000;

/**
 * Reads copyright, artist and description of a source. Unreadable EXIF results in no texts, because pixels do not need EXIF.
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

/** Parses the texts of the first directory. Reads no other directory, such as the directory of the GPS position. */
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

/** Returns the fields in the format of sharp's `withExif`; undefined without texts. */
export function exifOf(texts: ExifTexts, kept: readonly string[]): Record<string, string> | undefined {
  const fields = METADATA_TEXTS.flatMap((field) => {
    const text = kept.includes(field) ? texts[field] : undefined;
    // libvips drops the last group in parentheses, because its own texts end with a description of the value.
    return text === undefined ? [] : [[EXIF_NAMES[field], `${text} ()`] as const];
  });
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

const EXIF_NAMES: Readonly<Record<MetadataText, string>> = {
  copyright: 'Copyright',
  artist: 'Artist',
  description: 'ImageDescription',
};

/** Removes control characters. A copyright can have two parts, for photographer and editor, with a NUL between them. */
function cleaned(text: string): string {
  return text
    .replace(/\0+$/, '')
    .replace(/\0/g, '; ')
    .replace(/\p{Cc}|\uFFFD/gu, ' ')
    .trim();
}
