import { codesOf, LONGEST_CODE, stepOfAc, stepOfDc, type Codes } from './huffman-codes';
import { MARKERS, readFrame, segmentsOf, type Frame } from './jpeg-segments';

interface Component {
  readonly id: number;
  /** Number of blocks of this component in each minimum coded unit. */
  readonly blocks: number;
}

/** Minimum coded units (MCU) of a frame. */
interface Units {
  readonly components: readonly Component[];
  /** Number of minimum coded units. */
  readonly units: number;
}

/** Parameters of a scan. */
export interface Scan {
  /** Offset of the compressed data in the file. */
  readonly from: number;
  readonly units: number;
  /** Number of minimum coded units between two restart markers. The number is 0 in a scan without restart markers. */
  readonly restart: number;
  /** Huffman tables of each block in a minimum coded unit. */
  readonly blocks: readonly { readonly dc: Codes; readonly ac: Codes }[];
}

/** Reads the parameters of a scan from the segments before its data. Returns undefined if the file is not supported. */
export function readHeaders(jpeg: Buffer): Scan | undefined {
  const tables = new Map<number, Codes>();
  let coded: Units | undefined;
  let restart = 0;
  for (const { marker, content, end } of segmentsOf(jpeg)) {
    if (marker === MARKERS.huffmanTables) {
      if (!readTables(content, tables)) {
        return undefined;
      }
    } else if (marker === MARKERS.baseline || marker === MARKERS.extended) {
      const frame = readFrame(content);
      coded = frame && unitsOf(frame);
      if (coded === undefined) {
        return undefined;
      }
    } else if (marker === MARKERS.restartInterval && content.length >= 2) {
      restart = content.readUInt16BE(0);
    } else if (marker === MARKERS.startOfScan) {
      return coded && readScan(content, end, coded, tables, restart);
    }
  }
  return undefined;
}

function unitsOf({ precision, width, height, components }: Frame): Units | undefined {
  const isUsual = components.every(
    ({ horizontal, vertical }) => horizontal > 0 && horizontal <= 4 && vertical > 0 && vertical <= 4,
  );
  if (precision !== 8 || !isUsual) {
    return undefined;
  }
  // In a file with one component, each minimum coded unit is one block. The sampling factors have no effect.
  const alone = components.length === 1;
  const across = alone ? 1 : Math.max(...components.map((component) => component.horizontal));
  const down = alone ? 1 : Math.max(...components.map((component) => component.vertical));
  return {
    components: components.map((component) => ({
      id: component.id,
      blocks: alone ? 1 : component.horizontal * component.vertical,
    })),
    units: Math.ceil(width / (8 * across)) * Math.ceil(height / (8 * down)),
  };
}

function readTables(segment: Buffer, tables: Map<number, Codes>): boolean {
  for (let at = 0; at < segment.length;) {
    // The first byte is 16 × the class of the table + its number. The class is 0 for DC and 1 for AC.
    const name = segment[at] ?? 0;
    const counts = segment.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (counts.length < LONGEST_CODE || at + 17 + total > segment.length) {
      return false;
    }
    const symbols = Array.from(segment.subarray(at + 17, at + 17 + total));
    const codes = codesOf(counts, symbols, name < 16 ? stepOfDc : stepOfAc);
    if (codes === undefined) {
      return false;
    }
    tables.set(name, codes);
    at += 17 + total;
  }
  return true;
}

function readScan(
  segment: Buffer,
  from: number,
  coded: Units,
  tables: ReadonlyMap<number, Codes>,
  restart: number,
): Scan | undefined {
  const count = segment[0] ?? 0;
  // The scan must contain all components of the frame, because the function supports only one scan.
  if (count !== coded.components.length || segment.length < 1 + 2 * count) {
    return undefined;
  }
  const blocks: { dc: Codes; ac: Codes }[] = [];
  for (let index = 0; index < count; index++) {
    const component = coded.components.find(({ id }) => id === segment[1 + 2 * index]);
    const numbers = segment[2 + 2 * index] ?? 0;
    const [dc, ac] = [tables.get(numbers >> 4), tables.get(0x10 | (numbers & 15))];
    if (component === undefined || dc === undefined || ac === undefined) {
      return undefined;
    }
    for (let block = 0; block < component.blocks; block++) {
      blocks.push({ dc, ac });
    }
  }
  return { from, units: coded.units, restart, blocks };
}
