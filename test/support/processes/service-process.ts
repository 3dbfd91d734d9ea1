import { eventually } from '../eventually';
import { NodeProcess, peakBytesOf } from './node-process';

/** Line of the log of a service. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly message: string };

/** Fields of the log line `service started`. */
export interface StartedFields {
  readonly url: string;
  readonly workerPids: readonly number[];
}

/** Settings of a service with two worker processes and small thumbnails. */
export const SETTINGS: Readonly<Record<string, string>> = {
  THUMBNAILS: JSON.stringify([
    { name: 'small', fit: 'inside', width: 80, height: 80, formats: [{ type: 'webp' }] },
    { name: 'square', fit: 'cover', width: 64, height: 64, formats: [{ type: 'jpeg' }] },
  ]),
  HOST: '127.0.0.1',
  PORT: '0',
  WORKER_PROCESSES: '2',
  STOP_TIMEOUT_SECONDS: '20',
  VISIBILITY_TIMEOUT_SECONDS: '2',
};

/** Files of a thumbnail set with {@link SETTINGS}. */
export const FILES = ['small.webp', 'square.jpg', 'manifest.json'] as const;

/** The service of the container in a separate process. */
export class ServiceProcess {
  private constructor(
    private readonly process: NodeProcess,
    /** Fields of the log line `service started`. */
    public readonly started: StartedFields,
  ) {}

  /** Starts a service and resolves when it is running. */
  public static async start(
    script: string,
    variables: Readonly<Record<string, string>>,
    uid?: number,
  ): Promise<ServiceProcess> {
    const process = NodeProcess.start([script], { ...SETTINGS, ...variables }, uid);
    try {
      const [line] = await process.waitForOutput(/^\{.*"message":"service started".*\}$/m);
      return new ServiceProcess(process, JSON.parse(line) as StartedFields);
    } catch (error) {
      await process.stop('SIGKILL');
      throw error;
    }
  }

  /** Lines of the log. */
  public get lines(): LogLine[] {
    return this.process.output
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** Peak resident memory of the main process in bytes. Supports only Linux. */
  public get peakBytes(): number {
    return peakBytesOf(this.process.pid);
  }

  /** Keys of all log lines with the status `made`, with duplicates. */
  public get made(): string[] {
    return this.lines.filter(({ status }) => status === 'made').map(({ key }) => String(key));
  }

  /** Resolves after `count` log lines with the status `made`. Rejects if the number of lines remains unchanged for too long. */
  public async hasMade(count: number): Promise<void> {
    for (let made = this.made.length; made < count;) {
      const before = made;
      made = await eventually(
        () => (this.made.length > before ? this.made.length : undefined),
        `${count} outcomes made, after ${before}`,
      );
    }
  }

  /** Resolves with the first log line that has this message. */
  public async waitForLine(message: string): Promise<LogLine> {
    return eventually(
      () => this.lines.find((line) => line.message === message),
      `the log line "${message}"; the output is:\n${this.process.output}`,
    );
  }

  /** Sends a signal and resolves with the exit code. */
  public async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    return this.process.stop(signal);
  }
}
