import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** An error response of the JSON protocol of SQS. */
interface SqsError {
  readonly __type: string;
  readonly message: string;
}

/** A message move task in the format of a ListMessageMoveTasks response. */
export interface FakeTask {
  Status: 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED';
  TaskHandle?: string;
  readonly StartedTimestamp: number;
  ApproximateNumberOfMessagesMoved: number;
  ApproximateNumberOfMessagesToMove: number;
  MaxNumberOfMessagesPerSecond?: number;
  DestinationArn?: string;
  FailureReason?: string;
}

/** Emulates the SQS actions of a redrive, because the SQS emulator fauxqs does not support message move tasks. */
export interface FakeMoveTasks {
  readonly endpoint: string;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly deadLetterUrl: string;
  readonly deadLetterArn: string;
  /** Started tasks, the newest first. */
  readonly tasks: FakeTask[];
  /** Names of the received actions. */
  readonly actions: string[];
  /** Responds to all further requests of an action with an error. */
  fail(action: string, error: SqsError): void;
  stop(): Promise<void>;
}

/** Behaviour of {@link FakeMoveTasks}. */
export interface FakeMoveTasksOptions {
  /** Number of messages in the dead-letter queue. */
  readonly messages: number;
  /** Number of messages that a task moves between two ListMessageMoveTasks requests. */
  readonly pace: number;
  /** Final status of a task that is not cancelled. @default COMPLETED */
  readonly end?: 'COMPLETED' | 'FAILED';
  /** Number of ListMessageMoveTasks responses that do not contain a new task. @default 0 */
  readonly lag?: number;
}

/** Starts the emulation on a free port. */
export async function startFakeMoveTasks({
  messages,
  pace,
  end = 'COMPLETED',
  lag = 0,
}: FakeMoveTasksOptions): Promise<FakeMoveTasks> {
  const arn = (name: string): string => `arn:aws:sqs:eu-central-1:111122223333:${name}`;
  const tasks: FakeTask[] = [];
  const actions: string[] = [];
  let listings = 0;
  const errors = new Map<string, SqsError>();

  const proceed = (task: FakeTask): void => {
    if (task.Status === 'CANCELLING') {
      task.Status = 'CANCELLED';
    } else if (task.Status === 'RUNNING') {
      task.ApproximateNumberOfMessagesMoved = Math.min(messages, task.ApproximateNumberOfMessagesMoved + pace);
      if (task.ApproximateNumberOfMessagesMoved === messages) {
        task.Status = end;
        if (end === 'FAILED') {
          task.FailureReason = 'CouldNotDetermineMessageSource';
        }
      }
    }
    if (task.Status !== 'RUNNING') {
      delete task.TaskHandle;
    }
  };
  const noQueue: SqsError = {
    __type: 'com.amazonaws.sqs#QueueDoesNotExist',
    message: 'The specified queue does not exist.',
  };
  const responses: Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => object>> = {
    GetQueueUrl: ({ QueueName }) => ({ QueueUrl: `${endpoint}/111122223333/${String(QueueName)}` }),
    GetQueueAttributes: ({ QueueUrl }) => {
      const name = String(QueueUrl).split('/').at(-1) ?? '';
      const policy = { deadLetterTargetArn: arn('dead-letters'), maxReceiveCount: 5 };
      const isFirst = name === 'images' && { RedrivePolicy: JSON.stringify(policy) };
      return ['images', 'dead-letters', 'without-dead-letters'].includes(name)
        ? { Attributes: { QueueArn: arn(name), ...isFirst } }
        : noQueue;
    },
    ListMessageMoveTasks: () => {
      const [latest] = tasks.length > 1 && listings++ < lag ? tasks.slice(1) : tasks;
      const Results = latest ? [{ ...latest, SourceArn: arn('dead-letters') }] : [];
      tasks.forEach(proceed);
      return { Results };
    },
    StartMessageMoveTask: ({ SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond }) => {
      if (SourceArn !== arn('dead-letters')) {
        const message = 'Source queue must be configured as a Dead Letter Queue.';
        return { __type: 'com.amazonaws.sqs#InvalidParameterValue', message };
      }
      const TaskHandle = `handle ${tasks.length}`;
      tasks.unshift({
        Status: 'RUNNING',
        TaskHandle,
        StartedTimestamp: tasks.length,
        ApproximateNumberOfMessagesMoved: 0,
        ApproximateNumberOfMessagesToMove: messages,
        ...(DestinationArn !== undefined && { DestinationArn: DestinationArn as string }),
        ...(MaxNumberOfMessagesPerSecond !== undefined && {
          MaxNumberOfMessagesPerSecond: Number(MaxNumberOfMessagesPerSecond),
        }),
      });
      return { TaskHandle };
    },
    CancelMessageMoveTask: ({ TaskHandle }) => {
      const task = tasks.find((other) => other.TaskHandle === TaskHandle);
      if (!task) {
        return { __type: 'com.amazonaws.sqs#ResourceNotFoundException', message: 'no such task' };
      }
      task.Status = 'CANCELLING';
      return { ApproximateNumberOfMessagesMoved: task.ApproximateNumberOfMessagesMoved };
    },
  };

  const server = createServer((request, response) => {
    void json(request).then((input) => {
      const action = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
      actions.push(action);
      send(response, errors.get(action) ?? responses[action]!(input as Record<string, unknown>));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    queueUrl: `${endpoint}/111122223333/images`,
    queueArn: arn('images'),
    deadLetterUrl: `${endpoint}/111122223333/dead-letters`,
    deadLetterArn: arn('dead-letters'),
    tasks,
    actions,
    fail: (action, error) => void errors.set(action, error),
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function send(response: ServerResponse, body: object): void {
  response.writeHead('__type' in body ? 400 : 200, { 'Content-Type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify(body));
}
