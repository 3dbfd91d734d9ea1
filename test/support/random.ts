/**
 * Reproducible pseudo-random numbers: equal seeds result in equal sequences.
 *
 * @see https://gist.github.com/tommyettinger/46a874533244883189143505d203312c mulberry32, public domain
 */
export class Random {
  private state: number;

  public constructor(seed: number) {
    this.state = seed | 0;
  }

  /** Returns an independent generator for the item with this index. Therefore, each item is reproducible separately. */
  public static of(seed: number, index: number): Random {
    const mixed = new Random(seed ^ Math.imul(index + 1, 0x9e3779b1));
    mixed.uint32();
    return mixed;
  }

  /** Returns an integer from 0 to 2³² − 1. */
  public uint32(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** Returns a number from 0 (inclusive) to 1 (exclusive). */
  public fraction(): number {
    return this.uint32() / 2 ** 32;
  }

  /** Returns an integer from 0 (inclusive) to `bound` (exclusive), or 0 if `bound` is 0. */
  public below(bound: number): number {
    return bound <= 0 ? 0 : this.uint32() % bound;
  }

  /** Returns true with the given probability. */
  public chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** Returns one of several items. */
  public pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) {
      throw new RangeError('items: expected at least one');
    }
    return item;
  }

  /** Returns random bytes. */
  public bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** Returns an exponentially distributed delay of at most `longest`. */
  public wait(mean: number, longest: number): number {
    return Math.min(longest, -mean * Math.log(1 - this.fraction()));
  }

  /** Returns a new generator, so that the random numbers of tasks are independent of each other. */
  public fork(): Random {
    return new Random(this.uint32());
  }
}
