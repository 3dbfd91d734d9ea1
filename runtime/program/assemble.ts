import { Logger } from '@aws-lambda-powertools/logger';
import { readCoreSettings } from '../config/core-settings';
import type { CoreSettings } from '../contract';
import { Pipeline, type Render } from '../pipeline';
import { openObjectStore, ObjectStoreError, type ObjectStore } from '../storage';
import { memoryOf, renderWithinMemory } from './render-within-memory';

/** What a process works with. */
export interface Program {
  readonly settings: CoreSettings;
  readonly pipeline: Pipeline;
  /** Where the sources are. */
  readonly source: ObjectStore;
  /** Where the thumbnails are. */
  readonly thumbnails: ObjectStore;
}

/**
 * Reads the settings at once, then opens the stores and makes the pipeline on them: once for every process.
 *
 * @throws SettingsError at once, so that a process with a wrong environment does not start
 */
export function assemble(environment: Readonly<Record<string, string | undefined>>): Promise<Program> {
  return open(readCoreSettings(environment), renderWithinMemory(memoryOf(environment)));
}

async function open(settings: CoreSettings, render: Render): Promise<Program> {
  const [source, thumbnails] = await Promise.all([openSource(settings), openThumbnails(settings)]);
  return { settings, pipeline: new Pipeline({ source, thumbnails, settings, render }), source, thumbnails };
}

/** A missing directory is made; a bucket is not. */
function openThumbnails({ store, destination }: CoreSettings): Promise<ObjectStore> {
  return openObjectStore(store, destination.name, { create: true });
}

/** Logs each file and folder that a listing skips because this process cannot read it. */
const onWarning = (warning: string): void => new Logger().warn('skipped', { warning });

/** The same, but a directory that may only be read will do: a container's is often mounted so. */
async function openSource({ store, source }: CoreSettings): Promise<ObjectStore> {
  try {
    return await openObjectStore(store, source.name, { create: true, onWarning });
  } catch (error) {
    if (!(error instanceof ObjectStoreError) || error.code !== 'access-denied') {
      throw error;
    }
    const readable = await openObjectStore(store, source.name, { onWarning });
    await readable.check().catch(() => {
      throw error;
    });
    return readable;
  }
}
