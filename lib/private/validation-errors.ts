import type { Construct } from 'constructs';

/** Collects what is wrong with the props of one construct, so that all of it is told at once. */
export class Problems {
  private readonly found: string[] = [];

  /** Takes problems over; those of a value class or a nested struct get the name of the prop they came in by. */
  public add(problems: readonly string[], prop?: string): void {
    this.found.push(...problems.map((problem) => (prop === undefined ? problem : `${prop}.${problem}`)));
  }

  /** Throws one error that starts with the path of the construct and names every problem. */
  public throwIfAny(scope: Construct): void {
    if (this.found.length === 1) {
      throw new Error(`${scope.node.path}: ${this.found[0]}`);
    }
    if (this.found.length > 1) {
      const lines = this.found.map((problem) => `\n  - ${problem}`);
      throw new Error(`${scope.node.path}: ${this.found.length} problems:${lines.join('')}`);
    }
  }
}
