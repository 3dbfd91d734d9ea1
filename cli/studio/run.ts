import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { startService } from '../../container/service';
import { readCoreSettings } from '../../runtime/config/core-settings';
import { readHttpSettings } from '../../runtime/config/http-settings';
import { readMachine, readProcessMemoryMiB } from '../../runtime/config/machine';
import { readServiceSettings } from '../../runtime/config/service-settings';
import { CORE_VARIABLES, HTTP_VARIABLES } from '../../runtime/contract';
import { createHttpApi } from '../../runtime/http';
import { Pipeline } from '../../runtime/pipeline';
import type { Program } from '../../runtime/program/assemble';
import { ChangeFollower, watchSources } from '../../runtime/program/following/change-follower';
import { httpApiOptionsOf } from '../../runtime/program/http-program';
import { renderWithinMemory } from '../../runtime/program/render-within-memory';
import { listen } from '../../runtime/program/server';
import { VERSION } from '../../runtime/program/version';
import { DirectoryObjectStore } from '../../runtime/storage';
import { bounded } from './bounded';
import { greeting } from './messages';
import { followerSays, sayOutcomes, serviceSays } from './progress-lines';
import { createStudioApp } from './studio-app';
import { readStudioOptions, type StudioOptions } from './studio-options';
import { synthesizedSettings, type Variant } from './template';

/** Images that may wait to be made on request, for each processor: a few seconds of work, as in the container. */
const WAITING_PER_PROCESSOR = 16;

/** A pipeline that runs on this machine. */
export interface StudioPipeline {
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
  /** HOST, PORT and DATA_DIR: {@link readStudioOptions}; for `fargate` also what {@link readServiceSettings} takes. */
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
export async function run({ assembly, variant, environment, say }: RunOptions): Promise<StudioPipeline> {
  const options = readStudioOptions(environment);
  const { stack, resource, variables } = synthesizedSettings(assembly, variant);
  const local = {
    ...variables,
    ...webAccess(environment),
    [CORE_VARIABLES.storage]: 'directory',
    [CORE_VARIABLES.sourceDirectory]: options.images,
    [CORE_VARIABLES.thumbnailDirectory]: options.thumbnails,
  };
  const settings = readCoreSettings(local);
  const { source, thumbnails } = await openFolders(options);
  const render = renderWithinMemory(readProcessMemoryMiB(environment));
  const place: Place = {
    program: { settings, pipeline: new Pipeline({ source, thumbnails, settings, render }), source, thumbnails },
    source,
    options,
    environment: local,
    say,
  };
  const started = await (variant === 'lambda'
    ? startHere(place)
    : startWorkerProcesses(place, { ...environment, ...local }));
  greeting({
    url: started.url,
    options,
    settings,
    origin: `${stack}/${resource} in ${relative('.', assembly) || '.'}`,
    workers: started.workers,
  }).forEach(say);
  return started;
}

interface Started extends StudioPipeline {
  /** What does the work, for people. */
  readonly workers: string;
}

interface Place {
  readonly program: Program;
  readonly source: DirectoryObjectStore;
  readonly options: StudioOptions;
  /** What the program is told. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
}

/** Everything in this process. */
async function startHere({ program, source, options, environment, say }: Place): Promise<Started> {
  const { settings } = program;
  const { pipeline } = program;
  const reconcile = sayOutcomes(pipeline.reconcile, say);
  const changeFollower = new ChangeFollower({
    pipeline,
    reconcile,
    concurrency: availableParallelism(),
    log: followerSays(say),
  });
  // Watched first and compared then, so that nothing falls between the two.
  const folder = await watchSources(changeFollower, source, options.images);
  const face = httpApiOptionsOf(program, readHttpSettings(environment, settings), {
    changed: (key) => changeFollower.changed(key),
  });
  const processors = availableParallelism();
  const forRequests = bounded(reconcile, { running: processors, waiting: WAITING_PER_PROCESSOR * processors });
  const deployed = createHttpApi({ ...face, pipeline, reconcile: forRequests, version: VERSION });
  const app = createStudioApp({ deployed, settings, pipeline, source });
  const server = await listen(app, options).catch(async (error: unknown) => {
    await folder.close();
    throw error;
  });
  changeFollower.start();
  return {
    url: server.url,
    workers: 'in one process, as a function does',
    close: async () => {
      await Promise.all([folder.close(), server.close(), changeFollower.close()]);
    },
  };
}

/** The container's program, in front of which stands what only the own machine has. */
async function startWorkerProcesses(
  { program, source, options, say }: Place,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Started> {
  const { http, service } = readServiceSettings(
    { ...environment, SERVICE_MODE: 'both', TRIGGER: 'directory', HOST: options.host, PORT: String(options.port) },
    readMachine(),
  );
  const { settings, pipeline } = program;
  const started = await startService({
    program,
    settings: { http, service },
    workerScript: join(__dirname, 'worker-process.js'),
    environment,
    log: serviceSays(say),
    // A person sees it, and can mend what is wrong while it goes on trying.
    onExhausted: () => undefined,
    face: (deployed) => createStudioApp({ deployed, settings, pipeline, source }),
  });
  return {
    url: started.url,
    workers: `in ${service.workerProcesses} worker processes of up to ${service.memoryLimitMiB} MiB, as the container does`,
    close: () => started.stop(),
  };
}

/** Whoever reaches this machine may read and write, unless signed links are to be tried: READ_ACCESS, WRITE_ACCESS, SIGNING_KEYS. */
function webAccess(environment: RunOptions['environment']): Readonly<Record<string, string | undefined>> {
  const { readAccess, writeAccess, signingKeys } = HTTP_VARIABLES;
  return {
    [readAccess]: environment[readAccess] ?? 'open',
    [writeAccess]: environment[writeAccess] ?? 'open',
    [signingKeys]: environment[signingKeys],
  };
}

async function openFolders({
  images,
  thumbnails,
}: StudioOptions): Promise<{ source: DirectoryObjectStore; thumbnails: DirectoryObjectStore }> {
  const stores = {
    source: new DirectoryObjectStore({ directory: images }),
    thumbnails: new DirectoryObjectStore({ directory: thumbnails }),
  };
  try {
    await stores.source.create();
    await stores.thumbnails.create();
  } catch (error) {
    throw new Error(`${(error as Error).message}; set DATA_DIR to a folder that you may write to`, { cause: error });
  }
  return stores;
}
