/** Numbers that look random and are the same for the same seed. */
export class Random {
  private state: number;

  public constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** From 0 up to and without 1. Mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
  public next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to and without `end`. */
  public below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** True with the given probability. */
  public chance(probability: number): boolean {
    return this.next() < probability;
  }

  public pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Mostly short, seldom long, never above `longest`: as waiting times are. */
  public wait(mean: number, longest: number): number {
    return Math.min(longest, -mean * Math.log(1 - this.next()));
  }

  /** Another row of numbers, so that what one task draws does not depend on how often others do. */
  public fork(): Random {
    return new Random(this.below(2 ** 32));
  }
}
