import { Logger } from '@aws-lambda-powertools/logger';
import { analyzing, type Analyzer } from '../analysis';
import type * as analyzers from '../analysis/create-analyzer';
import { readAnalysisSettings } from '../config/analysis-settings';
import type { ForwardingSettings } from '../config/forwarding-settings';
import { signingOf } from '../config/signing-settings';
import type { AnalysisSettings, CoreSettings } from '../contract';
import { Pipeline } from '../pipeline';
import { hasTags, ObjectStoreError, openObjectStore, scannedObjectStore, type ObjectStore } from '../storage';
import { capacityOf, engineWithinMemory } from './render-within-memory';
import type * as signingSecret from './signing-secret';

/**
 * Loads modules on demand, so that only processes with an analysis load the modules of the analysis. `require` replaces
 * `import()`, which would need a file extension that only the bundler supports.
 */
declare function require(path: '../analysis/create-analyzer'): typeof analyzers;
declare function require(path: './signing-secret'): typeof signingSecret;

/** Logs each file and each folder that a listing skips because this process cannot read the file or folder. */
const onWarning = (warning: string): void => new Logger().warn('skipped', { warning });

/** A pipeline with its object stores. */
export interface Program {
  readonly settings: CoreSettings;
  readonly pipeline: Pipeline;
  /** Object store of the source images. */
  readonly source: ObjectStore;
  /** Object store of the thumbnails. */
  readonly thumbnails: ObjectStore;
  /** Settings for forwarding large images to other workers. Undefined if the process renders every image. */
  readonly forwarding?: ForwardingSettings | undefined;
}

/**
 * Opens the object stores and creates the pipeline. Each process calls this function once.
 *
 * @param memoryMiB memory in MiB that the process may use
 * @param forwards settings for forwarding images that exceed the capacity of the process. By default, the process renders every
 *   image.
 * @throws ObjectStoreError if a directory cannot be created or read
 */
export async function assemble(
  settings: CoreSettings,
  memoryMiB: number,
  forwards?: ForwardingSettings,
): Promise<Program> {
  const { render, sampleFrames } = engineWithinMemory(memoryMiB, forwards !== undefined);
  const capacity = forwards && capacityOf(forwards, memoryMiB);
  const [opened, thumbnails] = await Promise.all([openSource(settings), openThumbnails(settings)]);
  const source = settings.requireMalwareScan && hasTags(opened) ? scannedObjectStore(opened) : opened;
  const analyze =
    settings.analysis &&
    analyzing({ settings: settings.analysis, analyzer: analyzerOf(settings.analysis), sampleFrames });
  const pipeline = new Pipeline({ source, thumbnails, settings, render, analyze, capacity });
  return { settings, pipeline, source, thumbnails, forwarding: forwards };
}

/**
 * Creates the analyzer of a process. If the analyzer is an HTTP endpoint, the process can sign its requests with keys from a
 * secret or from the environment.
 *
 * @throws SettingsError if a variable of the environment is invalid
 * @throws SigningKeysError if the keys in the environment are invalid
 */
function analyzerOf(settings: AnalysisSettings): Analyzer {
  const { createAnalyzer } = require('../analysis/create-analyzer');
  const { keys } = readAnalysisSettings(process.env);
  const signing = signingOf(settings.provider === 'http' ? settings.secret : undefined, keys);
  const source = signing && require('./signing-secret').signingKeysOf(signing);
  return createAnalyzer(settings, { signingKey: source && (() => source.newest()) });
}

/** Opens the object store of the thumbnails. Creates the directory if it is missing. Never creates a bucket. */
function openThumbnails({ storage, thumbnailLocation }: CoreSettings): Promise<ObjectStore> {
  return openObjectStore(storage, thumbnailLocation.name, { create: true });
}

/**
 * Opens the object store of the sources. A source directory can be read-only, because many containers mount the directory
 * read-only.
 */
async function openSource({ storage, sourceLocation }: CoreSettings): Promise<ObjectStore> {
  try {
    return await openObjectStore(storage, sourceLocation.name, { create: true, onWarning });
  } catch (error) {
    if (!(error instanceof ObjectStoreError) || error.code !== 'access-denied') {
      throw error;
    }
    const readable = await openObjectStore(storage, sourceLocation.name, { onWarning });
    await readable.check().catch(() => {
      throw error;
    });
    return readable;
  }
}
