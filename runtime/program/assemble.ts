import type { Settings } from '../contract';
import { Pipeline, type Render } from '../pipeline';
import { readSettings } from '../config/core-settings';
import { openStore, StoreError, type Store } from '../storage';
import { memoryOf, renderInTurn } from './render-within-memory';

/** What a process works with. */
export interface Program {
  readonly settings: Settings;
  readonly pipeline: Pipeline;
  /** Where the sources are. */
  readonly source: Store;
  /** Where the thumbnails are. */
  readonly thumbnails: Store;
}

/**
 * Reads the settings at once, then opens the stores and makes the pipeline on them: once for every process.
 *
 * @throws SettingsError at once, so that a process with a wrong environment does not start
 */
export function assemble(environment: Readonly<Record<string, string | undefined>>): Promise<Program> {
  return open(readSettings(environment), renderInTurn(memoryOf(environment)));
}

async function open(settings: Settings, render: Render): Promise<Program> {
  const [source, thumbnails] = await Promise.all([openSource(settings), openThumbnails(settings)]);
  return { settings, pipeline: new Pipeline({ source, thumbnails, settings, render }), source, thumbnails };
}

/** A missing directory is made; a bucket is not. */
function openThumbnails({ store, destination }: Settings): Promise<Store> {
  return openStore(store, destination.name, { create: true });
}

/** The same, but a directory that may only be read will do: a container's is often mounted so. */
async function openSource({ store, source }: Settings): Promise<Store> {
  try {
    return await openStore(store, source.name, { create: true });
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'denied') {
      throw error;
    }
    const readable = await openStore(store, source.name);
    await readable.check().catch(() => {
      throw error;
    });
    return readable;
  }
}
