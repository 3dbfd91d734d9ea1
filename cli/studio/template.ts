import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICE_VARIABLES, CORE_VARIABLES, HTTP_VARIABLES } from '../../runtime/contract';

/** A template that does not hold what the local run needs. */
export class TemplateError extends Error {
  public override readonly name = 'TemplateError';
}

/** What a pipeline can run on. */
export const VARIANTS = ['lambda', 'fargate'] as const;
/** One of {@link VARIANTS}. */
export type Variant = (typeof VARIANTS)[number];

interface Resource {
  readonly Type: string;
  readonly Properties?: {
    /** Of a function. */
    readonly Environment?: { readonly Variables?: Readonly<Record<string, unknown>> };
    /** Of a task. */
    readonly ContainerDefinitions?: readonly {
      readonly Environment?: readonly { readonly Name: string; readonly Value: unknown }[];
    }[];
  };
}

/** Types of the resources whose environment is that of the program. */
const RESOURCES: Readonly<Record<Variant, string>> = {
  lambda: 'AWS::Lambda::Function',
  fargate: 'AWS::ECS::TaskDefinition',
};

/** What the synthesized app would give a deployed process, and where it stands. */
export interface SynthesizedSettings {
  /** Name of the stack. */
  readonly stack: string;
  /** Logical id of the function or task that the settings were taken from. */
  readonly resource: string;
  /** The settings' variables; those that only a deployment can know (names of buckets) are left out. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Variables whose value is known only once a stack is deployed, and that the local run replaces by folders. */
const DEPLOYED_ONLY: ReadonlySet<string> = new Set([
  CORE_VARIABLES.storage,
  CORE_VARIABLES.sourceBucket,
  CORE_VARIABLES.thumbnailBucket,
]);
/** Variables of a container that have a meaning on the own machine too. */
const OF_THE_SERVICE = [
  SERVICE_VARIABLES.jobTimeoutSeconds,
  SERVICE_VARIABLES.stopTimeoutSeconds,
  SERVICE_VARIABLES.maxQueuedRenders,
  SERVICE_VARIABLES.maxResponseBytes,
] as const;

/** Variables of the web face that have a meaning there too: all but who may do what, and by which addresses. */
const OF_THE_WEB_FACE = [
  HTTP_VARIABLES.corsOrigins,
  HTTP_VARIABLES.fallbackImage,
  HTTP_VARIABLES.maxLinkLifetimeSeconds,
  HTTP_VARIABLES.uploadContentTypes,
  HTTP_VARIABLES.uploadMaxSizeBytes,
  HTTP_VARIABLES.uploadKeyTemplate,
] as const;

/**
 * The settings of the first pipeline that a cloud assembly holds: of one that runs on what is asked for, or else of any,
 * since a pipeline's settings do not depend on what it runs on.
 *
 * @param assembly folder that `cdk synth` wrote
 * @throws TemplateError when there is no pipeline, or a setting is known only after deployment
 */
export function synthesizedSettings(assembly: string, variant: Variant): SynthesizedSettings {
  const resources = templatesOf(assembly).flatMap(({ stack, file }) => {
    const template = readJson(join(assembly, file)) as { readonly Resources?: Readonly<Record<string, Resource>> };
    return Object.entries(template.Resources ?? {}).map(([resource, definition]) => ({ stack, resource, definition }));
  });
  const others = VARIANTS.filter((other) => other !== variant);
  for (const type of [variant, ...others].map((kind) => RESOURCES[kind])) {
    for (const { stack, resource, definition } of resources) {
      const all = definition.Type === type ? environmentOf(definition) : undefined;
      if (all) {
        return { stack, resource, variables: settingsAmong(all, `${stack}/${resource}`) };
      }
    }
  }
  throw new TemplateError(
    `no thumbnail pipeline among the templates in ${assembly}; run npx cdk synth, or define one in bin/`,
  );
}

/** The environment of a function or of a task's container, if it is that of a pipeline. */
function environmentOf({ Properties }: Resource): Readonly<Record<string, unknown>> | undefined {
  const ofContainers = (Properties?.ContainerDefinitions ?? []).map(({ Environment = [] }) =>
    Object.fromEntries(Environment.map(({ Name, Value }) => [Name, Value])),
  );
  return [Properties?.Environment?.Variables ?? {}, ...ofContainers].find((all) => CORE_VARIABLES.thumbnails in all);
}

function settingsAmong(all: Readonly<Record<string, unknown>>, place: string): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const name of [...Object.values(CORE_VARIABLES), ...OF_THE_SERVICE, ...OF_THE_WEB_FACE]) {
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
