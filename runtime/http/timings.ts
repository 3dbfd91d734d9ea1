/** How long the parts of an answer took: https://www.w3.org/TR/server-timing/ */
export class Timings {
  private readonly start = performance.now();
  private readonly parts = new Map<string, number>();

  /** Milliseconds since this was made. */
  public get total(): number {
    return performance.now() - this.start;
  }

  /** Adds the time of some work to the part of a name, whatever it comes to. */
  public async measure<T>(name: string, work: Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work;
    } finally {
      this.parts.set(name, (this.parts.get(name) ?? 0) + performance.now() - start);
    }
  }

  /** The value of a Server-Timing header. */
  public get header(): string {
    return [...this.parts, ['total', this.total] as const]
      .map(([name, milliseconds]) => `${name};dur=${milliseconds.toFixed(1)}`)
      .join(', ');
  }
}
