import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A process of Node.js with its output. */
export class Running {
  /** Output up to now, stdout and stderr. */
  public output = '';
  private readonly exited: Promise<number | null>;

  private constructor(private readonly child: ChildProcess) {
    this.exited = once(child, 'exit').then(([code]) => code as number | null);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
  }

  /** Starts Node.js with arguments and additional environment variables. */
  public static node(args: readonly string[], variables: Readonly<Record<string, string>> = {}): Running {
    return new Running(
      spawn(process.execPath, args, {
        env: { ...process.env, ...variables },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      }),
    );
  }

  /**
   * Waits until the output matches a pattern and returns the match.
   *
   * @throws Error if the process exits without a match
   */
  public async prints(pattern: RegExp): Promise<RegExpExecArray> {
    return eventually(() => {
      const found = pattern.exec(this.output);
      if (!found && this.child.exitCode !== null) {
        throw new Error(`the process ended with ${this.child.exitCode} without printing ${pattern}:\n${this.output}`);
      }
      return found ?? undefined;
    }, `the process to print ${pattern}; its output:\n${this.output}`);
  }

  /** Waits for the process and returns its exit code. */
  public async exit(): Promise<number | null> {
    return this.exited;
  }

  /** Sends a signal and returns the exit code. */
  public async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    return this.exited;
  }

  /** Kills the process and its descendants. */
  public kill(): void {
    try {
      process.kill(-this.child.pid!, 'SIGKILL');
    } catch {
      // All of them have exited.
    }
  }
}

/** Polls until `check` returns a value. The time limit is generous, because machines are busy. */
export async function eventually<T>(
  check: () => T | undefined | Promise<T | undefined>,
  what: string,
  seconds = 500,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await check();
    if (found !== undefined) {
      return found;
    }
    if (Date.now() > end) {
      throw new Error(`waited ${seconds} s for ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
