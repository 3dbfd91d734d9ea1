import { ImageRejection } from './rejection';

/** Time limit for one image. */
export class Deadline {
  private readonly end: number;

  public constructor(
    /** Length of the time limit in seconds. The limit starts when the object is created. */
    private readonly seconds: number,
    /** Milliseconds until the limit expires. @default - the whole limit */
    remaining = seconds * 1000,
  ) {
    this.end = performance.now() + remaining;
  }

  /** Milliseconds until the limit expires; 0 afterwards. */
  public get remaining(): number {
    return Math.max(0, this.end - performance.now());
  }

  /** Remaining time in sharp's unit: whole seconds from 1 to 3600, rounded up. */
  public get remainingSeconds(): number {
    return Math.min(3600, Math.max(1, Math.ceil(this.remaining / 1000)));
  }

  /** Creates the rejection for an image that exceeds the limit. */
  public rejection(options?: ErrorOptions): ImageRejection {
    const message = `the image took longer than ${this.seconds} seconds; send a smaller image or raise maxDurationSeconds`;
    return new ImageRejection('timeout', message, options);
  }

  /**
   * Awaits a promise. The wait does not count towards the limit. Returns the result and a new deadline with the time
   * that remained before the wait.
   */
  public async pauseDuring<T>(waiting: Promise<T>): Promise<[result: T, deadline: Deadline]> {
    const { remaining } = this;
    return [await waiting, new Deadline(this.seconds, remaining)];
  }

  /** @throws ImageRejection with code `timeout` if the limit has expired */
  public check(): void {
    if (this.remaining === 0) {
      throw this.rejection();
    }
  }

  /**
   * Awaits a promise until the limit expires. A decoder call cannot be cancelled. After the limit, the call continues in its
   * thread, and this method discards the result.
   *
   * @throws ImageRejection with code `timeout` if the limit expires first
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
