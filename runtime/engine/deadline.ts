import { ImageRejection } from './rejection';

/** The time that one image may take. */
export class Deadline {
  private readonly end: number;

  public constructor(
    /** From now on. */
    private readonly seconds: number,
    /** What of it is left, in milliseconds. Default: all. */
    left = seconds * 1000,
  ) {
    this.end = performance.now() + left;
  }

  /** What is left, in milliseconds; 0 when it is over. */
  public get remaining(): number {
    return Math.max(0, this.end - performance.now());
  }

  /** The same as sharp takes it: whole seconds from 1 to 3600, rounded up. */
  public get remainingSeconds(): number {
    return Math.min(3600, Math.max(1, Math.ceil(this.remaining / 1000)));
  }

  /** The refusal of an image that took longer. */
  public rejection(options?: ErrorOptions): ImageRejection {
    const message = `the image took longer than ${this.seconds} seconds: send a smaller one or allow more time (maxDurationSeconds)`;
    return new ImageRejection('timeout', message, options);
  }

  /** Waits for something that does not count. */
  public async except<T>(waiting: Promise<T>): Promise<[result: T, deadline: Deadline]> {
    const left = this.remaining;
    return [await waiting, new Deadline(this.seconds, left)];
  }

  /** @throws {ImageRejection} `timeout` when the time is over */
  public check(): void {
    if (this.remaining === 0) {
      throw this.rejection();
    }
  }

  /**
   * Waits for work, but not past the end. Work that cannot be stopped from here (a decoder in the middle of a call)
   * goes on in its thread, and nobody waits for it.
   * @throws {ImageRejection} `timeout`
   */
  public async race<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(this.rejection());
      }, this.remaining);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
