import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { VARIABLES, WEB_VARIABLES } from '../../runtime/contract';
import { createApp } from '../../runtime/http';
import { Pipeline } from '../../runtime/pipeline';
import { readSettings } from '../../runtime/config/core-settings';
import { DirectoryStore } from '../../runtime/storage';
import type { Program } from '../../runtime/program/assemble';
import { Follower, watchSources } from '../../runtime/program/following/change-follower';
import { memoryOf, renderInTurn } from '../../runtime/program/render-within-memory';
import { listen } from '../../runtime/program/server';
import { readMachine } from '../../runtime/config/machine';
import { startService } from '../../container/service';
import { readServiceSettings } from '../../runtime/config/service-settings';
import { VERSION } from '../../runtime/program/version';
import { webFace } from '../../runtime/program/http-program';
import { createLocalApp } from './studio-app';
import { bounded } from './bounded';
import { greeting } from './messages';
import { readLocalOptions, type LocalOptions } from './studio-options';
import { followerSays, sayOutcomes, serviceSays } from './progress-lines';
import { synthesizedSettings, type Variant } from './template';

/** Images that may wait to be made on request, for each processor: a few seconds of work, as in the container. */
const WAITING_PER_PROCESSOR = 16;

/** A pipeline that runs on this machine. */
export interface LocalPipeline {
  /** Address of its API, without a slash at the end. */
  readonly url: string;
  /** Stops listening and watching, and resolves when what was being worked on is done. */
  close(): Promise<void>;
}

/** What to run. */
export interface RunOptions {
  /** Folder that `cdk synth` wrote. */
  readonly assembly: string;
  /** `lambda`: all in this process, as in a function; `fargate`: as the container does it, in child processes. */
  readonly variant: Variant;
  /** HOST, PORT and DATA_DIR: {@link readLocalOptions}; for `fargate` also what {@link readServiceSettings} takes. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told what happens, a line at a time. */
  readonly say: (line: string) => void;
}

/**
 * Runs the pipeline that an app defines on this machine: what was dropped, replaced or removed while it was down is made
 * up for, then the folder is watched and the API answers.
 *
 * @throws Error with one clear line: no pipeline in the assembly, a folder that cannot be written, a port that is taken
 */
export async function run({ assembly, variant, environment, say }: RunOptions): Promise<LocalPipeline> {
  const options = readLocalOptions(environment);
  const { stack, resource, variables } = synthesizedSettings(assembly, variant);
  const local = {
    ...variables,
    ...webAccess(environment),
    [VARIABLES.store]: 'directory',
    [VARIABLES.source]: options.images,
    [VARIABLES.destination]: options.thumbnails,
  };
  const settings = readSettings(local);
  const { source, thumbnails } = await openFolders(options);
  const render = renderInTurn(memoryOf(environment));
  const place: Place = {
    program: { settings, pipeline: new Pipeline({ source, thumbnails, settings, render }), source, thumbnails },
    source,
    options,
    environment: local,
    say,
  };
  const started = await (variant === 'lambda' ? startHere(place) : startChildren(place, { ...environment, ...local }));
  greeting({
    url: started.url,
    options,
    settings,
    origin: `${stack}/${resource} in ${relative('.', assembly) || '.'}`,
    workers: started.workers,
  }).forEach(say);
  return started;
}

interface Started extends LocalPipeline {
  /** What does the work, for people. */
  readonly workers: string;
}

interface Place {
  readonly program: Program;
  readonly source: DirectoryStore;
  readonly options: LocalOptions;
  /** What the program is told. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
}

/** Everything in this process. */
async function startHere({ program, source, options, environment, say }: Place): Promise<Started> {
  const { settings } = program;
  const pipeline = sayOutcomes(program.pipeline, say);
  const follower = new Follower({
    pipeline: {
      serves: (key) => pipeline.serves(key),
      reconcile: (key) => pipeline.reconcile(key),
      changedKeys: () => program.pipeline.changedKeys(),
    },
    concurrency: availableParallelism(),
    log: followerSays(say),
  });
  // Watched first and compared then, so that nothing falls between the two.
  const folder = await watchSources(follower, source, options.images);
  const face = webFace(program, environment, { changed: (key) => follower.changed(key) });
  const processors = availableParallelism();
  const forRequests = bounded(pipeline, { running: processors, waiting: WAITING_PER_PROCESSOR * processors });
  const deployed = createApp({ ...face, pipeline: forRequests, version: VERSION });
  const app = createLocalApp({ deployed, settings, pipeline, source });
  const server = await listen(app, options).catch(async (error: unknown) => {
    await folder.close();
    throw error;
  });
  follower.start();
  return {
    url: server.url,
    workers: 'in one process, as a function does',
    close: async () => {
      await Promise.all([folder.close(), server.close(), follower.close()]);
    },
  };
}

/** The container's program, in front of which stands what only the own machine has. */
async function startChildren(
  { program, source, options, say }: Place,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Started> {
  const { service } = readServiceSettings(
    { ...environment, ROLE: 'both', TRIGGER: 'directory', HOST: options.host, PORT: String(options.port) },
    readMachine(),
  );
  const { settings, pipeline } = program;
  const started = await startService({
    program,
    service,
    childScript: join(__dirname, 'worker-process.js'),
    environment,
    log: serviceSays(say),
    // A person sees it, and can mend what is wrong while it goes on trying.
    onExhausted: () => undefined,
    face: (deployed) => createLocalApp({ deployed, settings, pipeline, source }),
  });
  return {
    url: started.url,
    workers: `in ${service.workers} child processes of up to ${service.memoryLimit} MiB, as the container does`,
    close: () => started.stop(),
  };
}

/** Whoever reaches this machine may read and write, unless signed links are to be tried: READ_ACCESS, WRITE_ACCESS, SIGNING_KEYS. */
function webAccess(environment: RunOptions['environment']): Readonly<Record<string, string | undefined>> {
  const { readAccess, writeAccess, signingKeys } = WEB_VARIABLES;
  return {
    [readAccess]: environment[readAccess] ?? 'open',
    [writeAccess]: environment[writeAccess] ?? 'open',
    [signingKeys]: environment[signingKeys],
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
