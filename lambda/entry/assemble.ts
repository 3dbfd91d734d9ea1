import type { Settings } from '../contract';
import { Pipeline } from '../pipeline';
import { readSettings } from '../settings';
import { openStore, type Store } from '../store';

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
  return open(readSettings(environment));
}

async function open(settings: Settings): Promise<Program> {
  // Missing directories are made; a bucket is not.
  const options = { create: true };
  const [source, thumbnails] = await Promise.all([
    openStore(settings.store, settings.source.name, options),
    openStore(settings.store, settings.destination.name, options),
  ]);
  return { settings, pipeline: new Pipeline({ source, thumbnails, settings }), source, thumbnails };
}
