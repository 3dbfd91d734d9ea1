/** Fields of a TIFF directory (IFD) by tag. Each field has up to {@link MAX_VALUES} values. @see TIFF 6.0, section 2 */
export type TiffDirectory = ReadonlyMap<number, readonly number[]>;

/** TIFF tags that the engine reads. */
export const TIFF_TAGS = {
  newSubfileType: 254,
  width: 256,
  height: 257,
  compression: 259,
  photometric: 262,
  samplesPerPixel: 277,
  planarConfiguration: 284,
  subDirectories: 330,
  extraSamples: 338,
  dngVersion: 50706,
} as const;

/** Maximum number of values that the reader returns per field. */
const MAX_VALUES = 16;
/** Bytes per value by integer type. The reader skips fields of other types. */
const TYPE_BYTES: Readonly<Record<number, 1 | 2 | 4 | 8>> = { 1: 1, 3: 2, 4: 4, 13: 4, 16: 8, 18: 8 };

/** Reads directories of a TIFF or BigTIFF. At an invalid offset, the reader stops without an error. */
export class TiffReader {
  private readonly little: boolean;
  private readonly big: boolean;

  public constructor(private readonly tiff: Buffer) {
    this.little = tiff[0] === 0x49;
    this.big = this.uint(2, 2) === 43;
  }

  /** Counts the directories of the main chain. Stops above the maximum. Counts each directory of a cycle once. */
  public countDirectories(maximum: number): number {
    const visited = new Set<number>();
    let offset = this.firstOffset();
    while (offset > 0 && offset < this.tiff.length && !visited.has(offset) && visited.size <= maximum) {
      visited.add(offset);
      offset = this.nextOffset(offset);
    }
    return visited.size;
  }

  /** Reads at most `maximum` directories of the main chain. */
  public directories(maximum: number): TiffDirectory[] {
    const directories: TiffDirectory[] = [];
    const visited = new Set<number>();
    let offset = this.firstOffset();
    while (offset > 0 && offset < this.tiff.length && !visited.has(offset) && directories.length < maximum) {
      visited.add(offset);
      directories.push(this.directoryAt(offset));
      offset = this.nextOffset(offset);
    }
    return directories;
  }

  /** Reads the directory at an offset. */
  public directoryAt(offset: number): TiffDirectory {
    const fields = new Map<number, readonly number[]>();
    const { count, start, entryBytes } = this.entriesAt(offset);
    for (let index = 0, at = start; index < count && at + entryBytes <= this.tiff.length; index++, at += entryBytes) {
      const bytes = TYPE_BYTES[this.uint(at + 2, 2)];
      if (bytes !== undefined) {
        fields.set(this.uint(at, 2), this.valuesAt(at, bytes));
      }
    }
    return fields;
  }

  private valuesAt(entry: number, bytes: 1 | 2 | 4 | 8): number[] {
    const [counterBytes, inline] = this.big ? ([8, 8] as const) : ([4, 4] as const);
    const count = this.uint(entry + 4, counterBytes);
    const value = entry + 4 + counterBytes;
    const start = count * bytes <= inline ? value : this.uint(value, counterBytes);
    return Array.from({ length: Math.min(count, MAX_VALUES) }, (_, index) => this.uint(start + index * bytes, bytes));
  }

  private firstOffset(): number {
    return this.big ? this.uint(8, 8) : this.uint(4, 4);
  }

  private nextOffset(directory: number): number {
    const { count, start, entryBytes } = this.entriesAt(directory);
    return this.uint(start + count * entryBytes, this.big ? 8 : 4);
  }

  private entriesAt(directory: number): { count: number; start: number; entryBytes: number } {
    return this.big
      ? { count: this.uint(directory, 8), start: directory + 8, entryBytes: 20 }
      : { count: this.uint(directory, 2), start: directory + 2, entryBytes: 12 };
  }

  /** Reads an unsigned integer. Returns 0 if the integer is beyond the end of the file. */
  private uint(offset: number, bytes: 1 | 2 | 4 | 8): number {
    if (offset + bytes > this.tiff.length) {
      return 0;
    }
    if (bytes === 8) {
      return Number(this.little ? this.tiff.readBigUInt64LE(offset) : this.tiff.readBigUInt64BE(offset));
    }
    return this.little ? this.tiff.readUIntLE(offset, bytes) : this.tiff.readUIntBE(offset, bytes);
  }
}
