/** Lets one task at a time work on a key, in the order in which they asked. */
export class KeyLocks {
  private readonly last = new Map<string, Promise<unknown>>();

  /** Runs a task when all earlier ones of the key have ended, well or not. */
  public async run<Result>(key: string, task: () => Promise<Result>): Promise<Result> {
    const running = (this.last.get(key) ?? Promise.resolve()).then(task);
    const ended = running.catch(() => undefined);
    this.last.set(key, ended);
    try {
      return await running;
    } finally {
      if (this.last.get(key) === ended) {
        this.last.delete(key);
      }
    }
  }
}
