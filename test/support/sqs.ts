import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

const REGION = 'us-east-1';
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** A queue and the one that takes what cannot be worked. */
export interface TestQueue {
  readonly url: string;
  readonly deadLetterUrl: string;
}

/** A running SQS server in a process of its own. */
export interface SqsServer {
  /** Environment variables that lead a program's queue client here. */
  readonly env: Readonly<Record<string, string>>;
  readonly client: SQSClient;
  createQueue(options?: { /** Default: 3. */ readonly maxReceiveCount?: number }): Promise<TestQueue>;
  send(url: string, body: string): Promise<void>;
  /** Messages of a queue: those that can be received, and those that somebody has received. */
  depth(url: string): Promise<{ readonly visible: number; readonly hidden: number }>;
  /** Bodies of the first messages of a queue, which are hidden then. */
  receive(url: string): Promise<string[]>;
  stop(): Promise<void>;
}

/**
 * fauxqs is an ECMAScript module that jest cannot load, and a queue must go on while a program under test keeps the test's
 * own process busy.
 */
const PROGRAM = `
import { startFauxqs } from 'fauxqs';
const server = await startFauxqs({ port: 0, logger: false });
process.on('disconnect', () => process.exit());
process.send(server.port);
`;

/** Starts fauxqs on a port given by the system. Of what it emulates only SQS is of use. */
export async function startSqs(): Promise<SqsServer> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
    cwd: join(__dirname, '../..'),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [port] = (await once(child, 'message')) as [number];
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new SQSClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  const create = async (name: string, attributes: Record<string, string>): Promise<string> => {
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
    return QueueUrl;
  };
  const attributesOf = async (url: string): Promise<Partial<Record<string, string>>> => {
    const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] });
    return (await client.send(command)).Attributes ?? {};
  };
  return {
    client,
    env: {
      AWS_ENDPOINT_URL_SQS: endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    },
    async createQueue({ maxReceiveCount = 3 } = {}) {
      const name = `queue-${randomUUID()}`;
      const deadLetterUrl = await create(`${name}-dead`, {});
      const deadLetterTargetArn = (await attributesOf(deadLetterUrl))['QueueArn'];
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
      return { deadLetterUrl, url: await create(name, { RedrivePolicy }) };
    },
    async send(url, body) {
      await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
    },
    async depth(url) {
      const attributes = await attributesOf(url);
      return {
        visible: Number(attributes['ApproximateNumberOfMessages']),
        hidden: Number(attributes['ApproximateNumberOfMessagesNotVisible']),
      };
    },
    async receive(url) {
      const command = new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 });
      return ((await client.send(command)).Messages ?? []).map(({ Body = '' }) => Body);
    },
    async stop() {
      client.destroy();
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
