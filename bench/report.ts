import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** A table of figures. */
export interface Table {
  readonly title: string;
  /** Explains how to read the figures. */
  readonly note?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** A bar chart or a line chart. */
export interface Plot {
  /** File name without extension. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly bars?: readonly { readonly label: string; readonly value: number; readonly ours?: boolean }[];
  readonly lines?: {
    readonly axis: string;
    readonly at: readonly number[];
    /** Values of `at` that have a label. @default - all values */
    readonly ticks?: readonly number[];
    /** Whether the vertical axis is logarithmic. @default false */
    readonly logarithmic?: boolean;
    readonly series: readonly { readonly label: string; readonly values: readonly number[]; readonly ours?: boolean }[];
  };
}

/** Results of a part of the benchmark. */
export interface Findings {
  readonly tables: readonly Table[];
  readonly plots: readonly Plot[];
  /** Figures by name, which the goals use. */
  readonly figures: Readonly<Record<string, number>>;
}

/** Results of one part of the benchmark, with the machine, the date and the duration in seconds. */
export interface PartReport extends Findings {
  readonly machine: string;
  readonly finished: string;
  readonly seconds: number;
}

/** Results of all parts by name of the part. The option `--json` writes this object to a file. */
export type Report = Readonly<Record<string, PartReport>>;

/** Reads the results of an earlier benchmark from a JSON file. Returns an empty report if the file does not exist. */
export function readReport(file: string | undefined): Report {
  try {
    return file === undefined ? {} : (JSON.parse(readFileSync(file, 'utf8')) as Report);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return {};
    }
    throw error;
  }
}

/** Describes the machine: processors, memory, operating system, Node.js, and the load average of the last 15 minutes. */
export function machine(): string {
  const processors = cpus();
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}, ${gibibytes} GiB, ${process.platform} ${release()}, Node ${process.versions.node}, load average ${loadavg()[2]!.toFixed(1)}`;
}

/** Returns a table as Markdown. Numeric columns are right-aligned. */
export function markdownOf({ title, note, columns, rows }: Table): string {
  const isNumeric = columns.map((_, index) => rows.every((row) => /^[\s\d.,+−×%–-]*$/.test(String(row[index] ?? ''))));
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [
    `### ${title}`,
    ...(note === undefined ? [] : [note]),
    [
      line(columns),
      line(isNumeric.map((numeric, index) => (numeric && index > 0 ? '---:' : '---'))),
      ...rows.map(line),
    ].join('\n'),
  ].join('\n\n');
}
