import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Script of a worker process that executes the command in the key of a job. With the environment variable START, the
 * process fails at its start.
 */
const PROGRAM = `
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => undefined);
const held = [];
const commands = {
  made: () => ({ status: 'deleted', removed: process.pid }),
  crash: () => new Promise(() => process.kill(process.pid, 'SIGABRT')),
  crashOnce: (name = '') => {
    const mark = __filename + '.crashed' + name;
    if (require('node:fs').existsSync(mark)) return commands.made();
    require('node:fs').writeFileSync(mark, '');
    return commands.crash();
  },
  knows: (pair) => {
    const [name, value] = pair.split('=');
    return process.env[name] === value ? commands.made() : commands.reject('corrupt');
  },
  secret: (text) => { if (JSON.stringify(process.env).includes(text)) process.exit(1); return commands.made(); },
  exit: () => process.exit(3),
  // Ends with the process of the test, also if the test is killed.
  hang: () => { const { ppid } = process; while (process.ppid === ppid); },
  grow: () => new Promise(() => setInterval(() => held.push(Buffer.alloc(16 << 20, 1)), 5)),
  swell: () => { held.push(Buffer.alloc(200 << 20, 1)); return { status: 'deleted', removed: process.pid }; },
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, Number(milliseconds), { status: 'deleted', removed: process.pid })),
  waitForRelease: async () => {
    while (!require('node:fs').existsSync(__filename + '.release')) await commands.wait(10);
    return commands.made();
  },
  reject: (code) => { throw Object.assign(new Error('no'), { name: 'ImageRejection', code, retryable: code === 'timeout' }); },
};
const job = async ({ id, key, force, rejectsUnanalyzed }) => {
  const [command, argument] = key.split(':');
  try {
    const outcome = { key, force, rejectsUnanalyzed, ...(await commands[command](argument)) };
    return { kind: 'done', id, outcome, rssBytes: process.memoryUsage.rss() };
  } catch ({ name, message, code, retryable }) {
    return { kind: 'failed', id, error: { name, message, code, retryable }, rssBytes: process.memoryUsage.rss() };
  }
};
const start = {
  unable: () => process.send({ kind: 'start-failed', message: 'SOURCE_BUCKET: is not set' }),
  exit: () => process.exit(7),
  late: () => setInterval(() => undefined, 1000),
}[process.env.START ?? ''];
if (start) start();
else {
  process.on('message', (message) => void job(message).then((report) => process.send(report)));
  process.send({ kind: 'ready' });
}
`;

/** Script of a fake worker process. */
export interface FakeWorkerProcess {
  /** Path of the script. */
  readonly script: string;
  /** Completes all jobs with the command `waitForRelease`. */
  release(): void;
  /** Reverses {@link release} for later jobs. */
  hold(): void;
  /** Deletes the script. */
  remove(): void;
}

/** Writes the script to a temporary directory. */
export function writeFakeWorker(): FakeWorkerProcess {
  const directory = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-worker-'));
  const script = join(directory, 'worker-process.js');
  writeFileSync(script, PROGRAM);
  return {
    script,
    release: () => writeFileSync(`${script}.release`, ''),
    hold: () => rmSync(`${script}.release`, { force: true }),
    remove: () => rmSync(directory, { recursive: true }),
  };
}

/** Returns whether a process exists. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
