/** Numbers that look random and are the same for the same seed: mulberry32, by Tommy Ettinger, in the public domain. */
export class Random {
  private state: number;

  public constructor(seed: number) {
    this.state = seed | 0;
  }

  /** A generator of its own for the nth of many things, so that each can be made again alone. */
  public static of(seed: number, index: number): Random {
    const mixed = new Random(seed ^ Math.imul(index + 1, 0x9e3779b1));
    mixed.next();
    return mixed;
  }

  /** 0 to 2³² − 1. */
  public next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A whole number from 0 to what is below the bound; 0 when that is 0. */
  public below(bound: number): number {
    return bound <= 0 ? 0 : this.next() % bound;
  }

  /** One of several. */
  public pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) {
      throw new RangeError('there is nothing to pick from');
    }
    return item;
  }

  /** That many bytes. */
  public bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}
