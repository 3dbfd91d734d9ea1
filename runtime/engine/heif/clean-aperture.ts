import { primaryPropertiesOf } from './primary-item';

/** A rectangle in pixels. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Result of {@link withoutCrop}. */
export interface Uncropped {
  /** Copy of the file without the `clap` box. */
  readonly bytes: Buffer;
  /** Area that the `clap` box defined, in the coordinates of the rotated and mirrored image. */
  readonly area: Area;
}

/**
 * Removes the clean aperture (`clap`) of the primary item, which crops the image. Returns undefined if the image has no crop or
 * an invalid crop.
 *
 * Without this function, libheif-js would reject the image, because the coded image is larger than the crop.
 *
 * @see ISO/IEC 14496-12, section 12.1.4 and ISO/IEC 23008-12, sections 6.5.9 to 6.5.12
 */
export function withoutCrop(bytes: Buffer): Uncropped | undefined {
  const properties = primaryPropertiesOf(bytes);
  const extent = properties.find(({ type }) => type === 'ispe');
  const crop = properties.find(({ type }) => type === 'clap');
  if (!extent || !crop || extent.start + 12 > bytes.length || crop.start + 32 > bytes.length) {
    return undefined;
  }
  let size = { width: bytes.readUInt32BE(extent.start + 4), height: bytes.readUInt32BE(extent.start + 8) };
  let area: Area | undefined;
  for (const { type, start } of properties) {
    const value = bytes[start] ?? 0;
    if (type === 'clap') {
      const [width, height, horizontal, vertical] = [0, 8, 16, 24].map((at) => ratio(bytes, start + at));
      area = areaOf(size, { width: width!, height: height! }, { horizontal: horizontal!, vertical: vertical! });
      if (!area) {
        return undefined;
      }
    } else if (type === 'irot') {
      for (let turn = 0; turn < (value & 3); turn++) {
        area &&= { left: area.top, top: size.width - area.left - area.width, width: area.height, height: area.width };
        size = { width: size.height, height: size.width };
      }
    } else if (type === 'imir' && area) {
      const isVertical = (value & 1) === 0;
      area = isVertical
        ? { ...area, top: size.height - area.top - area.height }
        : { ...area, left: size.width - area.left - area.width };
    }
  }
  const copy = Buffer.from(bytes);
  copy.write('free', crop.start - 4, 'latin1');
  return area && { bytes: copy, area };
}

function ratio(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) / bytes.readInt32BE(at + 4);
}

/** Returns the area of a crop. The offsets are the distance from the centre of the image to the centre of the area. */
function areaOf(
  image: { readonly width: number; readonly height: number },
  crop: { readonly width: number; readonly height: number },
  offset: { readonly horizontal: number; readonly vertical: number },
): Area | undefined {
  const width = Math.round(crop.width);
  const height = Math.round(crop.height);
  const left = Math.round((image.width - crop.width) / 2 + offset.horizontal);
  const top = Math.round((image.height - crop.height) / 2 + offset.vertical);
  const isInside =
    width >= 1 && height >= 1 && left >= 0 && top >= 0 && left + width <= image.width && top + height <= image.height;
  return isInside ? { left, top, width, height } : undefined;
}
