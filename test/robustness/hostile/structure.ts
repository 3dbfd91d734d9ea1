import { crc32 } from 'node:zlib';
import type { Random } from '../../support/random';
import { jpegMarkersOf, PNG_SIGNATURE, pngChunksOf } from './bytes';

/** Byte range of a structural unit of a file: a chunk, segment, block, box or directory entry. */
interface Unit {
  readonly start: number;
  readonly end: number;
}

/** Removes, repeats, swaps or damages structural units. Checksums and container lengths stay correct. */
export function mutateStructure(source: Buffer, random: Random): Buffer {
  const units = unitsOf(source);
  if (units.length < 2) {
    return source;
  }
  const [first, second] = [random.below(units.length), random.below(units.length)].sort((one, other) => one - other);
  const parts = units.map(({ start, end }) => source.subarray(start, end));
  const [one, other] = [parts[first ?? 0]!, parts[second ?? 0]!];
  switch (random.below(4)) {
    case 0:
      parts.splice(first ?? 0, 1);
      break;
    case 1:
      parts.splice(second ?? 0, 0, ...Array.from({ length: 1 + random.below(20) }, () => one));
      break;
    case 2:
      [parts[first ?? 0], parts[second ?? 0]] = [other, one];
      break;
    default:
      parts[first ?? 0] = damaged(one, random);
  }
  const head = source.subarray(0, units[0]!.start);
  const tail = source.subarray(units.at(-1)!.end);
  return withContainerLength(Buffer.concat([head, ...parts, tail]));
}

/** Changes bytes of a unit after its identifier and length. */
function damaged(unit: Buffer, random: Random): Buffer {
  const copy = Buffer.from(unit);
  for (let changes = 1 + random.below(4); changes > 0 && copy.length > 8; changes--) {
    copy[8 + random.below(copy.length - 8)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
  }
  if (
    copy.length >= 12 &&
    /^[A-Za-z]{4}$/.test(copy.toString('latin1', 4, 8)) &&
    copy.readUInt32BE(0) === copy.length - 12
  ) {
    copy.writeUInt32BE(crc32(copy.subarray(4, -4)), copy.length - 4);
  }
  return copy;
}

function unitsOf(source: Buffer): Unit[] {
  const start = source.toString('latin1', 0, 12);
  if (source.subarray(0, 8).equals(PNG_SIGNATURE)) {
    return pngChunksOf(source).map(({ at, end }) => ({ start: at, end }));
  }
  if (start.startsWith('RIFF')) {
    return sized(source, 12, (at) => {
      const length = source.readUInt32LE(at + 4);
      return 8 + length + (length % 2);
    });
  }
  if (start.slice(4, 8) === 'ftyp') {
    return sized(source, 0, (at) => source.readUInt32BE(at));
  }
  if (start.startsWith('\xff\xd8')) {
    const markers = jpegMarkersOf(source);
    return markers.map(({ at }, index) => ({ start: at, end: markers[index + 1]?.at ?? source.length }));
  }
  if (start.startsWith('GIF8')) {
    return gifBlocks(source);
  }
  if (start.startsWith('II*\0')) {
    const directory = source.readUInt32LE(4);
    const count = directory + 2 <= source.length ? source.readUInt16LE(directory) : 0;
    return Array.from({ length: count }, (_, index) => {
      return { start: directory + 2 + index * 12, end: directory + 14 + index * 12 };
    }).filter(({ end }) => end <= source.length);
  }
  return [];
}

/** Returns consecutive units. Stops at the first invalid length. */
function sized(source: Buffer, from: number, lengthAt: (at: number) => number): Unit[] {
  const units: Unit[] = [];
  for (let at = from; at + 8 <= source.length;) {
    const length = lengthAt(at);
    if (length < 8 || at + length > source.length) {
      break;
    }
    units.push({ start: at, end: at + length });
    at += length;
  }
  return units;
}

function gifBlocks(gif: Buffer): Unit[] {
  const tableBytes = (flags = 0): number => ((flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1));
  const units: Unit[] = [];
  for (let at = 13 + tableBytes(gif[10]); gif[at] === 0x2c || gif[at] === 0x21;) {
    const start = at;
    at += gif[at] === 0x21 ? 2 : 11 + tableBytes(gif[at + 9]);
    while ((gif[at] ?? 0) !== 0) {
      at += 1 + (gif[at] ?? 0);
    }
    at += 1;
    if (at > gif.length) {
      break;
    }
    units.push({ start, end: at });
  }
  return units;
}

/** Updates the length of a RIFF container. */
function withContainerLength(file: Buffer): Buffer {
  if (file.toString('latin1', 0, 4) === 'RIFF' && file.length >= 8) {
    file.writeUInt32LE(file.length - 8, 4);
  }
  return file;
}
