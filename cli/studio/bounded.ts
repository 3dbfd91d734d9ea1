import { Problem, type ImagePipeline } from '../../runtime/http';

/** How much is made on request. */
export interface Bounds {
  /** Images at once. */
  readonly running: number;
  /** Images that may wait beside. */
  readonly waiting: number;
}

/**
 * The pipeline for requests in one process, with its work bounded as it is where it is deployed: there a function makes one
 * image at a time, and a container turns away what it has no place for. What is stored is no work.
 *
 * @returns a pipeline whose `reconcile` throws Problem `too-many-requests` when as many images wait as may
 */
export function bounded(pipeline: ImagePipeline, { running, waiting }: Bounds): ImagePipeline {
  let active = 0;
  const queue: (() => void)[] = [];
  const turn = async (): Promise<void> => {
    if (active < running) {
      active++;
      return;
    }
    if (queue.length >= waiting) {
      throw new Problem('too-many-requests', `${waiting} images are waiting to be made; try again in a moment`);
    }
    await new Promise<void>((resolve) => queue.push(resolve));
  };
  const over = (): void => {
    // A place is handed on, so that nobody comes in between.
    const next = queue.shift();
    if (next) {
      next();
    } else {
      active--;
    }
  };
  return {
    manifest: (key) => pipeline.manifest(key),
    thumbnail: (key, name, format) => pipeline.thumbnail(key, name, format),
    serves: (key) => pipeline.serves(key),
    reconcile: async (key, options) => {
      await turn();
      try {
        return await pipeline.reconcile(key, options);
      } finally {
        over();
      }
    },
  };
}
