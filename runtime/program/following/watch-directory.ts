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
  /** Called with the path of an added, changed or removed file. */
  changed(path: string): void;
  /** Called if the process cannot read a file or directory, but only once for each distinct error message. */
  skipped(error: Error): void;
  /** Called once if the operating system cannot watch all files. In this case, the watch misses changes. */
  incomplete(error: Error): void;
}

/**
 * Quiet period in milliseconds: the time without a change before a file is reported. Because software writes photos in several
 * steps, the runtime would otherwise reject incomplete photos.
 *
 * The quiet period must be longer than the throttling of chokidar, which hides repeated changes for a short time.
 */
const QUIET_MS = 150;

/** Codes of errors for paths that this process has no permission to read. */
const PERMISSION_CODES: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM']);

/** Causes and fixes by error code. @see https://man7.org/linux/man-pages/man7/inotify.7.html */
const FIXES: Readonly<Record<string, string>> = {
  ENOSPC: 'more files than fs.inotify.max_user_watches; raise it with sysctl',
  EMFILE: 'more open files or watchers than permitted; raise fs.inotify.max_user_instances and ulimit -n',
};

/**
 * Watches a directory tree. Reports each added, changed or removed file after a quiet period. Errors do not end the watch.
 *
 * The function also reports a file that is added and removed within the quiet period, because an HTTP request may have rendered
 * the file in the meantime. For this reason, the function does not use `awaitWriteFinish` of chokidar, which would not report
 * such a file.
 *
 * @param open function that opens the watcher
 * @returns a promise that resolves when the watch is active. Files that already exist at this time are not reported.
 */
export async function watchDirectory(
  directory: string,
  listener: DirectoryWatchListener,
  open: (directory: string) => Watcher = openWatcher,
): Promise<DirectoryWatch> {
  // The directory itself can be a symbolic link, but the watcher does not follow links.
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
        // Without free resources of the operating system, the watcher may never emit `ready`.
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

/** Returns a function that reports errors without repetitions. The returned function returns the kind of the error. */
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
