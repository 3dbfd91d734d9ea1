import type { ExecutionListItem } from '@aws-sdk/client-sfn';
import { openObjectStore } from '../../runtime/storage';
import { withAwsErrors } from '../aws-errors';
import { findPipeline } from '../stack/deployed-pipeline';
import { escapeControls, type Ask, type Terminal } from '../terminal';
import { backfillCost, type BackfillCost } from './backfill-cost';
import { BackfillProgress, dollars } from './backfill-progress';
import { filterOf, readFilters, type FilterOptions, type Filters } from './filters';
import { followExecution } from './follow-execution';
import { BackfillExecutions, describeMachine, findMachine, type BackfillMachine } from './state-machine';

/** Options of the command `backfill` for a state machine. */
export interface BackfillOptions extends FilterOptions {
  /** Name of a deployed stack. */
  readonly stack?: string;
  /** Service name of the pipeline in the stack. @default - the only pipeline with a backfill */
  readonly pipeline?: string;
  /** ARN of the state machine. */
  readonly stateMachine?: string;
  /** Continue the last failed or stopped execution. */
  readonly resume?: boolean;
  /** Count the sources and estimate the cost without starting the state machine. */
  readonly dryRun?: boolean;
  /** Print JSON records instead of text. */
  readonly json?: boolean;
}

/** Interaction of a command with its user. */
export interface Interaction {
  /** Signal that aborts when the user interrupts the command. */
  readonly signal: AbortSignal;
  /** Function that asks the user a question; undefined without a terminal. */
  readonly ask?: Ask | undefined;
  /** Interval between two progress requests, in milliseconds. @default 2000 */
  readonly intervalMs?: number;
}

const RESUMABLE = new Set(['FAILED', 'TIMED_OUT', 'ABORTED']);

/**
 * Starts the backfill of a deployed pipeline, and prints the progress until the backfill ends. If a backfill is already
 * running, the command prints the progress of the running backfill.
 *
 * @returns the exit code: 0 if the execution has succeeded, 1 if the execution has failed or another client has stopped the
 * execution, 130 if the user has interrupted the command
 * @throws Error if an option is invalid, a backfill with other filters is running, or AWS rejects a request
 */
export async function backfillStack(
  options: BackfillOptions,
  terminal: Terminal,
  { signal, ask, intervalMs }: Interaction,
): Promise<number> {
  const { json = false, dryRun = false } = options;
  const machine = await machineOf(options);
  const filters = readFilters(options, machine.sourcePrefix);
  const cost = await costOf(machine, options);
  if (dryRun) {
    return countSources(machine, filters, cost, { terminal, json });
  }
  const executions = new BackfillExecutions(machine);
  const progress = new BackfillProgress(terminal, json, 'keys sent');
  try {
    const execution = await open(executions, machine, filters, options, terminal);
    const isInteractive = !json && terminal.err.isTTY === true;
    const code = await followExecution({
      ...{ executions, execution, cost, progress, terminal, signal },
      ask: isInteractive ? ask : undefined,
      ...(intervalMs !== undefined && { intervalMs }),
    });
    if (code === 0) {
      terminal.err.write('all keys are in the queue; the workers process the remaining messages\n');
    }
    return code;
  } finally {
    progress.end();
    executions.close();
  }
}

async function machineOf({ stack, pipeline, stateMachine }: BackfillOptions): Promise<BackfillMachine> {
  if ((stack === undefined) === (stateMachine === undefined)) {
    throw new Error('expected either --stack or --state-machine');
  }
  return stack === undefined ? describeMachine(stateMachine!) : findMachine(stack, pipeline);
}

/**
 * Estimates the cost for the thumbnails of the pipeline, or for the default thumbnails if the user lacks the permission
 * to read the settings of the pipeline.
 */
async function costOf({ region, pipeline }: BackfillMachine, { stack }: BackfillOptions): Promise<BackfillCost> {
  const deployed = stack === undefined ? undefined : await findPipeline(stack, pipeline).catch(() => undefined);
  return backfillCost(region, deployed);
}

/** Returns the ARN of the running execution. If no execution is running, starts or resumes an execution. */
async function open(
  executions: BackfillExecutions,
  { pipeline }: BackfillMachine,
  filters: Filters,
  { resume = false }: BackfillOptions,
  { err }: Terminal,
): Promise<string> {
  const running = await executions.newest('RUNNING');
  if (running) {
    await checkSameFilters(executions, running, filters);
    err.write('a backfill is already running; following it\n');
    return running.executionArn!;
  }
  if (!resume) {
    return executions.start(filters);
  }
  const last = await executions.newest();
  if (!last || !RESUMABLE.has(last.status ?? '')) {
    throw new Error(
      `--resume: the last backfill of ${pipeline} has the status ${last?.status ?? 'none'}; expected ` +
        `${[...RESUMABLE].join(', ')}. Omit --resume to start a new one`,
    );
  }
  await checkSameFilters(executions, last, filters);
  await executions.redrive(last.executionArn!);
  return last.executionArn!;
}

/**
 * Checks that an execution has the filters of the command. A command without filters accepts every execution.
 *
 * @throws Error if the filters of the command differ from the filters of the execution
 */
async function checkSameFilters(
  executions: BackfillExecutions,
  { executionArn }: ExecutionListItem,
  filters: Filters,
): Promise<void> {
  const { input = '{}' } = await executions.describe(executionArn!);
  const { prefix, suffixes, since } = JSON.parse(input) as Filters;
  const isSame = JSON.stringify({ ...filters }) === JSON.stringify({ prefix, suffixes, since });
  if (Object.keys(filters).length > 0 && !isSame) {
    throw new Error(
      `--prefix, --suffix or --since: expected the filters of the backfill ${executionArn}: ${input}. Omit these options to ` +
        'continue with this backfill, or stop this backfill first',
    );
  }
}

async function countSources(
  { sourceBucket, sourcePrefix, sourceSuffixes, pipeline }: BackfillMachine,
  filters: Filters,
  cost: BackfillCost,
  { terminal: { out }, json }: { readonly terminal: Terminal; readonly json: boolean },
): Promise<number> {
  const store = await openObjectStore('s3', sourceBucket);
  const isSelected = filterOf({ suffixes: sourceSuffixes, ...filters });
  let [sources, bytes] = [0, 0];
  const context = { resource: sourceBucket, kind: 'bucket', permissions: 's3:ListBucket on the source bucket' };
  await withAwsErrors(context, async () => {
    for await (const object of store.list({ prefix: filters.prefix ?? sourcePrefix })) {
      if (isSelected(object)) {
        sources += 1;
        bytes += object.bytes;
      }
    }
  });
  const usd = Math.round(cost.usd(sources) * 100) / 100;
  out.write(
    json
      ? `${JSON.stringify({ pipeline, sourceBucket, ...filters, sources, bytes, usd, assumptions: cost.assumptions })}\n`
      : `${escapeControls(`${pipeline}: ${sources.toLocaleString('en-US')} sources with ${(bytes / 1e9).toFixed(2)} GB`)}\n` +
          `at most about ${dollars(usd)}, if the backfill renders all sources\n(${cost.assumptions})\n`,
  );
  return 0;
}
