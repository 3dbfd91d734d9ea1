import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { VARIABLES } from '../../contract';
import { catchUp, KeyedQueue, Pipeline, type CatchUpReport } from '../../pipeline';
import { readSettings } from '../../settings';
import { DirectoryStore } from '../../store';
import { VERSION } from '../version';
import { createLocalApp } from './app';
import { readLocalOptions, type LocalOptions } from './options';
import { describeFailure, describeOutcome, greeting } from './messages';
import { listen } from './server';
import { synthesizedSettings } from './template';
import { watch } from './watch';

/** A pipeline that runs on this machine. */
export interface LocalPipeline {
  /** Address of its API, without a slash at the end. */
  readonly url: string;
  /** Stops listening and watching, and resolves when what was being worked on is done. */
  close(): Promise<void>;
}

/**
 * Runs the pipeline that an app defines on this machine: what was dropped, replaced or removed while it was down is made
 * up for, then the folder is watched and the API answers.
 *
 * @param assembly folder that `cdk synth` wrote
 * @param environment HOST, PORT and DATA_DIR: {@link readLocalOptions}
 * @param say told what happens, a line at a time
 * @throws Error with one clear line: no pipeline in the assembly, a folder that cannot be written, a port that is taken
 */
export async function run(
  assembly: string,
  environment: Readonly<Record<string, string | undefined>>,
  say: (line: string) => void,
): Promise<LocalPipeline> {
  const options = readLocalOptions(environment);
  const { stack, resource, variables } = synthesizedSettings(assembly);
  const settings = readSettings({
    ...variables,
    [VARIABLES.store]: 'directory',
    [VARIABLES.source]: options.images,
    [VARIABLES.destination]: options.thumbnails,
  });
  const { source, thumbnails } = await openFolders(options);
  const pipeline = new Pipeline({ source, thumbnails, settings });
  const reconcile = async (key: string): Promise<void> => {
    const start = performance.now();
    const line = describeOutcome(await pipeline.reconcile(key), performance.now() - start);
    if (line) {
      say(line);
    }
  };
  const queue = new KeyedQueue({
    process: reconcile,
    concurrency: availableParallelism(),
    onGivenUp: (key, error) => say(describeFailure(key, error)),
  });
  const changed = (key: string): void => {
    if (pipeline.serves(key)) {
      queue.add(key);
    }
  };

  // Watched first and compared then, so that nothing falls between the two.
  const folder = await watch(options.images, (path) => {
    const key = source.keyOf(path);
    if (key !== undefined) {
      changed(key);
    }
  });
  const app = createLocalApp({ settings, pipeline, source, version: VERSION, changed });
  const server = await listen(app, options).catch(async (error: unknown) => {
    await folder.close();
    throw error;
  });
  greeting({
    url: server.url,
    options,
    settings,
    origin: `${stack}/${resource} in ${relative('.', assembly) || '.'}`,
  }).forEach(say);

  const stopped = new AbortController();
  const caughtUp = catchUp(
    { changedKeys: () => pipeline.changedKeys(), reconcile: (key) => pipeline.reconcile(key) },
    {
      concurrency: availableParallelism(),
      signal: stopped.signal,
      onError: (key) => queue.add(key),
    },
  ).then(
    (report) => describeReport(report).forEach(say),
    (error: unknown) => say(`cannot compare the folders: ${(error as Error).message}`),
  );
  return {
    url: server.url,
    close: async () => {
      stopped.abort();
      await Promise.all([folder.close(), server.close(), queue.close(), caughtUp]);
    },
  };
}

async function openFolders({
  images,
  thumbnails,
}: LocalOptions): Promise<{ source: DirectoryStore; thumbnails: DirectoryStore }> {
  const stores = {
    source: new DirectoryStore({ directory: images }),
    thumbnails: new DirectoryStore({ directory: thumbnails }),
  };
  try {
    await stores.source.create();
    await stores.thumbnails.create();
  } catch (error) {
    throw new Error(`${(error as Error).message}; set DATA_DIR to a folder that you may write to`, { cause: error });
  }
  return stores;
}

function describeReport({ made, failed, deleted, unchanged }: CatchUpReport): string[] {
  const parts = Object.entries({ made, rejected: failed, removed: deleted, unchanged }).flatMap(([what, count]) =>
    count > 0 ? [`${count} ${what}`] : [],
  );
  return parts.length > 0 ? [`caught up with what changed meanwhile: ${parts.join(', ')}`] : [];
}
