import { eventually, Running } from '../support/running';

/** What a service writes: one JSON object a line. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly message: string };

/** What a service says of itself when it runs. */
export interface Facts {
  readonly url: string;
  readonly children: readonly number[];
}

/** The settings of a service that works on small thumbnails with two children. */
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

/** Files of a set that {@link SETTINGS} ask for. */
export const FILES = ['small.webp', 'square.jpg', 'manifest.json'] as const;

/** The container's program in a process of its own. */
export class ServiceProcess {
  private constructor(
    private readonly running: Running,
    /** Its address, and the processes that it began with. */
    public readonly facts: Facts,
  ) {}

  /** Starts it, and resolves when it works. */
  public static async start(script: string, variables: Readonly<Record<string, string>>): Promise<ServiceProcess> {
    const running = Running.node([script], { ...SETTINGS, ...variables });
    try {
      const [line] = await running.prints(/^\{.*"message":"the service runs".*\}$/m);
      return new ServiceProcess(running, JSON.parse(line) as Facts);
    } catch (error) {
      await running.stop('SIGKILL');
      throw error;
    }
  }

  /** Everything that it has said. */
  public get lines(): LogLine[] {
    return this.running.output
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** Keys of the images whose thumbnails it has made, as often as it has. */
  public get made(): string[] {
    return this.lines.filter(({ status }) => status === 'made').map(({ key }) => String(key));
  }

  /** Resolves when it has made the thumbnails of that many images, however long it takes, as long as there are more and more. */
  public async hasMade(count: number): Promise<void> {
    for (let made = this.made.length; made < count;) {
      const before = made;
      made = await eventually(
        () => (this.made.length > before ? this.made.length : undefined),
        `${count} images to be made, after ${before}`,
      );
    }
  }

  /** The first line that says this, as soon as there is one. */
  public async prints(message: string): Promise<LogLine> {
    return eventually(
      () => this.lines.find((line) => line.message === message),
      `the service to say «${message}», but it said:\n${this.running.output}`,
    );
  }

  /** Sends a signal and tells the exit code. */
  public async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    return this.running.stop(signal);
  }
}
