import { watch } from 'chokidar';
import { debounce } from './debounce';

/** A watched directory. */
export interface DirectoryWatch {
  /** Stops watching. */
  close(): Promise<void>;
}

/**
 * Time without a change after which a file is reported. Programs write photos in pieces, and half a photo is a rejection.
 * Longer than the period in which chokidar throttles repeated changes.
 */
const QUIET_MS = 150;

/**
 * Watches a directory tree. Reports the path of each file that is added, changed or removed, after a quiet period.
 *
 * Files that appear and disappear within the quiet period are reported too, unlike with `awaitWriteFinish` of chokidar: a
 * comparison or a request may have rendered them in between.
 *
 * @returns when the watch is active; files that exist by then are not reported
 */
export async function watchDirectory(directory: string, changed: (path: string) => void): Promise<DirectoryWatch> {
  const watcher = watch(directory, { ignoreInitial: true });
  const debounced = debounce(QUIET_MS, changed);
  const add = (path: string): void => debounced.add(path);
  watcher.on('add', add).on('change', add).on('unlink', add);
  await new Promise<void>((resolve, reject) => {
    watcher.once('ready', resolve).once('error', reject);
  });
  return {
    close: async () => {
      const closed = watcher.close();
      debounced.close();
      await closed;
    },
  };
}
