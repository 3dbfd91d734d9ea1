import { setTimeout as delay } from 'node:timers/promises';
import {
  CancelMessageMoveTaskCommand,
  ListMessageMoveTasksCommand,
  StartMessageMoveTaskCommand,
  type ListMessageMoveTasksResultEntry as Task,
} from '@aws-sdk/client-sqs';
import { INTERRUPTED, type Terminal } from '../terminal';
import { findDeadLetterQueue, withSqsErrors, type DeadLetterQueue } from './dead-letter-queue';
import { isOngoing, RedriveProgress, type RedriveRecord } from './redrive-progress';

/** Options of the command `redrive`. */
export interface RedriveOptions {
  /** URL or ARN of the dead-letter queue or of its source queue. */
  readonly queue: string;
  /** Maximum number of messages per second, from 1 to 500. @default - SQS determines the rate */
  readonly rate?: string;
  /** Print JSON records instead of text. */
  readonly json?: boolean;
}

/** Options that tests and the command line pass to {@link redriveQueue}. */
export interface FollowOptions {
  /** Signal that aborts when the user interrupts the command. */
  readonly signal: AbortSignal;
  /** Interval between two progress requests, in milliseconds. @default 1000 */
  readonly intervalMs?: number;
}

/**
 * Maximum number of messages per second that SQS accepts for a redrive.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
 */
const MAX_RATE = 500;

/**
 * Moves the messages of a dead-letter queue back to their source queue, and prints the progress. If a redrive of the queue is
 * already running, the command prints the progress of the running redrive. An interruption cancels only a redrive that the
 * command has started.
 *
 * @returns the exit code: 0 if SQS has moved all messages, 1 if the redrive has failed or another client has cancelled the
 * redrive, 130 if the user has interrupted the command
 * @throws Error if an option is invalid or SQS rejects a request
 */
export async function redriveQueue(
  { queue, rate, json }: RedriveOptions,
  terminal: Terminal,
  { signal, intervalMs = 1000 }: FollowOptions,
): Promise<number> {
  const messagesPerSecond = readRate(rate);
  const deadLetters = await findDeadLetterQueue(queue);
  const before = await latestTask(deadLetters);
  const isOwn = before?.Status !== 'RUNNING';
  if (isOwn) {
    await start(deadLetters, messagesPerSecond);
  } else {
    terminal.err.write('a redrive of this queue is already running; following it\n');
  }
  const progress = new RedriveProgress(terminal, json ?? false);
  try {
    for (let isCancelled = false; ;) {
      const latest = await latestTask(deadLetters);
      // SQS may list a new task only after a delay. Until then, the first task of the list is the task of an earlier redrive.
      const isOld = isOwn && before !== undefined && latest?.StartedTimestamp === before.StartedTimestamp;
      const task = isOld ? undefined : latest;
      const record = recordOf(deadLetters, task);
      progress.show(record);
      if (!isOngoing(record)) {
        return record.status === 'COMPLETED' ? 0 : isCancelled ? INTERRUPTED : 1;
      }
      if (signal.aborted && !isOwn) {
        terminal.err.write('the redrive continues\n');
        return INTERRUPTED;
      }
      if (signal.aborted && !isCancelled && task?.TaskHandle !== undefined) {
        isCancelled = true;
        await cancel(deadLetters, task.TaskHandle);
      } else {
        await delay(intervalMs, undefined, isCancelled ? {} : { signal }).catch(() => undefined);
      }
    }
  } finally {
    progress.end();
    deadLetters.client.destroy();
  }
}

function readRate(rate: string | undefined): number | undefined {
  const number = Number(rate);
  if (rate !== undefined && !(Number.isInteger(number) && number >= 1 && number <= MAX_RATE)) {
    throw new Error(`--rate: got ${rate}; expected 1 to ${MAX_RATE} messages per second`);
  }
  return rate === undefined ? undefined : number;
}

async function start(
  { client, arn, sourceArn }: DeadLetterQueue,
  messagesPerSecond: number | undefined,
): Promise<void> {
  const command = new StartMessageMoveTaskCommand({
    SourceArn: arn,
    // Without a destination, SQS cannot move messages from EventBridge, because these messages have no source queue.
    DestinationArn: sourceArn,
    MaxNumberOfMessagesPerSecond: messagesPerSecond,
  });
  await withSqsErrors(arn, () => client.send(command));
}

async function latestTask({ client, arn }: DeadLetterQueue): Promise<Task | undefined> {
  const command = new ListMessageMoveTasksCommand({ SourceArn: arn, MaxResults: 1 });
  return (await withSqsErrors(arn, () => client.send(command))).Results?.[0];
}

/**
 * Cancels a task. Ignores errors, because SQS rejects the request only if the task has already ended. The next request for the
 * task returns the final status.
 */
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
