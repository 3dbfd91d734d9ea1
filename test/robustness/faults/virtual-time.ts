import { setImmediate } from 'node:timers/promises';

interface Timer {
  readonly at: number;
  readonly call: () => void;
}

/** Clock that advances to the next timer. It simulates hours in seconds, and the order of timers is deterministic. */
export class VirtualTime {
  /** Timers in descending order of time. If several timers have an equal time, the first added timer is last. */
  private readonly timers: Timer[] = [];
  private milliseconds = 0;

  /** Milliseconds since the start. */
  public get now(): number {
    return this.milliseconds;
  }

  /** Calls a function after a delay. Returns a function that cancels the call. */
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
      // All pending promise callbacks run before the next iteration of the event loop.
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
