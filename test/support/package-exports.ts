/** The field `exports` of a package.json: files by entry point or by condition. */
export interface Exports {
  readonly [name: string]: string | Exports;
}

/** Returns all files in the field `exports`. */
export function filesIn(exports: Exports): string[] {
  return Object.values(exports).flatMap((value) => (typeof value === 'string' ? [value] : filesIn(value)));
}
