import { setImmediate } from 'node:timers/promises';

interface Timer {
  readonly at: number;
  readonly call: () => void;
}

/** A clock that jumps to the next thing that happens: hours go by in seconds, and in the same order each time. */
export class VirtualTime {
  /** In the order of their times; of equal ones, who came first is last. */
  private readonly timers: Timer[] = [];
  private milliseconds = 0;

  /** Milliseconds since the beginning. */
  public get now(): number {
    return this.milliseconds;
  }

  /** Calls later; the result takes that back. */
  public readonly after = (milliseconds: number, call: () => void): (() => void) => {
    const timer = { at: this.milliseconds + Math.max(0, milliseconds), call };
    this.timers.splice(this.indexOf(timer.at), 0, timer);
    return () => {
      const index = this.timers.indexOf(timer, this.indexOf(timer.at));
      if (index >= 0) {
        this.timers.splice(index, 1);
      }
    };
  };

  public async sleep(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => this.after(milliseconds, resolve));
  }

  /** Lets everything happen that was begun, until nothing waits for a time any more. */
  public async run(): Promise<void> {
    for (;;) {
      // All that can happen now has happened when the event loop comes round.
      await setImmediate();
      const next = this.timers.pop();
      if (!next) {
        return;
      }
      this.milliseconds = next.at;
      next.call();
    }
  }

  /** Where a timer of this time goes: the first place after all later ones. */
  private indexOf(at: number): number {
    let low = 0;
    let high = this.timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.timers[middle]!.at > at) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
