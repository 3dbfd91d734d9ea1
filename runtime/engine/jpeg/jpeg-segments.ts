/** A piece of a JPEG between its start and its first scan (ITU-T T.81, annex B). */
export interface Segment {
  /** The second byte of its marker: {@link MARKERS}. */
  readonly marker: number;
  /** What follows its length. */
  readonly content: Buffer;
  /** Where it ends in the file. */
  readonly end: number;
}

/** Second bytes of markers that are asked for. */
export const MARKERS = {
  /** Frame headers: sequential coding by Huffman's method, 8 bits a sample or more. */
  baseline: 0xc0,
  extended: 0xc1,
  huffmanTables: 0xc4,
  startOfScan: 0xda,
  restartInterval: 0xdd,
  /** APP1: EXIF, and others. */
  exif: 0xe1,
} as const;

/** Arithmetic coding's conditions, in the middle of the frame headers. */
const ARITHMETIC_CONDITIONS = 0xcc;
const END_OF_IMAGE = 0xd9;

/**
 * The segments of a JPEG up to the header of its first scan, which comes last. They end without one where a file is not as
 * the standard has it, or is coded in another way than sequentially by Huffman's method.
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

/** What the header of a frame says. */
export interface Frame {
  /** Bits of a sample. */
  readonly precision: number;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  readonly components: readonly FrameComponent[];
}

/** One of the colours. */
export interface FrameComponent {
  readonly id: number;
  /** How often it is sampled in each direction, in proportion to the others. */
  readonly across: number;
  readonly down: number;
}

/** Reads the content of a frame header; undefined where it is cut, or names no size or no colour. */
export function readFrame(content: Buffer): Frame | undefined {
  const [precision = 0, count = 0] = [content[0], content[5]];
  if (count === 0 || content.length < 6 + 3 * count) {
    return undefined;
  }
  const [height, width] = [content.readUInt16BE(1), content.readUInt16BE(3)];
  // No height: it comes after the scan (DNL), which hardly anyone writes or reads.
  if (height === 0 || width === 0) {
    return undefined;
  }
  const components = Array.from({ length: count }, (_, index) => {
    const [id = 0, factors = 0] = content.subarray(6 + 3 * index);
    return { id, across: factors >> 4, down: factors & 15 };
  });
  return { precision, width, height, components };
}

function isExpected(marker: number): boolean {
  if (marker === MARKERS.baseline || marker === MARKERS.extended || marker === MARKERS.huffmanTables) {
    return true;
  }
  return marker >= 0xd0 ? marker !== END_OF_IMAGE : marker === ARITHMETIC_CONDITIONS;
}
