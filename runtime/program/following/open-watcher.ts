import { watch } from 'chokidar';

/** Events of a file watcher that {@link ./watch-directory!watchDirectory} uses. */
export interface Watcher {
  on(event: 'add' | 'change' | 'unlink', listener: (path: string) => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'ready', listener: () => void): unknown;
  /** Stops watching. */
  close(): Promise<void>;
}

/**
 * Opens a watcher of a directory tree. The watcher ignores special files and symbolic links. Links can lead to very large
 * trees, and the directory store does not follow them.
 */
export function openWatcher(directory: string): Watcher {
  return watch(directory, {
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (_, stats) => stats !== undefined && !stats.isFile() && !stats.isDirectory(),
  });
}
