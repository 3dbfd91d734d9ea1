import { setImmediate } from 'node:timers/promises';

/** Maximum number of steps of all tasks. More steps indicate an endless loop. */
const MAX_STEPS = 20_000;

/** Input of a {@link Chooser}. */
export interface Choice {
  /** Index of the choice, from 0. */
  readonly step: number;
  /** Waiting tasks in the order of their arrival. A task occurs once for each pending request. */
  readonly waiting: readonly string[];
  /** Task of the previous step. */
  readonly last: string | undefined;
}

/** Selects the next task and returns its index in `waiting`. */
export type Chooser = (choice: Choice) => number;

interface Waiting {
  readonly task: string;
  readonly resume: () => void;
}

/**
 * Runs asynchronous tasks one step at a time. A {@link Chooser} determines the order. Equal choices result in the same
 * order. Tasks call {@link pause} at each step at which another task can run, and must not wait for anything
 * else.
 */
export class Interleaver {
  private readonly waiting: Waiting[] = [];

  public constructor(private readonly choose: Chooser) {}

  /** Resolves when the chooser selects the task. */
  public async pause(task: string): Promise<void> {
    await new Promise<void>((resume) => this.waiting.push({ task, resume }));
  }

  /**
   * Runs the tasks until no task is waiting.
   *
   * @throws Error if tasks are still waiting after the maximum number of steps
   */
  public async run(): Promise<void> {
    let last: string | undefined;
    for (let step = 0; step < MAX_STEPS; step++) {
      // All pending promise callbacks run before the next iteration of the event loop.
      await setImmediate();
      if (this.waiting.length === 0) {
        return;
      }
      const index = this.choose({ step, waiting: this.waiting.map(({ task }) => task), last });
      const [next] = this.waiting.splice(index, 1);
      last = next!.task;
      next!.resume();
    }
    throw new Error(`tasks are still waiting after ${MAX_STEPS} steps; expected all tasks to end`);
  }
}

/**
 * Returns a chooser that continues the last task as long as possible, and then selects the task with the longest wait.
 * At a step in `turns`, the chooser selects the task of that entry if the task is waiting.
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
 * Returns a chooser that selects tasks by numbers.
 *
 * @param numbers one number for each step; 0 for further steps
 * @param loyalty the last task continues if the number of the step is below this value and the task is waiting
 */
export function chosenBy(numbers: Uint8Array, loyalty: number): Chooser {
  return ({ step, waiting, last }) => {
    const number = numbers[step] ?? 0;
    const same = waiting.findIndex((task) => task === last);
    return same >= 0 && number < loyalty ? same : number % waiting.length;
  };
}
