import { setImmediate } from 'node:timers/promises';

/** Steps after which a run counts as endless. */
const MAX_STEPS = 20_000;

/** What a {@link Chooser} is asked. */
export interface Choice {
  /** Counts the choices from 0. */
  readonly step: number;
  /** The tasks that wait for a turn, who waits longest first; a task with several requests stands here several times. */
  readonly waiting: readonly string[];
  /** The task of the step before. */
  readonly last: string | undefined;
}

/** Says whose turn it is: an index in `waiting`. */
export type Chooser = (choice: Choice) => number;

interface Waiting {
  readonly task: string;
  readonly resume: () => void;
}

/**
 * Runs asynchronous tasks one step at a time, in an order that somebody else chooses: the same choices give the same
 * order. Tasks call {@link pause} wherever another could come in between, and wait for nothing else.
 */
export class Interleaver {
  private readonly waiting: Waiting[] = [];

  public constructor(private readonly choose: Chooser) {}

  /** Resolves when it is the task's turn. */
  public async pause(task: string): Promise<void> {
    await new Promise<void>((resume) => this.waiting.push({ task, resume }));
  }

  /**
   * Gives turns until no task waits for one.
   *
   * @throws Error if tasks still wait after the largest number of steps
   */
  public async run(): Promise<void> {
    let last: string | undefined;
    for (let step = 0; step < MAX_STEPS; step++) {
      // All that can happen without another turn has happened when the event loop comes round.
      await setImmediate();
      if (this.waiting.length === 0) {
        return;
      }
      const index = this.choose({ step, waiting: this.waiting.map(({ task }) => task), last });
      const [next] = this.waiting.splice(index, 1);
      last = next!.task;
      next!.resume();
    }
    throw new Error(`tasks still wait for turns after ${MAX_STEPS} steps`);
  }
}

/**
 * Lets the task of the last step go on while it can, then who waits longest; but at each step where `turns` names a task that
 * waits, that one.
 */
export function uninterrupted(turns: ReadonlyMap<number, string> = new Map()): Chooser {
  return ({ step, waiting, last }) => {
    const wanted = turns.get(step) ?? last;
    return Math.max(
      0,
      waiting.findIndex((task) => task === wanted),
    );
  };
}

/**
 * Chooses by numbers from 0 to 255, one for each step; those that are missing count as 0.
 *
 * @param loyalty a number below it lets the task of the last step go on, as long as it can. Only long turns show what
 * happens to a task that sleeps while others do all of their work.
 */
export function chosenBy(numbers: Uint8Array, loyalty: number): Chooser {
  return ({ step, waiting, last }) => {
    const number = numbers[step] ?? 0;
    const same = waiting.findIndex((task) => task === last);
    return same >= 0 && number < loyalty ? same : number % waiting.length;
  };
}
