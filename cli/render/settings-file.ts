import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { readCoreSettings } from '../../runtime/config/core-settings';
import { noArray, SettingsError } from '../../runtime/config/parse-environment';
import { DEFAULT_THUMBNAILS, CORE_VARIABLES, type CoreSettings } from '../../runtime/contract';

/** Names of the runtime's environment variables by property of a settings file. */
const PROPERTIES = {
  thumbnails: CORE_VARIABLES.thumbnails,
  limits: CORE_VARIABLES.limits,
  rules: CORE_VARIABLES.rules,
  allowSvg: CORE_VARIABLES.allowSvg,
  detectJpegCorruption: CORE_VARIABLES.detectJpegCorruption,
  cacheControl: CORE_VARIABLES.cacheControl,
} as const;

const schema = noArray(
  v.strictObject({
    thumbnails: v.optional(v.unknown()),
    limits: v.optional(v.unknown()),
    rules: v.optional(v.unknown()),
    allowSvg: v.optional(v.boolean()),
    detectJpegCorruption: v.optional(v.boolean()),
    cacheControl: v.optional(v.string()),
  }),
);

/**
 * Reads the settings of a JSON file. The properties have the types of `CoreSettings`. Validates the properties with the rules
 * of the deployed runtime.
 *
 * @param path path of the file. @default - the default settings of a pipeline
 * @throws Error if the file is unreadable or a property is invalid
 */
export function readSettingsFile(path?: string): CoreSettings {
  const variables: Record<string, string> = {
    [CORE_VARIABLES.storage]: 'directory',
    [CORE_VARIABLES.sourceDirectory]: '.',
    [CORE_VARIABLES.thumbnailDirectory]: '.',
    [CORE_VARIABLES.thumbnails]: JSON.stringify(DEFAULT_THUMBNAILS),
    ...(path !== undefined && readSettingsVariables(path)),
  };
  try {
    return readCoreSettings(variables);
  } catch (error) {
    if (error instanceof SettingsError) {
      throw new Error(`invalid settings in ${path}: ${error.problems.map(withPropertyName).join('; ')}`, {
        cause: error,
      });
    }
    throw error;
  }
}

/**
 * Reads the settings of a JSON file as environment variables of the runtime. Does not validate the values of the variables.
 *
 * @param path path of the file
 * @throws Error if the file is unreadable or has an unknown property
 */
export function readSettingsVariables(path: string): Readonly<Record<string, string>> {
  const file = parse(path);
  const variables: Record<string, string> = {};
  for (const [property, variable] of Object.entries(PROPERTIES)) {
    const value = file[property as keyof typeof PROPERTIES];
    if (value !== undefined) {
      variables[variable] = typeof value === 'string' ? value : JSON.stringify(value);
    }
  }
  return variables;
}

function parse(path: string): v.InferOutput<typeof schema> {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`cannot read the settings in ${path}: ${(error as Error).message}`, { cause: error });
  }
  const parsed = v.safeParse(schema, json);
  if (!parsed.success) {
    const problems = parsed.issues.map((issue) => [v.getDotPath(issue) ?? [], issue.message].flat().join(': '));
    throw new Error(`invalid settings in ${path}: ${problems.join('; ')}`);
  }
  return parsed.output;
}

/** Replaces the name of the environment variable at the start of a message with the name of the property. */
function withPropertyName(problem: string): string {
  const [property, variable] = Object.entries(PROPERTIES).find(([, name]) => problem.startsWith(name)) ?? [];
  return property && variable ? problem.replace(variable, property) : problem;
}
