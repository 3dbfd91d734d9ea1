import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { SQSBatchResponse } from 'aws-lambda';
import { invocation } from '../../unit/lambda/entry-points';
import { sqsEvent } from '../../unit/lambda/sqs-event';
import { peakBytesOf } from './node-process';

const REMAINING_MS = 30_000;

/** A Lambda function in a separate process, invoked with one event at a time. */
export class FunctionProcess {
  private output = '';
  private readonly exited: Promise<never>;

  private constructor(private readonly process: ChildProcess) {
    for (const stream of [process.stdout, process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.exited = once(process, 'exit').then(() =>
      Promise.reject(new Error(`the function process exited before the test stopped it:\n${this.output}`)),
    );
    // `invoke` reports the rejection.
    this.exited.catch(() => undefined);
  }

  /** Starts a process that loads the bundle of the function. */
  public static start(bundle: string, environment: Readonly<Record<string, string>>): FunctionProcess {
    const script = `
      const { handler } = require(${JSON.stringify(bundle)});
      process.on('message', async ([event, context, remaining]) =>
        process.send(await handler(event, { ...context, getRemainingTimeInMillis: () => remaining })));`;
    return new FunctionProcess(
      spawn(process.execPath, ['--eval', script], {
        env: { PATH: process.env['PATH'], ...environment },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      }),
    );
  }

  /** Invokes the function with an event and returns the response. */
  public async call(event: object): Promise<unknown> {
    this.process.send([event, invocation(), REMAINING_MS]);
    const [response] = (await Promise.race([once(this.process, 'message'), this.exited])) as [unknown];
    return response;
  }

  /** Invokes the upload function with one message. Expects a response without failures. */
  public async invoke(body: string): Promise<void> {
    const response = (await this.call(sqsEvent(body))) as SQSBatchResponse;
    expect({ response, output: this.output }).toMatchObject({ response: { batchItemFailures: [] } });
  }

  /** Peak resident memory of the process in bytes. Supports only Linux. */
  public get peakBytes(): number {
    return peakBytesOf(this.process.pid!);
  }

  /** Kills the process. */
  public kill(): void {
    this.process.kill('SIGKILL');
  }
}
