import { ImageRejection } from '../rejection';

/** What a piece of work asks of memory, in bytes. */
export interface MemoryNeed {
  /** What it takes at most, all in all. */
  readonly bytes: number;
  /** What of it is taken already, and stays so while it waits: the source that was read. */
  readonly held: number;
}

/** Memory that was let to somebody, until it is given back. */
export type ReleaseMemory = () => void;

interface Waiting extends MemoryNeed {
  readonly enter: () => void;
}

/**
 * Lets work in as memory allows, first come, first served: what does not fit waits in line, and nothing passes it, so that
 * none waits for ever. What needs more than the whole budget has it to itself. The estimates are what the work may take at
 * most, so that what is let in together stays within the budget.
 */
export class MemorySemaphore {
  private readonly line: Waiting[] = [];
  /** Bytes that those who were let in may take. */
  private taken = 0;
  /** Bytes that those in line hold. */
  private held = 0;
  private inside = 0;

  public constructor(
    /** Bytes to share, 1 or more. */
    private readonly budget: number,
    /** Bytes that there are at all: what needs more is refused. Default: no bound. */
    private readonly most = Number.POSITIVE_INFINITY,
  ) {
    if (!(budget > 0)) {
      throw new RangeError(`a budget of memory is more than nothing, got ${budget}`);
    }
  }

  /** How many wait. */
  public get waiting(): number {
    return this.line.length;
  }

  /**
   * Resolves when there is memory for a piece of work, with what gives it back. Call that once the work is over, whatever
   * became of it.
   * @throws {ImageRejection} `out-of-memory` at once, when there is not as much memory as that
   */
  public enter(need: MemoryNeed): Promise<ReleaseMemory> {
    if (need.bytes > this.most) {
      const message = `the image may take ${mebibytes(need.bytes)} of memory, and there are ${mebibytes(this.most)}: give the process more, or allow only smaller images and thumbnails`;
      return Promise.reject(new ImageRejection('out-of-memory', message));
    }
    return new Promise((resolve) => {
      this.line.push({ ...need, enter: () => resolve(this.leaving(need)) });
      this.held += need.held;
      this.letIn();
    });
  }

  private letIn(): void {
    for (let next = this.line[0]; next !== undefined && this.fits(next); next = this.line[0]) {
      this.line.shift();
      this.held -= next.held;
      this.taken += next.bytes;
      this.inside += 1;
      next.enter();
    }
  }

  private fits(next: Waiting): boolean {
    return this.inside === 0 || this.taken + next.bytes + this.held - next.held <= this.budget;
  }

  private leaving({ bytes }: MemoryNeed): ReleaseMemory {
    let isOver = false;
    return () => {
      if (isOver) {
        return;
      }
      isOver = true;
      this.taken -= bytes;
      this.inside -= 1;
      this.letIn();
    };
  }
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
