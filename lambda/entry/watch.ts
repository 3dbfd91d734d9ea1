import { watch as watchFiles } from 'chokidar';

/** A folder that is watched. */
export interface Watch {
  /** Stops watching. */
  close(): Promise<void>;
}

/**
 * Tells the path of every file below a folder that appears, changes or goes away, a moment after its last byte was
 * written: most programs write a photo piece by piece, and half a photo is a damaged one.
 *
 * Resolves when changes are seen; what was there before is not told.
 */
export async function watch(folder: string, changed: (path: string) => void): Promise<Watch> {
  const watcher = watchFiles(folder, {
    ignoreInitial: true,
    awaitWriteFinish: { stabilityThreshold: 150, pollInterval: 50 },
  });
  watcher.on('add', changed).on('change', changed).on('unlink', changed);
  await new Promise<void>((resolve, reject) => {
    watcher.once('ready', resolve).once('error', reject);
  });
  return watcher;
}
