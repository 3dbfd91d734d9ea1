import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createQueueClient } from '../../container/queue/queue-client';

const ARN = /^arn:aws[a-z-]*:sqs:([a-z0-9-]+):(\d{12}):([\w-]{1,80}(?:\.fifo)?)$/;
/** Permissions that a redrive takes: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html */
const ACTIONS =
  'sqs:StartMessageMoveTask, sqs:ListMessageMoveTasks, sqs:CancelMessageMoveTask, sqs:GetQueueAttributes, sqs:GetQueueUrl, ' +
  'sqs:ReceiveMessage and sqs:DeleteMessage on the dead-letter queue, sqs:SendMessage on the queue before it';

/** A dead-letter queue, and a client for it. */
export interface DeadLetterQueue {
  readonly client: SQSClient;
  readonly arn: string;
}

/**
 * The dead-letter queue that a word means: its own URL or ARN, or those of the queue whose messages it takes.
 *
 * @throws Error that says what is wrong with the word, or what SQS says
 */
export async function findDeadLetterQueue(word: string): Promise<DeadLetterQueue> {
  const [, region, account, name] = ARN.exec(word) ?? [];
  const client = region === undefined ? createQueueClient(urlOf(word), 1) : new SQSClient({ region });
  return inWords(word, async () => {
    const asked = new GetQueueUrlCommand({ QueueName: name, QueueOwnerAWSAccountId: account });
    const QueueUrl = region === undefined ? word : (await client.send(asked)).QueueUrl;
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn', 'RedrivePolicy'] });
    const { QueueArn = '', RedrivePolicy } = (await client.send(command)).Attributes ?? {};
    // Only the queue before it has a policy that says where messages go that are received too often.
    const policy = RedrivePolicy === undefined ? {} : (JSON.parse(RedrivePolicy) as { deadLetterTargetArn?: string });
    return { client, arn: policy.deadLetterTargetArn ?? QueueArn };
  });
}

/** Does what asks SQS, and makes what SQS says against it something that one can act on. */
export async function inWords<T>(queue: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${queue}: ${adviceOn(error as Error)}`, { cause: error });
  }
}

function urlOf(word: string): string {
  if (/^https?:\/\/[^/]+\/.+/.test(word) && URL.canParse(word)) {
    return word;
  }
  throw new Error(
    `--queue: got ${word}, allowed: the URL or the ARN of a queue, such as arn:aws:sqs:eu-central-1:111122223333:dead-letters`,
  );
}

function adviceOn({ name, message }: Error): string {
  if (/NotFound|NonExistent|DoesNotExist/.test(name)) {
    return 'there is no such queue in this account and region';
  }
  if (/AccessDenied|NotAuthorized/.test(name)) {
    return `${message} (a redrive needs ${ACTIONS})`;
  }
  if (/dead[ -]?letter queue/i.test(message)) {
    return 'it is no dead-letter queue of another queue, and has none itself';
  }
  return message || name;
}
