import { randomBytes } from 'node:crypto';
import { VERSION } from '../../runtime/program/version';
import { ErasePrefix } from '../erase/erase-prefix';
import { escapeControls, INTERRUPTED, type Terminal } from '../terminal';
import { openTarget } from './open-target';
import { runChecks } from './run-checks';
import { countResults, writeReport, type VerifyReport } from './verify-report';
import { VerifyRun } from './verify-run';

/** Options of the command `verify`. */
export interface VerifyOptions {
  /** Name of a deployed stack. @default - no stack; the command reads the environment variables of the container */
  readonly stack?: string;
  /** Service name of the pipeline in the stack. @default - the only pipeline of the stack */
  readonly pipeline?: string;
  /** URL of the HTTP API. @default - the URL of the API Gateway API in the stack */
  readonly apiUrl?: string;
  /** URL of the routes for uploads and deletion. @default - the URL of the web function for writing, or `apiUrl` */
  readonly apiWriteUrl?: string;
  /** Additional headers of requests to the API, such as `Authorization: Bearer …`. @default - no headers */
  readonly header?: readonly string[];
  /** Maximum time in seconds for which a check waits for an expected state of the pipeline. @default 300 */
  readonly timeout?: string;
  /** Path of the report files without an extension. @default cdk-thumbnails-verify */
  readonly report?: string;
  /** Print the report as JSON. */
  readonly json?: boolean;
}

/** Parameters of {@link verify} that tests replace. */
export interface VerifyContext {
  /** Signal that aborts when the user interrupts the command. */
  readonly signal: AbortSignal;
  /** Interval in ms between two requests for the same state. @default 1000 */
  readonly intervalMs?: number;
}

const DEFAULT_REPORT = 'cdk-thumbnails-verify';
const MAX_TIMEOUT_SECONDS = 3600;
/** Maximum number of attempts to delete all objects. Several are needed if workers write objects during the deletion. */
const MAX_ERASE_ATTEMPTS = 5;

/**
 * Uploads images to a deployed pipeline, and checks the results. Deletes all uploaded images and their thumbnails, even after
 * a failure or an interruption. Writes a report in Markdown and JSON.
 *
 * @returns the exit code: 130 if the user has interrupted the command, 1 if a check has failed or an object remains, else 0
 * @throws Error if an option is invalid or the stack contains no such pipeline
 * @throws Error if the command cannot write the report
 */
export async function verify(
  options: VerifyOptions,
  environment: Readonly<Record<string, string | undefined>>,
  { out, err }: Terminal,
  { signal, intervalMs = 1000 }: VerifyContext,
): Promise<number> {
  const { stack, report: path = DEFAULT_REPORT, json = false } = options;
  const timeoutMs = readTimeout(options.timeout) * 1000;
  const started = new Date();
  const target = await openTarget(options, environment);
  const id = randomBytes(8).toString('hex');
  const run = new VerifyRun(target, { id, timeoutMs, intervalMs, signal });
  err.write(escapeControls(`verifying ${target.name} with keys below ${run.prefix}`) + '\n');
  let checks: VerifyReport['checks'];
  let erased: Erased;
  try {
    checks = await runChecks(run, ({ id: check, status, message, milliseconds }) => {
      const line = `${status.padEnd(7)} ${check}: ${message} (${(milliseconds / 1000).toFixed(1)} s)`;
      (json ? err : out).write(`${escapeControls(line)}\n`);
    });
  } finally {
    erased = await eraseRun(run);
  }
  const report: VerifyReport = {
    stack,
    pipeline: target.name,
    version: VERSION,
    started: started.toISOString(),
    milliseconds: Date.now() - started.getTime(),
    prefix: run.prefix,
    passed: countResults(checks, 'passed'),
    failed: countResults(checks, 'failed'),
    skipped: countResults(checks, 'skipped'),
    checks,
    ...erased,
  };
  await writeReport(path, report);
  const { passed, failed, skipped } = report;
  out.write(
    json
      ? `${JSON.stringify(report)}\n`
      : `${passed} passed, ${failed} failed, ${skipped} skipped; report: ${path}.md, ${path}.json\n`,
  );
  erased.remaining.forEach((line) => err.write(`${escapeControls(`not deleted: ${line}`)}\n`));
  return signal.aborted ? INTERRUPTED : failed > 0 || erased.remaining.length > 0 ? 1 : 0;
}

type Erased = Pick<VerifyReport, 'deleted' | 'remaining'>;

/** Deletes the sources and thumbnails of a run. Repeats the deletion until both buckets contain no objects of the run. */
async function eraseRun({ target, prefix }: VerifyRun): Promise<Erased> {
  let deleted = 0;
  let remaining: string[] = [];
  try {
    const objects = await ErasePrefix.open(target.settings, prefix);
    try {
      for (let attempt = 0; attempt < MAX_ERASE_ATTEMPTS; attempt++) {
        const result = await objects.erase();
        deleted += result.deleted;
        remaining = result.failures.map(({ key, reason }) => `${key}: ${reason}`);
        if (result.deleted === 0 || remaining.length > 0) {
          break;
        }
      }
    } finally {
      objects.close();
    }
  } catch (error) {
    remaining.push(`${prefix}: ${(error as Error).message}`);
  }
  return { deleted, remaining };
}

function readTimeout(timeout = '300'): number {
  const seconds = Number(timeout);
  if (!(Number.isInteger(seconds) && seconds >= 1 && seconds <= MAX_TIMEOUT_SECONDS)) {
    throw new Error(`--timeout: got ${timeout}; expected an integer from 1 to ${MAX_TIMEOUT_SECONDS}, in seconds`);
  }
  return seconds;
}
