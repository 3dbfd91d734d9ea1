import type { Hono } from 'hono';
import { readCoreSettings } from '../../runtime/config/core-settings';
import { readProcessMemoryMiB } from '../../runtime/config/machine';
import { CORE_VARIABLES, HTTP_VARIABLES } from '../../runtime/contract';
import type { HttpApiEnvironment } from '../../runtime/http';
import { Pipeline } from '../../runtime/pipeline';
import { renderWithinMemory } from '../../runtime/program/render-within-memory';
import { VERSION } from '../../runtime/program/version';
import { DirectoryObjectStore } from '../../runtime/storage/directory/directory-object-store';
import { messageOf, startupLines } from './messages';
import { reportOutcomes, type Progress } from './progress-lines';
import { ImageIndex } from './server/image-index';
import { LiveEvents } from './server/live-events';
import { PAGE_DIRECTORY } from './server/page-files';
import { LOOPBACK_ADDRESSES } from './server/same-origin';
import { createStudioApp } from './server/studio-app';
import { Trash } from './server/trash';
import { readStudioOptions, type StudioOptions } from './studio-options';
import type { FoundSettings } from './studio-settings';
import { startInProcess, startWithWorkers, type Studio, type VariantOptions } from './studio-variants';
import type { Variant } from './variants';

/** Options of {@link startStudio}. */
export interface StartStudioOptions {
  readonly found: FoundSettings;
  /** `lambda` renders in this process, like a Lambda function. `fargate` renders in worker processes, like the container. */
  readonly variant: Variant;
  /**
   * Environment variables that {@link readStudioOptions} reads. The variant `fargate` also reads the variables of the
   * container.
   */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Prints a line. */
  readonly print: (line: string) => void;
  /** Directory of the built page. @default PAGE_DIRECTORY */
  readonly pageDirectory?: string;
}

/**
 * Runs a pipeline on this machine: reconciles all thumbnail sets, watches the source directory, and serves the HTTP API and the
 * studio.
 *
 * @throws Error if a setting is invalid, a directory is not writable, or the port is not available
 */
export async function startStudio(start: StartStudioOptions): Promise<Studio> {
  const { found, variant, environment, print, pageDirectory = PAGE_DIRECTORY } = start;
  const options = readStudioOptions(environment);
  const settingsVariables: Readonly<Record<string, string | undefined>> = {
    ...found.variables,
    ...accessVariables(environment),
    // Disables the content analysis of images, because the analysis sends the images to a cloud service.
    [CORE_VARIABLES.analysis]: undefined,
    [CORE_VARIABLES.storage]: 'directory',
    [CORE_VARIABLES.sourceDirectory]: options.images,
    [CORE_VARIABLES.thumbnailDirectory]: options.thumbnails,
  };
  const settings = readCoreSettings(settingsVariables);
  const { source, thumbnails } = await openDirectories(options, (warning) => print(`skipped   ${warning}`));
  const render = renderWithinMemory(readProcessMemoryMiB(environment));
  const pipeline = new Pipeline({ source, thumbnails, settings, render });
  const { maxFileSizeBytes } = settings.limits;
  const trash = new Trash({
    source,
    store: new DirectoryObjectStore({ directory: options.trash }),
    maxBytes: maxFileSizeBytes,
  });
  await trash.empty();
  const index = new ImageIndex({ settings, pipeline, source });
  const events = new LiveEvents();
  const progress: Progress = {
    print,
    reconciled: (outcome, milliseconds) => {
      if (index.observe(outcome)) {
        const { key, status } = outcome;
        events.send(status === 'deleted' ? { type: 'deleted', key } : { type: 'changed', key, milliseconds });
      }
    },
    failed: (key, error) => events.send({ type: 'failed', key, message: messageOf(error) }),
  };
  const isLoopback = LOOPBACK_ADDRESSES.includes(options.host);
  const wrapApi = (deployed: Hono<HttpApiEnvironment>): Hono<HttpApiEnvironment> =>
    createStudioApp({
      deployed,
      page: {
        version: VERSION,
        origin: found.origin,
        estimate: found.estimate,
        thumbnails: settings.thumbnails,
        sourcePrefix: settings.sourceLocation.prefix,
        maxFileSizeBytes,
        isOpen:
          settingsVariables[HTTP_VARIABLES.readAccess] === 'open' &&
          settingsVariables[HTTP_VARIABLES.writeAccess] === 'open',
      },
      pageDirectory,
      images: {
        index,
        events,
        trash,
        source,
        reconcile: reportOutcomes(pipeline.reconcile, progress),
        maxFileSizeBytes,
      },
      designs: { settings, source, render },
    });
  const variantOptions: VariantOptions = {
    program: { settings, pipeline, source, thumbnails },
    source,
    options,
    environment: variant === 'lambda' ? settingsVariables : { ...environment, ...settingsVariables },
    progress,
    wrapApi: isLoopback ? wrapApi : (deployed) => deployed,
  };
  const started = await (
    variant === 'lambda' ? startInProcess(variantOptions) : startWithWorkers(variantOptions)
  ).catch((error: unknown) => {
    throw explain(error, options);
  });
  // Errors are ignored here, because the next request for the list of images repeats a failed load and returns its error.
  index.load().catch(() => undefined);
  startupLines({
    url: started.url,
    hasPage: isLoopback,
    options,
    settings,
    origin: found.origin,
    rendering: started.rendering,
  }).forEach(print);
  return {
    url: started.url,
    close: async () => {
      events.close();
      await started.close();
    },
  };
}

/**
 * Returns the environment variables READ_ACCESS, WRITE_ACCESS and SIGNING_KEYS. By default, the HTTP API permits all requests.
 */
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

/** Replaces the error for a port in use with an error that contains the options for another port. */
function explain(error: unknown, { host, port }: StudioOptions): unknown {
  const { cause } = error as { cause?: NodeJS.ErrnoException };
  return cause?.code === 'EADDRINUSE'
    ? new Error(
        `port ${port} of ${host} is in use; stop the other process, or choose a port with --port or PORT (0 selects a free port)`,
        { cause: error },
      )
    : error;
}
