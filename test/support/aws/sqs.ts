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

/** A queue with its dead-letter queue. */
export interface TestQueue {
  readonly url: string;
  readonly deadLetterUrl: string;
}

/** An SQS emulator in a separate process. */
export interface SqsServer {
  /** Environment variables with which the AWS SDK of another process uses this server. */
  readonly env: Readonly<Record<string, string>>;
  readonly client: SQSClient;
  /** Creates a queue. `maxReceiveCount` defaults to 3. */
  createQueue(options?: { readonly maxReceiveCount?: number }): Promise<TestQueue>;
  /** Sends a message. */
  send(url: string, body: string): Promise<void>;
  /** Returns the numbers of visible and in-flight messages. */
  depth(url: string): Promise<{ readonly visible: number; readonly hidden: number }>;
  /** Receives up to ten messages and returns their bodies. */
  receive(url: string): Promise<string[]>;
  /** Stops the process. */
  stop(): Promise<void>;
}

/**
 * Program of the server process. Jest cannot load fauxqs, which is an ECMAScript module. In a separate process, the
 * queue responds even if the code under test blocks the event loop.
 */
const PROGRAM = `
import { startFauxqs } from 'fauxqs';
const server = await startFauxqs({ port: 0, logger: false });
process.on('disconnect', () => process.exit());
process.send(server.port);
`;

/** Starts fauxqs on a free port. The tests use only its SQS emulation. */
export async function startSqs(): Promise<SqsServer> {
  const server = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
    cwd: join(__dirname, '../../..'),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [port] = (await once(server, 'message')) as [number];
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
      const exited = once(server, 'exit');
      server.disconnect();
      await exited;
    },
  };
}
