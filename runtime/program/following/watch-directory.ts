import { realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { debounce } from './debounce';
import { openWatcher, type Watcher } from './open-watcher';

/** A watched directory. */
export interface DirectoryWatch {
  /** Stops watching. */
  close(): Promise<void>;
}

/** Callbacks of {@link watchDirectory}. */
export interface DirectoryWatchListener {
  /** A file was added, changed or removed. */
  changed(path: string): void;
  /** Called if a file or directory cannot be read and is not watched. Called once for each distinct message. */
  skipped(error: Error): void;
  /** Called once if the operating system cannot watch all files. The watch then misses changes. */
  incomplete(error: Error): void;
}

/**
 * Milliseconds without a change after which a file is reported. Programs write photos in several steps. The runtime would
 * reject an incomplete photo. The period is longer than the period in which chokidar throttles repeated changes.
 */
const QUIET_MS = 150;

/** Errors of paths that this process must not read. */
const PERMISSION_CODES: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM']);

/** Fixes by error code: https://man7.org/linux/man-pages/man7/inotify.7.html */
const FIXES: Readonly<Record<string, string>> = {
  ENOSPC: 'more files than fs.inotify.max_user_watches; raise it with sysctl',
  EMFILE: 'more open files or watchers than permitted; raise fs.inotify.max_user_instances and ulimit -n',
};

/**
 * Watches a directory tree. Reports each file that is added, changed or removed, after a quiet period. Errors do not end the
 * watch.
 *
 * Also reports files that appear and disappear within the quiet period, because a comparison or a request may have rendered
 * these files. `awaitWriteFinish` of chokidar would not report such files.
 *
 * @param open opens the watcher
 * @returns a promise that resolves when the watch is active; files that exist by then are not reported
 */
export async function watchDirectory(
  directory: string,
  listener: DirectoryWatchListener,
  open: (directory: string) => Watcher = openWatcher,
): Promise<DirectoryWatch> {
  // The directory itself may be a link.
  const root = await realpath(directory);
  const watcher = open(root);
  const debounced = debounce(QUIET_MS, (path) => listener.changed(path));
  const add = (path: string): void => debounced.add(join(directory, relative(root, path)));
  const report = errorReporter(listener);
  await new Promise<void>((resolve) => {
    watcher.on('add', add);
    watcher.on('change', add);
    watcher.on('unlink', add);
    watcher.on('ready', resolve);
    watcher.on('error', (error) => {
      if (report(error) === 'incomplete') {
        // If the system has no resources left, the watcher may never become ready.
        resolve();
      }
    });
  });
  return {
    close: async () => {
      const closing = watcher.close();
      debounced.close();
      await closing;
    },
  };
}

/** Returns a function that reports each error at most once, and returns the kind of the error. */
function errorReporter(listener: DirectoryWatchListener): (thrown: unknown) => 'skipped' | 'incomplete' {
  const skipped = new Set<string>();
  let isIncomplete = false;
  return (thrown) => {
    const error: NodeJS.ErrnoException = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (PERMISSION_CODES.has(error.code)) {
      if (!skipped.has(error.message)) {
        skipped.add(error.message);
        listener.skipped(error);
      }
      return 'skipped';
    }
    if (!isIncomplete) {
      isIncomplete = true;
      const fix = FIXES[error.code ?? ''];
      listener.incomplete(fix ? new Error(`${error.message} (${fix})`, { cause: error }) : error);
    }
    return 'incomplete';
  };
}
