import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { eventually } from '../eventually';

/** Returns the peak resident memory of a process in bytes. Supports only Linux. */
export function peakBytesOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** A Node.js process with its output. */
export class NodeProcess {
  /** Output until now, stdout and stderr. */
  public output = '';
  private readonly exited: Promise<number | null>;

  private constructor(private readonly process: ChildProcess) {
    this.exited = once(process, 'exit').then(([code]) => code as number | null);
    for (const stream of [process.stdout, process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
  }

  /**
   * Starts Node.js with arguments and additional environment variables.
   *
   * @param uid user id of the process; defaults to the user of the current process
   * @param executable path of Node.js; defaults to the Node.js of the current process
   */
  public static start(
    args: readonly string[],
    variables: Readonly<Record<string, string>> = {},
    uid?: number,
    executable = process.execPath,
  ): NodeProcess {
    return new NodeProcess(
      spawn(executable, args, {
        env: { ...process.env, ...variables },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
        ...(uid !== undefined && { uid }),
      }),
    );
  }

  /** Process id. */
  public get pid(): number {
    return this.process.pid!;
  }

  /**
   * Resolves with the first match of a pattern in the output of the process.
   *
   * @throws Error if the process exits before a match
   */
  public async waitForOutput(pattern: RegExp): Promise<RegExpExecArray> {
    return eventually(() => {
      const match = pattern.exec(this.output);
      if (!match && this.process.exitCode !== null) {
        throw new Error(`the process exited with ${this.process.exitCode} before ${pattern}:\n${this.output}`);
      }
      return match ?? undefined;
    }, `output ${pattern}; the output is:\n${this.output}`);
  }

  /** Resolves with the exit code. */
  public async exit(): Promise<number | null> {
    return this.exited;
  }

  /** Sends a signal and resolves with the exit code. */
  public async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.process.kill(signal);
    return this.exited;
  }

  /** Kills the process and its descendants. */
  public kill(): void {
    try {
      process.kill(-this.process.pid!, 'SIGKILL');
    } catch {
      // All of them have exited.
    }
  }
}
