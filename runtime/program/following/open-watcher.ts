import { watch } from 'chokidar';

/** Events and methods of a file watcher. {@link ./watch-directory!watchDirectory} uses only these events and methods. */
export interface Watcher {
  on(event: 'add' | 'change' | 'unlink', listener: (path: string) => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'ready', listener: () => void): unknown;
  /** Stops watching. */
  close(): Promise<void>;
}

/**
 * Opens a watcher of a directory tree. Like the object store for directories, the watcher ignores special files and symbolic
 * links.
 */
export function openWatcher(directory: string): Watcher {
  return watch(directory, {
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (_, stats) => stats !== undefined && !stats.isFile() && !stats.isDirectory(),
  });
}
