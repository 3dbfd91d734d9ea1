import { boxesOf, brandsOf, itemTypesOf, metaBoxesOf, propertyBoxesOf } from './iso-boxes';

/** A file as the decoder reads it. */
export interface DecoderInput {
  readonly bytes: Buffer;
  /** Whether libheif's limits are disabled. The limits of the engine apply instead. */
  readonly unlimited: boolean;
}

/** Maximum number of items that libheif accepts by default. Photos of 200 MP have 822 tiles. */
const LIBHEIF_MAX_ITEMS = 256;

/**
 * Brands of image sequences. libheif reads files with such a brand as sequences, even if the files also contain a still image.
 */
const SEQUENCE_BRANDS: ReadonlySet<string> = new Set(['avis', 'msf1', 'hevc', 'hevx', 'hevm', 'hevs']);

/**
 * Prepares an AVIF or HEIC for its decoder. libvips detects the format by the major brand, and rejects brands such as
 * `avis` (animated AVIF), `mif2` and `miaf`. For such files, this function returns a copy with the brands of a still image.
 */
export function heifInputOf(format: 'avif' | 'heic', bytes: Buffer): DecoderInput {
  const unlimited = itemTypesOf(bytes).length > LIBHEIF_MAX_ITEMS;
  const brands = brandsOf(bytes);
  const isStill = brands[0] === format || (format === 'heic' && brands[0] === 'heix');
  if (isStill && !brands.some((brand) => SEQUENCE_BRANDS.has(brand))) {
    return { bytes, unlimited };
  }
  const copy = Buffer.from(bytes);
  copy.write(format, 8, 'latin1');
  // The version number is between the major brand and the compatible brands.
  brands.slice(1).forEach((brand, index) => {
    if (SEQUENCE_BRANDS.has(brand)) {
      copy.write('mif1', 16 + 4 * index, 'latin1');
    }
  });
  return { bytes: copy, unlimited };
}

/** Returns whether a file contains a sequence of images, but no still image. */
export function isSequenceOnly(bytes: Buffer): boolean {
  const [primary] = metaBoxesOf(bytes, 'pitm');
  return !primary && [...boxesOf(bytes, 0, bytes.length)].some(({ type }) => type === 'moov');
}

/** Values of `chroma_format_idc`: samples of the chroma planes. @see ITU-T H.265, table 6-1 */
export const CHROMA_FORMATS = ['4:0:0', '4:2:0', '4:2:2', '4:4:4'] as const;
/** One of {@link CHROMA_FORMATS}. */
export type ChromaFormat = (typeof CHROMA_FORMATS)[number];

/**
 * Returns the chroma format of a HEIC; `4:2:0` for an unknown format. If the tiles differ, the format with the most samples
 * applies.
 */
export function chromaFormatOf(bytes: Buffer): ChromaFormat {
  let format = 1;
  for (const properties of metaBoxesOf(bytes, 'iprp')) {
    for (const { type, start } of propertyBoxesOf(bytes, properties)) {
      // ISO/IEC 14496-15, section 8.3.3: HEVCDecoderConfigurationRecord.
      format = type === 'hvcC' ? Math.max(format, (bytes[start + 16] ?? 0) & 3) : format;
    }
  }
  return CHROMA_FORMATS[format as 0 | 1 | 2 | 3];
}
