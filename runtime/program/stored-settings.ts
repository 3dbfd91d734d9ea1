import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SettingsError, type Environment } from '../config/parse-environment';
import { CORE_VARIABLES } from '../contract';
import { openObjectStore } from '../storage';

/** Names of the variables whose values the settings file can contain. */
const STORED_VARIABLES: readonly string[] = [CORE_VARIABLES.thumbnails, CORE_VARIABLES.limits, CORE_VARIABLES.rules];
/** Maximum size of the settings file in bytes. The size is sufficient for `MAX_RULES` rules with a few thumbnails each. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Adds the variables of the settings file to an environment. `SETTINGS_URI` is the URI of the settings file. Without
 * `SETTINGS_URI`, the function returns the environment unchanged.
 *
 * @throws SettingsError if the file is unreadable or invalid
 * @throws SettingsError if the file contains a variable that is also in the environment
 */
export async function withStoredSettings(environment: Environment): Promise<Environment> {
  const uri = environment[CORE_VARIABLES.settingsUri];
  if (uri === undefined) {
    return environment;
  }
  const problems: string[] = [];
  const stored = parseSettings(await readUri(uri));
  for (const name of Object.keys(stored)) {
    if (!STORED_VARIABLES.includes(name)) {
      problems.push(`${name} is unknown; expected ${STORED_VARIABLES.join(', ')}`);
    } else if (environment[name] !== undefined) {
      problems.push(`${name} is also a variable of the environment; remove one of them`);
    }
  }
  if (problems.length > 0) {
    throw settingsError(...problems);
  }
  return {
    ...environment,
    ...Object.fromEntries(Object.entries(stored).map(([name, value]) => [name, JSON.stringify(value)])),
  };
}

/**
 * Calls `start` with the environment and the variables of the settings file. Without `SETTINGS_URI`, the call of `start` is
 * synchronous, so that invalid settings cause an error during the import of a Lambda function.
 *
 * @throws SettingsError if the environment is invalid
 */
export function startWithSettings<T>(
  environment: Environment,
  start: (environment: Environment) => Promise<T>,
): Promise<T> {
  return environment[CORE_VARIABLES.settingsUri] === undefined
    ? start(environment)
    : withStoredSettings(environment).then(start);
}

async function readUri(uri: string): Promise<Buffer> {
  try {
    if (uri.startsWith('file://')) {
      return await readFile(fileURLToPath(uri));
    }
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(uri) ?? [];
    if (bucket !== undefined && key !== undefined) {
      const object = await (await openObjectStore('s3', bucket)).get(key, { maxBytes: MAX_BYTES });
      if (object) {
        return object.body;
      }
      throw settingsError(`${uri} does not exist`);
    }
  } catch (error) {
    throw error instanceof SettingsError ? error : settingsError(`cannot read ${uri}: ${(error as Error).message}`);
  }
  throw settingsError(`${JSON.stringify(uri)} is invalid; expected s3://BUCKET/KEY or file:///PATH`);
}

function parseSettings(bytes: Buffer): object {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (error) {
    throw settingsError(`the file is not valid JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw settingsError('the file does not contain a JSON object');
  }
  return value;
}

function settingsError(...problems: readonly string[]): SettingsError {
  return new SettingsError(problems.map((problem) => `${CORE_VARIABLES.settingsUri}: ${problem}`));
}
