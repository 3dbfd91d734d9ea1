/** Measures the operations of a request for the `Server-Timing` header. @see https://www.w3.org/TR/server-timing/ */
export class Timings {
  private readonly start = performance.now();
  private readonly parts = new Map<string, number>();

  /** Time in milliseconds since the creation of this object. */
  public get total(): number {
    return performance.now() - this.start;
  }

  /** Measures an operation, even if it fails. Operations with the same name share one entry of the header. */
  public async measure<T>(name: string, operation: Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await operation;
    } finally {
      this.parts.set(name, (this.parts.get(name) ?? 0) + performance.now() - start);
    }
  }

  /** Value of the `Server-Timing` header. */
  public get header(): string {
    return [...this.parts, ['total', this.total] as const]
      .map(([name, milliseconds]) => `${name};dur=${milliseconds.toFixed(1)}`)
      .join(', ');
  }
}
