import { ImageRejection } from '../rejection';

/** Memory of a task in bytes. */
export interface MemoryRequest {
  /** Upper bound of the task's memory. */
  readonly bytes: number;
  /** Part of {@link bytes} that a waiting task already uses: the bytes of the source. */
  readonly held: number;
}

/** Returns acquired memory to the semaphore. Further calls have no effect. */
export type ReleaseMemory = () => void;

interface Waiter extends MemoryRequest {
  readonly grant: () => void;
}

/**
 * Counting semaphore for memory: tasks run concurrently as long as their upper bounds fit into the budget. Tasks start in order
 * of arrival. Otherwise, large tasks could wait forever. A task larger than the budget runs alone.
 */
export class MemorySemaphore {
  private readonly waiters: Waiter[] = [];
  /** Bytes that running tasks have acquired. */
  private acquired = 0;
  /** Bytes that are in use by waiters. */
  private held = 0;
  private holders = 0;

  public constructor(
    /** Shared memory in bytes, greater than 0. */
    private readonly budget: number,
    /** Maximum number of bytes of one task. @default - unlimited */
    private readonly maximum = Number.POSITIVE_INFINITY,
  ) {
    if (!(budget > 0)) {
      throw new RangeError(`budget: ${budget} is out of range; expected a number greater than 0`);
    }
  }

  /** Number of waiters. */
  public get waiting(): number {
    return this.waiters.length;
  }

  /**
   * Waits until the memory for a task is available. The caller must release the memory when the task ends, also after
   * an error.
   *
   * @throws ImageRejection with code `out-of-memory` if the task needs more than the maximum
   */
  public acquire(request: MemoryRequest): Promise<ReleaseMemory> {
    if (request.bytes > this.maximum) {
      const message = `rendering takes up to ${mebibytes(request.bytes)} of memory, the process has ${mebibytes(this.maximum)}; increase its memory or reduce the limits and thumbnail sizes`;
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
