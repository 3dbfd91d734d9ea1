import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A child that does what the key of its job says, and can be told by the environment how to begin. What it does with a
 * real pipeline is for the end-to-end tests.
 */
const PROGRAM = `
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => undefined);
const held = [];
const words = {
  made: () => ({ status: 'deleted', removed: process.pid }),
  crash: () => new Promise(() => process.kill(process.pid, 'SIGABRT')),
  crashOnce: () => {
    const mark = __filename + '.crashed';
    if (require('node:fs').existsSync(mark)) return words.made();
    require('node:fs').writeFileSync(mark, '');
    return words.crash();
  },
  knows: (pair) => {
    const [name, value] = pair.split('=');
    return process.env[name] === value ? words.made() : words.reject('corrupt');
  },
  secret: (text) => { if (JSON.stringify(process.env).includes(text)) process.exit(1); return words.made(); },
  exit: () => process.exit(3),
  hang: () => { for (;;); },
  grow: () => new Promise(() => setInterval(() => held.push(Buffer.alloc(16 << 20, 1)), 5)),
  swell: () => { held.push(Buffer.alloc(200 << 20, 1)); return { status: 'deleted', removed: process.pid }; },
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, Number(milliseconds), { status: 'deleted', removed: process.pid })),
  waitForLeave: async () => {
    while (!require('node:fs').existsSync(__filename + '.leave')) await words.wait(10);
    return words.made();
  },
  reject: (code) => { throw Object.assign(new Error('no'), { name: 'ImageRejection', code, retryable: code === 'timeout' }); },
};
const job = async ({ id, key, force }) => {
  const [word, argument] = key.split(':');
  try {
    const outcome = { key, force, ...(await words[word](argument)) };
    return { kind: 'done', id, outcome, rss: process.memoryUsage.rss() };
  } catch ({ name, message, code, retryable }) {
    return { kind: 'failed', id, error: { name, message, code, retryable }, rss: process.memoryUsage.rss() };
  }
};
const start = {
  unable: () => process.send({ kind: 'unable', message: 'SOURCE_BUCKET: is not set' }),
  exit: () => process.exit(7),
  late: () => setInterval(() => undefined, 1000),
}[process.env.START ?? ''];
if (start) start();
else {
  process.on('message', (message) => void job(message).then((report) => process.send(report)));
  process.send({ kind: 'ready' });
}
`;

/** The program of a child. */
export interface FakeWorkerProcess {
  /** Its path. */
  readonly script: string;
  /** Lets those go on that wait for it. */
  leave(): void;
  remove(): void;
}

/** Writes the program of a child that obeys its keys. */
export function writeFakeChild(): FakeWorkerProcess {
  const folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-child-'));
  const script = join(folder, 'worker-process.js');
  writeFileSync(script, PROGRAM);
  return {
    script,
    leave: () => writeFileSync(`${script}.leave`, ''),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
