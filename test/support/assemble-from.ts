import { readCoreSettings } from '../../runtime/config/core-settings';
import { readHttpSettings } from '../../runtime/config/http-settings';
import { readProcessMemoryMiB } from '../../runtime/config/machine';
import type { Environment } from '../../runtime/config/parse-environment';
import type { HttpApiOptions } from '../../runtime/http';
import { assemble, type Program } from '../../runtime/program/assemble';
import { httpApiOptionsOf } from '../../runtime/program/http-program';

/** Creates a pipeline from environment variables, as an entry point does. */
export async function assembleFrom(environment: Environment): Promise<Program> {
  return assemble(readCoreSettings(environment), readProcessMemoryMiB(environment));
}

/** Returns the options of the HTTP API from environment variables, as an entry point does. */
export function httpOptionsFrom(
  program: Pick<Program, 'settings' | 'source' | 'thumbnails'>,
  environment: Environment,
): Omit<HttpApiOptions, 'pipeline' | 'reconcile' | 'version' | 'maxResponseBytes' | 'report'> {
  return httpApiOptionsOf(program, readHttpSettings(environment, program.settings));
}
