import { Random } from '../../support/random';
import { mendedPng, PNG_SIGNATURE } from './bytes';
import type { Seed } from './seeds';
import { mutateStructure } from './structure';

/** An image that results from changes to a valid image. */
export interface Mutant {
  /** Names of the original image and of the changes, in order. */
  readonly name: string;
  readonly bytes: Buffer;
}

type Mutation = (source: Buffer, random: Random, seeds: readonly Seed[]) => Buffer;

/** Number of leading bytes in which size fields are changed. */
const HEADER = 512;
/** Boundary values that often cause errors in decoders. */
const EDGES = [
  0, 1, 2, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe,
  0xffffffff,
];

/** Returns the offset and the length of a random part of a file, at most a quarter of the file. */
function part(source: Buffer, random: Random): [at: number, length: number] {
  const at = random.below(source.length);
  return [at, 1 + random.below(Math.min(source.length - at, Math.ceil(source.length / 4)))];
}

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'structure changed': mutateStructure,
  'structure changed again': mutateStructure,
  'bits flipped': (source, random) => {
    const bytes = Buffer.from(source);
    for (let flips = 1 + random.below(8); flips > 0; flips--) {
      const at = random.below(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    }
    return bytes;
  },
  'bytes set': (source, random) => {
    const bytes = Buffer.from(source);
    for (let sets = 1 + random.below(4); sets > 0; sets--) {
      bytes[random.below(bytes.length)] = random.below(256);
    }
    return bytes;
  },
  'header byte set': (source, random) => {
    const bytes = Buffer.from(source);
    bytes[random.below(Math.min(HEADER, bytes.length))] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
    return bytes;
  },
  'field edited': (source, random) => {
    const bytes = Buffer.from(source);
    const width = random.pick([2, 4]);
    if (bytes.length < width) {
      return bytes;
    }
    const at = random.below(Math.min(HEADER, bytes.length - width + 1));
    const little = random.below(2) === 0;
    const old = little ? bytes.readUIntLE(at, width) : bytes.readUIntBE(at, width);
    const value = random.pick([random.pick(EDGES), old + 1, old - 1, old * 2, bytes.length, random.uint32()]);
    const cut = (((value % 2 ** (8 * width)) + 2 ** (8 * width)) % 2 ** (8 * width)) >>> 0;
    if (little) {
      bytes.writeUIntLE(cut, at, width);
    } else {
      bytes.writeUIntBE(cut, at, width);
    }
    return bytes;
  },
  'block filled': (source, random) => {
    const [at, length] = part(source, random);
    return Buffer.from(source).fill(random.pick([0, 0xff, random.below(256)]), at, at + length);
  },
  'block copied': (source, random) => {
    const [from, length] = part(source, random);
    const bytes = Buffer.from(source);
    bytes.set(
      source.subarray(from, from + Math.min(length, source.length - from)),
      random.below(source.length - length + 1),
    );
    return bytes;
  },
  'block repeated': (source, random) => {
    const [from, length] = part(source, random);
    const block = source.subarray(from, from + length);
    return Buffer.concat([source.subarray(0, from), block, block, source.subarray(from + length)]);
  },
  'block removed': (source, random) => {
    const [from, length] = part(source, random);
    return Buffer.concat([source.subarray(0, from), source.subarray(from + length)]);
  },
  'bytes put in': (source, random) => {
    const at = random.below(source.length + 1);
    return Buffer.concat([source.subarray(0, at), random.bytes(1 + random.below(64)), source.subarray(at)]);
  },
  'cut off': (source, random) => source.subarray(0, random.below(source.length)),
  spliced: (source, random, seeds) => {
    const other = random.pick(seeds).bytes;
    return Buffer.concat([source.subarray(0, random.below(source.length)), other.subarray(random.below(other.length))]);
  },
};
const NAMES = Object.keys(MUTATIONS);

/** Returns the changed image with an index. Equal seed images, run numbers and indices create equal images. */
export function mutant(seeds: readonly Seed[], run: number, index: number): Mutant {
  const random = Random.of(run, index);
  const seed = random.pick(seeds);
  let bytes: Buffer = Buffer.from(seed.bytes);
  const done: string[] = [];
  for (let left = random.pick([1, 1, 1, 2, 3]); left > 0 && bytes.length > 0; left--) {
    const name = random.pick(NAMES);
    bytes = Buffer.from(MUTATIONS[name]?.(bytes, random, seeds) ?? bytes);
    done.push(name);
  }
  // Corrects the checksums of most PNG files, because decoders would otherwise not read the data after the first change.
  if (bytes.subarray(0, 8).equals(PNG_SIGNATURE) && random.below(4) > 0) {
    bytes = mendedPng(bytes);
    done.push('checksums mended');
  }
  return { name: `${seed.name}: ${done.join(', ')}`, bytes };
}
