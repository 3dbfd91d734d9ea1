import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CORE_VARIABLES } from '../runtime/contract';

/** Error of a template or cloud assembly that cannot be read or contains no usable pipeline. */
export class TemplateError extends Error {
  public override readonly name = 'TemplateError';
}

/** Resource of a template, with the properties that show a pipeline. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: {
    /** Property of a function. */
    readonly Handler?: unknown;
    /** Property of a function. */
    readonly Environment?: { readonly Variables?: Readonly<Record<string, unknown>> };
    /** Property of a task definition. */
    readonly ContainerDefinitions?: readonly {
      readonly Environment?: readonly { readonly Name: string; readonly Value: unknown }[];
    }[];
    /** Property of an ECS service. */
    readonly CapacityProviderStrategy?: readonly { readonly CapacityProvider?: unknown }[];
  };
}

/** Template of a stack. */
export interface StackTemplate {
  /** Name of the stack, or of the template file. */
  readonly stack: string;
  /** Region of the stack, if it is known at synthesis. */
  readonly region?: string;
  readonly resources: readonly (readonly [logicalId: string, resource: TemplateResource])[];
}

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly properties?: { readonly templateFile?: string; readonly stackName?: string };
}

/**
 * Reads the templates of a cloud assembly, or one template.
 *
 * @param path directory of a cloud assembly, or a template in JSON
 * @throws TemplateError if a file cannot be read
 */
export function readTemplates(path: string): StackTemplate[] {
  if (isFile(path)) {
    return [{ stack: basename(path).replace(/(?:\.template)?\.json$/, ''), resources: resourcesOf(path) }];
  }
  const manifest = readJson(join(path, 'manifest.json')) as {
    readonly artifacts?: Readonly<Record<string, Artifact>>;
  };
  return Object.entries(manifest.artifacts ?? {}).flatMap(([id, { type, environment, properties }]) => {
    if (type !== 'aws:cloudformation:stack' || !properties?.templateFile) {
      return [];
    }
    const region = environment?.split('/').at(-1);
    return [
      {
        stack: properties.stackName ?? id,
        region: region === 'unknown-region' ? undefined : region,
        resources: resourcesOf(join(path, properties.templateFile)),
      },
    ];
  });
}

/** Returns the environment of a function or container if it belongs to a pipeline. */
export function pipelineVariables({ Properties }: TemplateResource): Readonly<Record<string, unknown>> | undefined {
  const containers = (Properties?.ContainerDefinitions ?? []).map(({ Environment = [] }) =>
    Object.fromEntries(Environment.map(({ Name, Value }) => [Name, Value])),
  );
  const environments = [Properties?.Environment?.Variables ?? {}, ...containers];
  return environments.find((variables) => CORE_VARIABLES.thumbnails in variables);
}

/** Returns the error for templates without a pipeline. */
export function missingPipeline(path: string, templates: readonly StackTemplate[]): TemplateError {
  const stacks = templates.map(({ stack }) => stack).join(', ');
  return new TemplateError(
    `${path} contains no thumbnail pipeline (${stacks ? `stacks: ${stacks}` : 'no stacks'}); ` +
      'add a ThumbnailPipeline to a stack of the app in bin/ and run npx cdk synth',
  );
}

function resourcesOf(path: string): StackTemplate['resources'] {
  const template = readJson(path) as { readonly Resources?: Readonly<Record<string, TemplateResource>> };
  return Object.entries(template.Resources ?? {});
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new TemplateError(`cannot read ${path}: ${(error as Error).message}; run npx cdk synth first`, {
      cause: error,
    });
  }
}
