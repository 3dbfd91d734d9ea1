import { ImageRejection } from './rejection';

/** Time limit for one image. */
export class Deadline {
  private readonly end: number;

  public constructor(
    /** Time limit in seconds. The time starts when the constructor runs. */
    private readonly seconds: number,
    /** Remaining time in milliseconds. @default - the whole time limit */
    remaining = seconds * 1000,
  ) {
    this.end = performance.now() + remaining;
  }

  /** Remaining time in milliseconds. The value is 0 after the end of the time limit. */
  public get remaining(): number {
    return Math.max(0, this.end - performance.now());
  }

  /** Remaining time for sharp's timeout in whole seconds. The value is rounded up, and is from 1 to 3600. */
  public get remainingSeconds(): number {
    return Math.min(3600, Math.max(1, Math.ceil(this.remaining / 1000)));
  }

  /** Returns the rejection of an image that exceeds the time limit. */
  public rejection(options?: ErrorOptions): ImageRejection {
    const message = `the image took longer than ${this.seconds} seconds; send a smaller image or raise maxDurationSeconds`;
    return new ImageRejection('timeout', message, options);
  }

  /**
   * Awaits a promise without counting the wait towards the time limit.
   *
   * @returns the result of the promise, and a new deadline with the time that remained before the wait
   */
  public async pauseDuring<T>(waiting: Promise<T>): Promise<[result: T, deadline: Deadline]> {
    const { remaining } = this;
    return [await waiting, new Deadline(this.seconds, remaining)];
  }

  /**
   * Throws an error after the end of the time limit.
   *
   * @throws ImageRejection with code `timeout` if no time remains
   */
  public check(): void {
    if (this.remaining === 0) {
      throw this.rejection();
    }
  }

  /**
   * Awaits a promise until the end of the time limit. No method can cancel a running decoder. After the time limit, the decoder
   * therefore continues in its thread, and this method discards the result.
   *
   * @throws ImageRejection with code `timeout` if the time limit ends before the promise settles
   */
  public async race<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const expiry = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(this.rejection());
      }, this.remaining);
    });
    try {
      return await Promise.race([work, expiry]);
    } finally {
      clearTimeout(timer);
    }
  }
}
