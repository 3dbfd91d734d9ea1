import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What SQS's JSON protocol says of an error. */
interface Refusal {
  readonly __type: string;
  readonly message: string;
}

/** A move task as SQS lists it. */
export interface FakeTask {
  Status: 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED';
  TaskHandle?: string;
  readonly StartedTimestamp: number;
  ApproximateNumberOfMessagesMoved: number;
  ApproximateNumberOfMessagesToMove: number;
  MaxNumberOfMessagesPerSecond?: number;
  FailureReason?: string;
}

/** SQS as far as a redrive sees it; fauxqs knows no move tasks. */
export interface FakeMoveTasks {
  readonly endpoint: string;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly deadLetterUrl: string;
  readonly deadLetterArn: string;
  /** The newest first. */
  readonly tasks: FakeTask[];
  /** Names of the actions that were asked for. */
  readonly actions: string[];
  /** Answers an action with an error from now on. */
  refuse(action: string, refusal: Refusal): void;
  stop(): Promise<void>;
}

/** How it goes. */
export interface FakeMoveTasksOptions {
  readonly messages: number;
  /** Messages that are moved between two looks. */
  readonly pace: number;
  /** How a task ends that nobody cancels. Default: COMPLETED. */
  readonly end?: 'COMPLETED' | 'FAILED';
  /** Looks that do not show a task yet that was begun. Default: 0. */
  readonly lag?: number;
}

/** Starts it on a port given by the system. */
export async function startFakeMoveTasks({
  messages,
  pace,
  end = 'COMPLETED',
  lag = 0,
}: FakeMoveTasksOptions): Promise<FakeMoveTasks> {
  const arn = (name: string): string => `arn:aws:sqs:eu-central-1:111122223333:${name}`;
  const tasks: FakeTask[] = [];
  const actions: string[] = [];
  let looks = 0;
  const refusals = new Map<string, Refusal>();

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
  const noQueue: Refusal = {
    __type: 'com.amazonaws.sqs#QueueDoesNotExist',
    message: 'The specified queue does not exist.',
  };
  const answers: Readonly<Record<string, (asked: Readonly<Record<string, unknown>>) => object>> = {
    GetQueueUrl: ({ QueueName }) => ({ QueueUrl: `${endpoint}/111122223333/${String(QueueName)}` }),
    GetQueueAttributes: ({ QueueUrl }) => {
      const name = String(QueueUrl).split('/').at(-1) ?? '';
      const policy = { deadLetterTargetArn: arn('dead-letters'), maxReceiveCount: 5 };
      const isFirst = name === 'images' && { RedrivePolicy: JSON.stringify(policy) };
      return ['images', 'dead-letters', 'lonely'].includes(name)
        ? { Attributes: { QueueArn: arn(name), ...isFirst } }
        : noQueue;
    },
    ListMessageMoveTasks: () => {
      const [latest] = tasks.length > 1 && looks++ < lag ? tasks.slice(1) : tasks;
      const Results = latest ? [{ ...latest, SourceArn: arn('dead-letters') }] : [];
      tasks.forEach(proceed);
      return { Results };
    },
    StartMessageMoveTask: ({ SourceArn, MaxNumberOfMessagesPerSecond }) => {
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
    void json(request).then((asked) => {
      const action = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
      actions.push(action);
      send(response, refusals.get(action) ?? answers[action]!(asked as Record<string, unknown>));
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
    refuse: (action, refusal) => void refusals.set(action, refusal),
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function send(response: ServerResponse, answer: object): void {
  response.writeHead('__type' in answer ? 400 : 200, { 'Content-Type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify(answer));
}
