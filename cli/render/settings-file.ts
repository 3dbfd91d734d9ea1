import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { readCoreSettings } from '../../runtime/config/core-settings';
import { SettingsError } from '../../runtime/config/parse-environment';
import { DEFAULT_THUMBNAILS, CORE_VARIABLES, type CoreSettings } from '../../runtime/contract';

/** What a settings file may hold, and the variable that carries each in a deployment. */
const PROPERTIES = {
  thumbnails: CORE_VARIABLES.thumbnails,
  limits: CORE_VARIABLES.limits,
  allowSvg: CORE_VARIABLES.allowSvg,
  detectJpegCorruption: CORE_VARIABLES.detectJpegCorruption,
  cacheControl: CORE_VARIABLES.cacheControl,
} as const;

const schema = z.strictObject({
  thumbnails: z.unknown().optional(),
  limits: z.unknown().optional(),
  allowSvg: z.boolean().optional(),
  detectJpegCorruption: z.boolean().optional(),
  cacheControl: z.string().optional(),
});

/**
 * Settings for a run on files: those of a JSON file with `thumbnails`, `limits`, `allowSvg`, `detectJpegCorruption` and `cacheControl`, each
 * in the form of contract.ts and checked as a deployment's are.
 *
 * @param path default: no file, and the thumbnails that a pipeline makes when it is given none
 * @throws Error that names what is wrong
 */
export function readSettingsFile(path?: string): CoreSettings {
  const file = path === undefined ? {} : parse(path);
  const variables: Record<string, string> = {
    [CORE_VARIABLES.storage]: 'directory',
    [CORE_VARIABLES.sourceDirectory]: '.',
    [CORE_VARIABLES.thumbnailDirectory]: '.',
    [CORE_VARIABLES.thumbnails]: JSON.stringify(DEFAULT_THUMBNAILS),
  };
  for (const [property, variable] of Object.entries(PROPERTIES)) {
    const value = file[property as keyof typeof PROPERTIES];
    if (value !== undefined) {
      variables[variable] = typeof value === 'string' ? value : JSON.stringify(value);
    }
  }
  try {
    return readCoreSettings(variables);
  } catch (error) {
    if (error instanceof SettingsError) {
      throw new Error(`the settings in ${path} are wrong: ${error.problems.map(inTermsOfTheFile).join('; ')}`, {
        cause: error,
      });
    }
    throw error;
  }
}

function parse(path: string): z.infer<typeof schema> {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`cannot read the settings in ${path}: ${(error as Error).message}`, { cause: error });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new Error(
      `the settings in ${path} are wrong: ${parsed.error.issues.map((issue) => [...issue.path, issue.message].join(': ')).join('; ')}`,
    );
  }
  return parsed.data;
}

function inTermsOfTheFile(problem: string): string {
  const [property] = Object.entries(PROPERTIES).find(([, variable]) => problem.startsWith(variable)) ?? [];
  return property ? problem.replace(PROPERTIES[property as keyof typeof PROPERTIES], property) : problem;
}
