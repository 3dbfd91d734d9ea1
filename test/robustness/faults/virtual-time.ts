import { setImmediate } from 'node:timers/promises';

interface Timer {
  readonly at: number;
  readonly call: () => void;
}

/** Clock that advances to the next timer. Hours take seconds, and the order is deterministic. */
export class VirtualTime {
  /** Timers in descending order of time. Among equal times, the timer that was added first is last. */
  private readonly timers: Timer[] = [];
  private milliseconds = 0;

  /** Milliseconds since the start. */
  public get now(): number {
    return this.milliseconds;
  }

  /** Calls a function later. The result cancels the call. */
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

  /** Runs all timers, until none is left. */
  public async run(): Promise<void> {
    for (;;) {
      // The next turn of the event loop follows all pending promises.
      await setImmediate();
      const next = this.timers.pop();
      if (!next) {
        return;
      }
      this.milliseconds = next.at;
      next.call();
    }
  }

  /** Returns the index at which to insert a timer with this time: after all later timers. */
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
