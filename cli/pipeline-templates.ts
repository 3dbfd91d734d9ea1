import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CORE_VARIABLES } from '../runtime/contract';

/** Error for a template or cloud assembly that is unreadable or contains no usable pipeline. */
export class TemplateError extends Error {
  public override readonly name = 'TemplateError';
}

/** Resource of a template, with the properties from which the commands read the settings of a pipeline. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: {
    /** Property of a function. */
    readonly Handler?: unknown;
    /** Property of a function. */
    readonly Environment?: { readonly Variables?: Readonly<Record<string, unknown>> };
    /** Property of a function on Managed Instances. */
    readonly CapacityProviderConfig?: unknown;
    /** Property of the revision of a web function. */
    readonly ServiceConfig?: { readonly EnvironmentVariables?: Readonly<Record<string, unknown>> };
    /** Property of Kubernetes objects: a list in JSON. */
    readonly Manifest?: unknown;
    /** Property of a task definition. */
    readonly RequiresCompatibilities?: readonly string[];
    /** Property of a task definition. */
    readonly ContainerDefinitions?: readonly {
      readonly Environment?: readonly { readonly Name: string; readonly Value: unknown }[];
    }[];
    /** Property of an ECS service. */
    readonly CapacityProviderStrategy?: readonly { readonly CapacityProvider?: unknown }[];
    /** Property of an alarm. */
    readonly AlarmDescription?: unknown;
    /** Property of an alarm. */
    readonly AlarmActions?: unknown;
    /** Property of an alarm with metric math. */
    readonly Metrics?: readonly { readonly MetricStat?: unknown }[];
    /** Property of an anomaly detection alarm. */
    readonly ThresholdMetricId?: unknown;
    /** Property of a dashboard. */
    readonly DashboardBody?: unknown;
    /** Property of an event source mapping. */
    readonly FunctionName?: unknown;
    /** Property of an event source mapping. */
    readonly MaximumBatchingWindowInSeconds?: unknown;
  };
}

/** Template of a stack. */
export interface StackTemplate {
  /** Name of the stack, or of the template file. */
  readonly stack: string;
  /** Region of the stack; undefined if the Region is unknown at synthesis. */
  readonly region?: string;
  /** Directory of the template. */
  readonly directory: string;
  readonly resources: readonly (readonly [logicalId: string, resource: TemplateResource])[];
}

/** Kubernetes object, reduced to the fields with the environment variables of its containers. */
interface KubernetesObject {
  readonly spec?: {
    readonly template?: {
      readonly spec?: {
        readonly containers?: readonly {
          readonly env?: readonly { readonly name: string; readonly value?: unknown }[];
        }[];
      };
    };
  };
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
    const stack = basename(path).replace(/(?:\.template)?\.json$/, '');
    return [{ stack, directory: dirname(path), resources: resourcesOf(path) }];
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
        directory: path,
        resources: resourcesOf(join(path, properties.templateFile)),
      },
    ];
  });
}

/**
 * Returns the environment of a function, container or pod that belongs to a pipeline; undefined for other resources. If a file
 * asset contains the settings, includes these settings.
 *
 * @param directory directory of the template
 * @throws TemplateError if a file asset cannot be read
 */
export function pipelineVariables(
  { Properties }: TemplateResource,
  directory: string,
): Readonly<Record<string, unknown>> | undefined {
  const containers = (Properties?.ContainerDefinitions ?? []).map(({ Environment = [] }) =>
    Object.fromEntries(Environment.map(({ Name, Value }) => [Name, Value])),
  );
  const { EnvironmentVariables = {} } = Properties?.ServiceConfig ?? {};
  const variables = [
    Properties?.Environment?.Variables ?? {},
    EnvironmentVariables,
    ...containers,
    ...podVariables(Properties?.Manifest),
  ].find(isPipelineEnvironment);
  return variables && { ...omitUri(variables), ...storedSettings(variables[CORE_VARIABLES.settingsUri], directory) };
}

export function isPipelineEnvironment(variables: Readonly<Record<string, unknown>>): boolean {
  return CORE_VARIABLES.thumbnails in variables || CORE_VARIABLES.settingsUri in variables;
}

/** Returns the environment variables of each container in a list of Kubernetes objects. */
function podVariables(manifest: unknown): Readonly<Record<string, unknown>>[] {
  const text = templateText(manifest);
  if (text === '') {
    return [];
  }
  return (JSON.parse(text) as readonly KubernetesObject[]).flatMap(({ spec }) =>
    (spec?.template?.spec?.containers ?? []).map(({ env = [] }) =>
      Object.fromEntries(env.map(({ name, value }) => [name, value])),
    ),
  );
}

/** Returns the text of a template value. Replaces the references in an `Fn::Join` with empty strings. */
export function templateText(value: unknown): string {
  if (typeof value === 'string') {
    return value;
  }
  const [separator, parts] = (value as { readonly 'Fn::Join'?: [string, unknown[]] } | undefined)?.['Fn::Join'] ?? [
    '',
    [],
  ];
  return parts.map((part) => (typeof part === 'string' ? part : '')).join(separator);
}

function omitUri(variables: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => name !== CORE_VARIABLES.settingsUri));
}

/** Reads the variables from a file asset. The hash in the URI of the asset is also in the name of its file. */
function storedSettings(uri: unknown, directory: string): Readonly<Record<string, string>> {
  const hash = /([0-9a-f]{64})\.json/.exec(JSON.stringify(uri ?? ''))?.[1];
  if (hash === undefined) {
    return {};
  }
  // The assets of all stages are in the directory of the app. For a stage, this is the parent directory of the
  // template.
  const paths = [directory, dirname(directory)].map((folder) => join(folder, `asset.${hash}.json`));
  const settings = readJson(paths.find(isFile) ?? paths[0]!) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, JSON.stringify(value)]));
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
