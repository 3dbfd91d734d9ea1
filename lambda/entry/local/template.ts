import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VARIABLES } from '../../contract';

/** A template that does not hold what the local run needs. */
export class TemplateError extends Error {
  public override readonly name = 'TemplateError';
}

interface Resource {
  readonly Type: string;
  readonly Properties?: { readonly Environment?: { readonly Variables?: Readonly<Record<string, unknown>> } };
}

/** What the synthesized app would give a deployed process, and where it stands. */
export interface SynthesizedSettings {
  /** Name of the stack. */
  readonly stack: string;
  /** Logical id of the function that the settings were taken from. */
  readonly resource: string;
  /** The settings' variables; those that only a deployment can know (names of buckets) are left out. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Variables whose value is known only once a stack is deployed, and that the local run replaces by folders. */
const DEPLOYED_ONLY: ReadonlySet<string> = new Set([VARIABLES.store, VARIABLES.source, VARIABLES.destination]);

/**
 * The settings of the first pipeline that a cloud assembly holds.
 *
 * @param assembly folder that `cdk synth` wrote
 * @throws TemplateError when there is no pipeline, or a setting is known only after deployment
 */
export function synthesizedSettings(assembly: string): SynthesizedSettings {
  for (const { stack, file } of templatesOf(assembly)) {
    const template = readJson(join(assembly, file)) as { readonly Resources?: Readonly<Record<string, Resource>> };
    for (const [resource, { Properties }] of Object.entries(template.Resources ?? {})) {
      const all = Properties?.Environment?.Variables;
      if (all && VARIABLES.thumbnails in all) {
        return { stack, resource, variables: settingsAmong(all, `${stack}/${resource}`) };
      }
    }
  }
  throw new TemplateError(
    `no thumbnail pipeline among the templates in ${assembly}; run npx cdk synth, or define one in bin/`,
  );
}

function settingsAmong(all: Readonly<Record<string, unknown>>, place: string): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const name of Object.values(VARIABLES)) {
    const value = all[name];
    if (value === undefined || DEPLOYED_ONLY.has(name)) {
      continue;
    }
    if (typeof value !== 'string') {
      throw new TemplateError(
        `${name} of ${place} is known only after deployment (${JSON.stringify(value)}); give it as plain text`,
      );
    }
    settings[name] = value;
  }
  return settings;
}

function templatesOf(assembly: string): { stack: string; file: string }[] {
  const manifest = readJson(join(assembly, 'manifest.json')) as {
    readonly artifacts?: Readonly<
      Record<
        string,
        { readonly type: string; readonly properties?: { readonly templateFile?: string; readonly stackName?: string } }
      >
    >;
  };
  return Object.entries(manifest.artifacts ?? {}).flatMap(([id, { type, properties }]) =>
    type === 'aws:cloudformation:stack' && properties?.templateFile
      ? [{ stack: properties.stackName ?? id, file: properties.templateFile }]
      : [],
  );
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new TemplateError(`cannot read ${path}: ${(error as Error).message}; run npx cdk synth`, { cause: error });
  }
}
