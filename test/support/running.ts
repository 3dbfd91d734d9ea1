import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A process of this project, with what it says. */
export class Running {
  /** Everything that it wrote until now. */
  public output = '';
  private readonly exited: Promise<number | null>;

  private constructor(private readonly child: ChildProcess) {
    this.exited = once(child, 'exit').then(([code]) => code as number | null);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
  }

  /** Starts Node with some words and with variables added to the environment. */
  public static node(words: readonly string[], variables: Readonly<Record<string, string>> = {}): Running {
    return new Running(
      spawn(process.execPath, words, {
        env: { ...process.env, ...variables },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      }),
    );
  }

  /** What a pattern finds in the output, as soon as it does. */
  public async says(pattern: RegExp): Promise<RegExpExecArray> {
    return eventually(() => {
      const found = pattern.exec(this.output);
      if (!found && this.child.exitCode !== null) {
        throw new Error(`the process ended with ${this.child.exitCode} before it said ${pattern}:\n${this.output}`);
      }
      return found ?? undefined;
    }, `the process to say ${pattern}, but it said:\n${this.output}`);
  }

  /** Its exit code, once it is over. */
  public async exit(): Promise<number | null> {
    return this.exited;
  }

  /** Sends a signal and tells the exit code. */
  public async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    return this.exited;
  }

  /** Ends it and all that it started, whatever state they are in. */
  public kill(): void {
    try {
      process.kill(-this.child.pid!, 'SIGKILL');
    } catch {
      // All of them are gone.
    }
  }
}

/** What a look gives, tried again until it gives something. */
export async function eventually<T>(
  look: () => T | undefined | Promise<T | undefined>,
  what: string,
  seconds = 60,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined) {
      return found;
    }
    if (Date.now() > end) {
      throw new Error(`waited ${seconds} s for ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
