import { boxesOf, brandsOf, itemTypesOf, metaBoxesOf, propertyBoxesOf } from './iso-boxes';

/** A file whose brands libvips accepts, and the limits for decoding the file. */
export interface DecoderInput {
  readonly bytes: Buffer;
  /** Whether libheif decodes the file without its own limits. The limits of the engine apply in both cases. */
  readonly unlimited: boolean;
}

/** Maximum number of items in a file that libheif accepts by default. A photo of 200 MP can have 822 items. */
const LIBHEIF_MAX_ITEMS = 256;

/**
 * Brands of image sequences. libheif reads a file with one of these brands as a sequence, even if the file also contains a
 * still image.
 */
const SEQUENCE_BRANDS: ReadonlySet<string> = new Set(['avis', 'msf1', 'hevc', 'hevx', 'hevm', 'hevs']);

/**
 * Prepares an AVIF or HEIC for its decoder. libvips detects the format by the major brand. libvips rejects some major brands,
 * such as `avis`, `mif2` and `miaf`. For a file with one of these brands, the function returns a copy with the brands of a
 * still image.
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

/** Chroma formats by the value of `chroma_format_idc`, from 0 to 3. @see ITU-T H.265, table 6-1 */
export const CHROMA_FORMATS = ['4:0:0', '4:2:0', '4:2:2', '4:4:4'] as const;
/** One of {@link CHROMA_FORMATS}. */
export type ChromaFormat = (typeof CHROMA_FORMATS)[number];

/**
 * Returns the chroma format of a HEIC. An unknown format counts as `4:2:0`. If the tiles have different formats, the function
 * returns the format with the most samples.
 */
export function chromaFormatOf(bytes: Buffer): ChromaFormat {
  let format = 1;
  for (const properties of metaBoxesOf(bytes, 'iprp')) {
    for (const { type, start } of propertyBoxesOf(bytes, properties)) {
      // ISO/IEC 14496-15, section 8.3.3, defines the offset in the HEVCDecoderConfigurationRecord.
      format = type === 'hvcC' ? Math.max(format, (bytes[start + 16] ?? 0) & 3) : format;
    }
  }
  return CHROMA_FORMATS[format as 0 | 1 | 2 | 3];
}
