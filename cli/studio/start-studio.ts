import { relative } from 'node:path';
import { readCoreSettings } from '../../runtime/config/core-settings';
import { readProcessMemoryMiB } from '../../runtime/config/machine';
import { CORE_VARIABLES, HTTP_VARIABLES } from '../../runtime/contract';
import { Pipeline } from '../../runtime/pipeline';
import { renderWithinMemory } from '../../runtime/program/render-within-memory';
import { DirectoryObjectStore } from '../../runtime/storage';
import { startupLines } from './messages';
import { readStudioOptions, type StudioOptions } from './studio-options';
import { startInProcess, startWithWorkers, type Studio } from './studio-variants';
import { synthesizedSettings, type Variant } from './synthesized-settings';

/** Options of {@link startStudio}. */
export interface StartStudioOptions {
  /** Directory of the cloud assembly. */
  readonly assembly: string;
  /** `lambda` renders in this process, like a function; `fargate` in worker processes, like the container. */
  readonly variant: Variant;
  /** Variables of {@link readStudioOptions}; with `fargate` also those of the service. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Prints a line. */
  readonly print: (line: string) => void;
}

/**
 * Runs the first pipeline of an app on this machine: compares the directories, watches the source directory and serves the
 * HTTP API with a page of all images.
 *
 * @throws Error if the assembly contains no pipeline, a directory cannot be written, or the port cannot be used
 */
export async function startStudio({ assembly, variant, environment, print }: StartStudioOptions): Promise<Studio> {
  const options = readStudioOptions(environment);
  const { stack, resource, variables } = synthesizedSettings(assembly, variant);
  const settingsVariables = {
    ...variables,
    ...accessVariables(environment),
    [CORE_VARIABLES.storage]: 'directory',
    [CORE_VARIABLES.sourceDirectory]: options.images,
    [CORE_VARIABLES.thumbnailDirectory]: options.thumbnails,
  };
  const settings = readCoreSettings(settingsVariables);
  const { source, thumbnails } = await openDirectories(options, (warning) => print(`skipped   ${warning}`));
  const render = renderWithinMemory(readProcessMemoryMiB(environment));
  const program = { settings, pipeline: new Pipeline({ source, thumbnails, settings, render }), source, thumbnails };
  const started = await (variant === 'lambda'
    ? startInProcess({ program, source, options, environment: settingsVariables, print })
    : startWithWorkers({ program, source, options, environment: { ...environment, ...settingsVariables }, print }));
  startupLines({
    url: started.url,
    options,
    settings,
    origin: `${stack}/${resource} in ${relative('.', assembly) || '.'}`,
    rendering: started.rendering,
  }).forEach(print);
  return started;
}

/** Permits all access, unless READ_ACCESS and WRITE_ACCESS with SIGNING_KEYS select signed links. */
function accessVariables(environment: StartStudioOptions['environment']): Readonly<Record<string, string | undefined>> {
  const { readAccess, writeAccess, signingKeys } = HTTP_VARIABLES;
  return {
    [readAccess]: environment[readAccess] ?? 'open',
    [writeAccess]: environment[writeAccess] ?? 'open',
    [signingKeys]: environment[signingKeys],
  };
}

async function openDirectories(
  options: StudioOptions,
  onWarning: (warning: string) => void,
): Promise<{ source: DirectoryObjectStore; thumbnails: DirectoryObjectStore }> {
  const source = new DirectoryObjectStore({ directory: options.images, onWarning });
  const thumbnails = new DirectoryObjectStore({ directory: options.thumbnails });
  try {
    await source.create();
    await thumbnails.create();
  } catch (error) {
    throw new Error(`${(error as Error).message}; set DATA_DIR to a writable directory`, { cause: error });
  }
  return { source, thumbnails };
}
