import { setTimeout as delay } from 'node:timers/promises';
import {
  CancelMessageMoveTaskCommand,
  ListMessageMoveTasksCommand,
  StartMessageMoveTaskCommand,
  type ListMessageMoveTasksResultEntry as Task,
} from '@aws-sdk/client-sqs';
import { Presets, SingleBar } from 'cli-progress';
import type { Terminal } from '../render/render';
import { findDeadLetterQueue, inWords, type DeadLetterQueue } from './dead-letters';

/** What `redrive` is told. */
export interface RedriveOptions {
  /** URL or ARN of the dead-letter queue, or of the queue before it. */
  readonly queue: string;
  /** Messages a second. */
  readonly rate?: string;
  /** One JSON record for each look at the progress. */
  readonly json?: boolean;
}

/** What a redrive has come to. */
export interface RedriveRecord {
  readonly queue: string;
  /** As SQS says it: RUNNING, COMPLETED, CANCELLING, CANCELLED, FAILED. */
  readonly status: string;
  /** Messages that were moved, about. */
  readonly moved: number;
  /** Messages that there were at the beginning, about. */
  readonly total: number;
  /** Why it failed. */
  readonly reason?: string;
}

/** How a redrive is followed. */
export interface Following {
  /** Aborted when somebody wants it to end. */
  readonly signal: AbortSignal;
  /** Milliseconds between two looks. @default 1000 */
  readonly interval?: number;
}

/** What a shell makes of an end by Ctrl-C. */
const INTERRUPTED = 130;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
const MAX_RATE = 500;
const ONGOING = new Set(['RUNNING', 'CANCELLING']);

/**
 * Moves the messages of a dead-letter queue back to where they came from, and follows that to its end. One that is under way
 * already is followed instead, and left alone when the following ends.
 *
 * @returns 0 when all were moved, 1 when SQS gave up or somebody else cancelled it, 130 after an interruption
 * @throws Error that says what is wrong
 */
export async function redrive(
  { queue, rate, json }: RedriveOptions,
  terminal: Terminal,
  { signal, interval = 1000 }: Following,
): Promise<number> {
  const messagesPerSecond = readRate(rate);
  const letters = await findDeadLetterQueue(queue);
  const before = await latestTask(letters);
  const isOwn = before?.Status !== 'RUNNING';
  if (isOwn) {
    const { arn: SourceArn } = letters;
    const command = new StartMessageMoveTaskCommand({ SourceArn, MaxNumberOfMessagesPerSecond: messagesPerSecond });
    await inWords(SourceArn, () => letters.client.send(command));
  } else {
    terminal.err.write('a redrive of this queue is under way: following that one\n');
  }
  const progress = new Progress(terminal, json ?? false);
  try {
    for (let isCancelled = false; ;) {
      const latest = await latestTask(letters);
      // What was begun a moment ago may not be listed yet.
      const isOld = isOwn && before !== undefined && latest?.StartedTimestamp === before.StartedTimestamp;
      const task = isOld ? undefined : latest;
      const record = recordOf(letters, task);
      progress.show(record);
      if (!ONGOING.has(record.status)) {
        return record.status === 'COMPLETED' ? 0 : isCancelled ? INTERRUPTED : 1;
      }
      if (signal.aborted && !isOwn) {
        terminal.err.write('the redrive goes on\n');
        return INTERRUPTED;
      }
      if (signal.aborted && !isCancelled && task?.TaskHandle !== undefined) {
        isCancelled = true;
        await cancel(letters, task.TaskHandle);
      } else {
        // The wish to end it is not waited for.
        await delay(interval, undefined, isCancelled ? {} : { signal }).catch(() => undefined);
      }
    }
  } finally {
    progress.end();
    letters.client.destroy();
  }
}

function readRate(rate: string | undefined): number | undefined {
  const number = Number(rate);
  if (rate !== undefined && !(Number.isInteger(number) && number >= 1 && number <= MAX_RATE)) {
    throw new Error(`--rate: got ${rate}, allowed: 1 to ${MAX_RATE} messages a second`);
  }
  return rate === undefined ? undefined : number;
}

async function latestTask({ client, arn }: DeadLetterQueue): Promise<Task | undefined> {
  const command = new ListMessageMoveTasksCommand({ SourceArn: arn, MaxResults: 1 });
  return (await inWords(arn, () => client.send(command))).Results?.[0];
}

/** Asks SQS to stop. What it says against it is that the task has just ended, which the next look shows. */
async function cancel({ client }: DeadLetterQueue, TaskHandle: string): Promise<void> {
  await client.send(new CancelMessageMoveTaskCommand({ TaskHandle })).catch(() => undefined);
}

function recordOf({ arn }: DeadLetterQueue, task: Task | undefined): RedriveRecord {
  return {
    queue: arn,
    status: task?.Status ?? 'RUNNING',
    moved: task?.ApproximateNumberOfMessagesMoved ?? 0,
    total: task?.ApproximateNumberOfMessagesToMove ?? 0,
    ...(task?.FailureReason !== undefined && { reason: task.FailureReason }),
  };
}

/** Tells how far it is: a bar on a terminal, else a line for each look. */
class Progress {
  private readonly bar: SingleBar | undefined;

  public constructor(
    private readonly terminal: Terminal,
    private readonly isJson: boolean,
  ) {
    if (!isJson && terminal.err.isTTY) {
      const format = '{bar} {value}/{total} messages moved back, {eta_formatted} left';
      const { err: stream } = terminal;
      this.bar = new SingleBar({ format, stream, hideCursor: true, forceRedraw: true }, Presets.shades_classic);
      this.bar.start(0, 0);
    }
  }

  public show(record: RedriveRecord): void {
    const { status, moved, total, reason } = record;
    if (this.isJson) {
      this.terminal.out.write(`${JSON.stringify(record)}\n`);
      return;
    }
    this.bar?.setTotal(total);
    this.bar?.update(moved);
    if (ONGOING.has(status)) {
      if (!this.bar) {
        this.terminal.out.write(`${status.toLowerCase()}: ${moved} of ${total} messages moved back\n`);
      }
      return;
    }
    this.end();
    const why = reason === undefined ? '' : `: ${reason}`;
    this.terminal.out.write(`${status.toLowerCase()}: ${moved} of ${total} messages moved back${why}\n`);
  }

  public end(): void {
    this.bar?.stop();
  }
}
