import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchDirectory } from '../../../../runtime/program/following/watch-directory';
import { eventually } from '../../../support/eventually';

// Jest cannot load chokidar, which is an ECMAScript module. The integration tests use chokidar.
jest.mock('../../../../runtime/program/following/open-watcher', () => ({ openWatcher: () => undefined }));

class FakeWatcher extends EventEmitter {
  public readonly close = jest.fn(() => Promise.resolve());
}

const errno = (code: string, path = '/photos'): Error =>
  Object.assign(new Error(`${code}: failed, watch '${path}'`), { code });

let directory: string;
let watcher: FakeWatcher;
let opened: string[];
const listener = { changed: jest.fn(), skipped: jest.fn(), incomplete: jest.fn() };
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'watch-directory-')));
  watcher = new FakeWatcher();
  opened = [];
  jest.resetAllMocks();
  watcher.close.mockResolvedValue();
});
afterEach(() => rmSync(directory, { recursive: true }));

async function open(path = directory) {
  const watch = watchDirectory(path, listener, (root) => {
    opened.push(root);
    return watcher;
  });
  await eventually(() => watcher.listenerCount('error') > 0 || undefined, 'the listeners');
  return { watch, ready: () => watcher.emit('ready') };
}

test.each(['ENOSPC', 'EMFILE'])(
  'watchDirectory() reports %s once with the fix, and resolves without the event `ready`',
  async (code) => {
    const { watch } = await open();
    watcher.emit('error', errno(code, 'a'));
    watcher.emit('error', errno(code, 'b'));
    await watch;
    watcher.emit('error', errno(code, 'c'));
    expect(listener.incomplete).toHaveBeenCalledTimes(1);
    expect(listener.incomplete).toHaveBeenCalledWith(
      expect.objectContaining({ message: expect.stringMatching(/max_user_(watches|instances)/) as string }),
    );
  },
);

test('watchDirectory() reports each unreadable path once and continues, before and after the event `ready`', async () => {
  const { watch, ready } = await open();
  watcher.emit('error', errno('EACCES', 'lost+found'));
  watcher.emit('error', errno('EPERM', 'private'));
  ready();
  await watch;
  watcher.emit('error', errno('EACCES', 'lost+found'));
  watcher.emit('error', errno('EACCES', 'later'));
  expect(listener.skipped).toHaveBeenCalledTimes(3);
  expect(listener.incomplete).not.toHaveBeenCalled();
});

test('watchDirectory() watches the target of a linked directory and reports paths below the link', async () => {
  const target = join(directory, 'target');
  const link = join(directory, 'link');
  mkdirSync(target);
  symlinkSync(target, link);
  const { watch, ready } = await open(link);
  ready();
  const active = await watch;
  watcher.emit('add', join(target, 'a/b.jpg'));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(opened).toEqual([target]);
  expect(listener.changed.mock.calls).toEqual([[join(link, 'a/b.jpg')]]);
  await active.close();
  expect(watcher.close).toHaveBeenCalledTimes(1);
});
