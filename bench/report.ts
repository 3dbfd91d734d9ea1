import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** Rows of figures below a line of headings. */
export interface Table {
  readonly title: string;
  /** What a reader has to know to read it. */
  readonly note?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Bars, one for each label, or lines over the values of an axis. */
export interface Plot {
  /** Of its file, without the extension. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly bars?: readonly { readonly label: string; readonly value: number; readonly ours?: boolean }[];
  readonly lines?: {
    readonly axis: string;
    readonly at: readonly number[];
    readonly series: readonly { readonly label: string; readonly values: readonly number[]; readonly ours?: boolean }[];
  };
}

/** What a part of the bench has found. */
export interface Findings {
  readonly tables: readonly Table[];
  readonly plots: readonly Plot[];
  /** What goals are held against, by name. */
  readonly figures: Readonly<Record<string, number>>;
}

/** Findings, and where and when they were made. */
export interface PartReport extends Findings {
  readonly machine: string;
  readonly finished: string;
  readonly seconds: number;
}

/** All parts that were run, by name: what `--json` writes. */
export type Report = Readonly<Record<string, PartReport>>;

/** A report from an earlier run, to which other parts are added; empty where there is none. */
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

/** The machine that this runs on. */
export function machine(): string {
  const processors = cpus();
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}, ${gibibytes} GiB, ${process.platform} ${release()}, Node ${process.versions.node}`;
}

/** A table as Markdown. Columns of numbers are aligned to the right. */
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
