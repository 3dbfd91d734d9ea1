import { ImageRejection } from '../rejection';

/** Memory of a task in bytes. */
export interface MemoryRequest {
  /** Upper bound of the task's memory in bytes. */
  readonly bytes: number;
  /** Part of {@link bytes} that a task already uses while the task waits, in bytes. This part contains the source. */
  readonly held: number;
}

/** Releases the memory that a task has acquired. Only the first call has an effect. */
export type ReleaseMemory = () => void;

interface Waiter extends MemoryRequest {
  readonly grant: () => void;
}

/**
 * Counting semaphore for memory. Tasks run concurrently while the sum of their upper bounds is within the budget. A task whose
 * upper bound exceeds the budget runs alone.
 *
 * Tasks start in the order of their requests, because a large task could otherwise wait forever.
 */
export class MemorySemaphore {
  private readonly waiters: Waiter[] = [];
  /** Memory in bytes that running tasks have acquired. */
  private acquired = 0;
  /** Memory in bytes that waiting tasks already use. */
  private held = 0;
  private holders = 0;

  public constructor(
    /** Memory in bytes for all concurrent tasks, greater than 0. */
    private readonly budget: number,
    /** Maximum memory of one task in bytes. @default - no maximum */
    private readonly maximum = Number.POSITIVE_INFINITY,
  ) {
    if (!(budget > 0)) {
      throw new RangeError(`budget: ${budget} is out of range; expected a number greater than 0`);
    }
  }

  /** Number of waiting tasks. */
  public get waiting(): number {
    return this.waiters.length;
  }

  /**
   * Waits until the memory for a task is available. When the task ends, also with an error, the caller must release the memory.
   *
   * @throws ImageRejection with code `out-of-memory` if the task requires more memory than the maximum of one task
   */
  public acquire(request: MemoryRequest): Promise<ReleaseMemory> {
    if (request.bytes > this.maximum) {
      const message = `rendering requires up to ${mebibytes(request.bytes)} of memory, but the process has ${mebibytes(this.maximum)}; increase the memory of the process, or reduce the limits and thumbnail sizes`;
      return Promise.reject(new ImageRejection('out-of-memory', message));
    }
    return new Promise((resolve) => {
      this.waiters.push({ ...request, grant: () => resolve(this.releaseOf(request)) });
      this.held += request.held;
      this.grantNext();
    });
  }

  private grantNext(): void {
    for (let next = this.waiters[0]; next !== undefined && this.fits(next); next = this.waiters[0]) {
      this.waiters.shift();
      this.held -= next.held;
      this.acquired += next.bytes;
      this.holders += 1;
      next.grant();
    }
  }

  private fits(next: Waiter): boolean {
    return this.holders === 0 || this.acquired + next.bytes + this.held - next.held <= this.budget;
  }

  private releaseOf({ bytes }: MemoryRequest): ReleaseMemory {
    let released = false;
    return () => {
      if (released) {
        return;
      }
      released = true;
      this.acquired -= bytes;
      this.holders -= 1;
      this.grantNext();
    };
  }
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
