/** Runs the tasks of a key sequentially. */
export class KeyLocks {
  private readonly last = new Map<string, Promise<unknown>>();

  /** Runs a task for a key after all earlier tasks for the key have ended. */
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
