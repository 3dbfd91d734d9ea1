import { watch as watchFiles } from 'chokidar';
import { settle } from './debounce';

/** A folder that is watched. */
export interface Watch {
  /** Stops watching. */
  close(): Promise<void>;
}

/** Milliseconds without a change after which a file is told of. Longer than chokidar passes over changes that follow others. */
const QUIET = 150;

/**
 * Tells the path of every file below a folder that appears, changes or goes away, a moment after its last byte was
 * written: most programs write a photo piece by piece, and half a photo is a damaged one.
 *
 * Also told is what appears and goes away within that moment, which chokidar's own `awaitWriteFinish` keeps to itself: a
 * comparison of the stores or a request may have seen the file in between, and made its thumbnails.
 *
 * Resolves when changes are seen; what was there before is not told.
 */
export async function watch(folder: string, changed: (path: string) => void): Promise<Watch> {
  const watcher = watchFiles(folder, { ignoreInitial: true });
  const settling = settle(QUIET, changed);
  const seen = (path: string): void => settling.seen(path);
  watcher.on('add', seen).on('change', seen).on('unlink', seen);
  await new Promise<void>((resolve, reject) => {
    watcher.once('ready', resolve).once('error', reject);
  });
  return {
    close: async () => {
      const closing = watcher.close();
      settling.close();
      await closing;
    },
  };
}
