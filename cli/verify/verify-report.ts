import { writeFile } from 'node:fs/promises';
import { escapeControls } from '../terminal';
import type { CheckResult } from './run-checks';

/** Report of the command `verify` about one run of all checks. */
export interface VerifyReport {
  /** Name of the deployed stack; undefined for a pipeline without a stack. */
  readonly stack?: string | undefined;
  readonly pipeline: string;
  /** Version of this command. */
  readonly version: string;
  /** Start time of the run in ISO 8601. */
  readonly started: string;
  readonly milliseconds: number;
  /** Prefix of all source keys of the run. */
  readonly prefix: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly checks: readonly CheckResult[];
  /** Number of deleted objects. */
  readonly deleted: number;
  /** Objects that the command could not delete, as `key: reason`. */
  readonly remaining: readonly string[];
}

/** Returns the number of checks with a status. */
export function countResults(checks: readonly CheckResult[], status: CheckResult['status']): number {
  return checks.filter((check) => check.status === status).length;
}

/** Writes a report as `<path>.md` and `<path>.json`. */
export async function writeReport(path: string, report: VerifyReport): Promise<void> {
  await Promise.all([
    writeFile(`${path}.json`, `${JSON.stringify(report, undefined, 2)}\n`),
    writeFile(`${path}.md`, markdownOf(report)),
  ]);
}

/** Returns a report in Markdown. */
export function markdownOf(report: VerifyReport): string {
  const { pipeline, stack, version, started, milliseconds, prefix, passed, failed, skipped, checks } = report;
  const rows = checks.map(({ id, title, status, message, milliseconds: duration }) =>
    [`\`${id}\``, title, status, cell(message), `${(duration / 1000).toFixed(1)} s`].join(' | '),
  );
  return [
    `# Verification of ${cell(pipeline)}${stack === undefined ? '' : ` in the stack ${cell(stack)}`}`,
    '',
    `- Result: ${passed} passed, ${failed} failed, ${skipped} skipped`,
    `- Started: ${started}; duration: ${(milliseconds / 1000).toFixed(1)} s`,
    `- Version of cdk-thumbnails: ${version}`,
    `- Prefix of all source keys: \`${prefix}\``,
    `- Deleted objects: ${report.deleted}; remaining objects: ${report.remaining.length}`,
    ...report.remaining.map((line) => `  - ${cell(line)}`),
    '',
    '| Check | Behavior | Result | Details | Duration |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
    '',
  ].join('\n');
}

/** Escapes a text for a Markdown table cell. */
function cell(text: string): string {
  return escapeControls(text).replace(/[\\|<>`*_[\]]/g, '\\$&');
}
