/** Marker segment of a JPEG. @see ITU-T T.81, annex B */
export interface Segment {
  /** Second byte of the marker, such as a value of {@link MARKERS}. */
  readonly marker: number;
  /** Parameters of the segment, without the marker and the length. */
  readonly content: Buffer;
  /** Offset of the first byte after the segment. */
  readonly end: number;
}

/** Second bytes of the markers that the engine reads. */
export const MARKERS = {
  /** Frame header of baseline DCT: Huffman coding with 8 bits per sample. */
  baseline: 0xc0,
  /** Frame header of extended sequential DCT: Huffman coding with 8 or 12 bits per sample. */
  extended: 0xc1,
  huffmanTables: 0xc4,
  startOfScan: 0xda,
  restartInterval: 0xdd,
  /** Marker APP1. The segment contains EXIF or XMP. */
  exif: 0xe1,
} as const;

/** Second byte of the marker DAC. The value is in the range of the frame headers, but DAC is no frame header. */
const ARITHMETIC_CONDITIONS = 0xcc;
const END_OF_IMAGE = 0xd9;

/**
 * Iterates over the segments of a JPEG up to and including the header of the first scan. Stops earlier at an invalid segment,
 * and at a frame header that is neither baseline nor extended sequential.
 */
export function* segmentsOf(jpeg: Buffer): Generator<Segment, void> {
  for (let at = 2; at + 4 <= jpeg.length;) {
    if (jpeg[at] !== 0xff) {
      return;
    }
    const marker = jpeg[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    if (end < at + 4 || end > jpeg.length || !isExpected(marker)) {
      return;
    }
    yield { marker, content: jpeg.subarray(at + 4, end), end };
    if (marker === MARKERS.startOfScan) {
      return;
    }
    at = end;
  }
}

/** Content of a frame header. */
export interface Frame {
  /** Bits per sample. */
  readonly precision: number;
  /** Width in pixels. */
  readonly width: number;
  readonly height: number;
  readonly components: readonly FrameComponent[];
}

/** Component of a frame, such as luma or chroma. */
export interface FrameComponent {
  readonly id: number;
  /** Horizontal sampling factor. */
  readonly horizontal: number;
  /** Vertical sampling factor. */
  readonly vertical: number;
}

/** Parses a frame header. Returns undefined if the header is incomplete, has a side of 0 pixels or has no components. */
export function readFrame(content: Buffer): Frame | undefined {
  const [precision = 0, count = 0] = [content[0], content[5]];
  if (count === 0 || content.length < 6 + 3 * count) {
    return undefined;
  }
  const [height, width] = [content.readUInt16BE(1), content.readUInt16BE(3)];
  // With a height of 0, a DNL segment after the scan defines the height. libjpeg does not support DNL segments.
  if (height === 0 || width === 0) {
    return undefined;
  }
  const components = Array.from({ length: count }, (_, index) => {
    const [id = 0, factors = 0] = content.subarray(6 + 3 * index);
    return { id, horizontal: factors >> 4, vertical: factors & 15 };
  });
  return { precision, width, height, components };
}

function isExpected(marker: number): boolean {
  if (marker === MARKERS.baseline || marker === MARKERS.extended || marker === MARKERS.huffmanTables) {
    return true;
  }
  return marker >= 0xd0 ? marker !== END_OF_IMAGE : marker === ARITHMETIC_CONDITIONS;
}
