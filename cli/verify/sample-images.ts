import { randomBytes } from 'node:crypto';
import sharp from 'sharp';

/** Size of {@link photo} in pixels after the rotation by its EXIF orientation. */
export const PHOTO_SIZE = { width: 480, height: 640 } as const;
/** Number of frames of {@link animation}. */
export const FRAMES = 3;
/** Size of each part of a multipart upload except the last part, in bytes. S3 requires at least 5 MiB. */
export const PART_BYTES = 5 * 1024 * 1024;

/** HEIC image of 64 × 64 pixels. */
const HEIC =
  'AAAAGGZ0eXBoZWljAAAAAGhlaWNtaWYxAAABOW1ldGEAAAAAAAAAIWhkbHIAAAAAAAAAAHBpY3QAAAAAAAAAAAAAAAAAAAAADnBpdG0AAAAAAAEAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAAxpcmVmAAAAAAAAALFpcHJwAAAAlGlwY28AAAAUaXNwZQAAAAAAAABAAAAAQAAAAHhodmNDAQNwAAAAAAAAAAAAHvAA/P34+AAADwMgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQCEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqSSmubgQEDAgAAAMACAAAAwAIQCIAAQAHRAHBcrAiQAAAABVpcG1hAAAAAAAAAAEAAQICAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAFZAAAAQAAAAEhtZGF0AAAAPCgBrwngITl1X//8Nz///It3IfxhtWeefRhGH/Gpn//NdljD//OSiA/okWr/5PWqY//1eFl/y1nC/BCugA==';

/** Returns a JPEG photo whose EXIF orientation exchanges width and height. Every call returns different bytes. */
export function photo(): Promise<Buffer> {
  const [r = 0, g = 0, b = 0] = randomBytes(3);
  return sharp({ create: { width: 640, height: 480, channels: 3, background: { r, g, b } } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
}

/** Returns a PNG image of random pixels that has more than {@link PART_BYTES} bytes. */
export function noise(): Promise<Buffer> {
  const [width, height] = [1500, 1200];
  const pixels = randomBytes(width * height * 3);
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer();
}

/** Returns a GIF animation of {@link FRAMES} frames. */
export function animation(): Promise<Buffer> {
  const [width, height] = [40, 30];
  const frames = Array.from({ length: FRAMES }, (_, frame) => Buffer.alloc(width * height * 3, 40 + 80 * frame));
  return sharp(Buffer.concat(frames), {
    raw: { width, height: height * FRAMES, channels: 3, pageHeight: height },
  })
    .gif({ delay: frames.map(() => 100) })
    .toBuffer();
}

/** Returns a HEIC image. The image is a constant, because sharp cannot encode HEIC. */
export function heicSample(): Buffer {
  return Buffer.from(HEIC, 'base64');
}

/** Returns a JPEG file with a size of 65,000 × 65,000 pixels in its header. */
export async function decompressionBomb(): Promise<Buffer> {
  const jpeg = await photo();
  // The frame header SOF0 consists of FF C0, length (2 bytes), precision (1 byte), height (2 bytes) and width (2 bytes).
  const frameHeader = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  jpeg.writeUInt16BE(65_000, frameHeader + 5);
  jpeg.writeUInt16BE(65_000, frameHeader + 7);
  return jpeg;
}

/** Returns a web page with a script. */
export function webPage(): Buffer {
  return Buffer.from('<!doctype html><script>alert(document.domain)</script>');
}

/** Returns an SVG image that refers to a local file. */
export function svgWithReference(): Buffer {
  return Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd" width="9" height="9"/></svg>',
  );
}
