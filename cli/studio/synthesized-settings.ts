import { SERVICE_VARIABLES, CORE_VARIABLES, HTTP_VARIABLES } from '../../runtime/contract';
import { missingPipeline, pipelineVariables, readTemplates, TemplateError } from '../pipeline-templates';
import { VARIANTS, type Variant } from './variants';

/** CloudFormation types of the resources that contain the settings of a pipeline, by compute type. */
const RESOURCE_TYPES: Readonly<Record<Variant, string>> = {
  lambda: 'AWS::Lambda::Function',
  fargate: 'AWS::ECS::TaskDefinition',
};

/** Settings of a pipeline in a cloud assembly. */
export interface SynthesizedSettings {
  /** Name of the stack. */
  readonly stack: string;
  /** Logical id of the function or task definition. */
  readonly resource: string;
  /** Environment variables without the bucket names, which are unknown before deployment. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Variables that do not apply to the local pipeline, because they locate the deployed buckets and the settings file. */
const LOCATION_VARIABLES: ReadonlySet<string> = new Set([
  CORE_VARIABLES.storage,
  CORE_VARIABLES.sourceBucket,
  CORE_VARIABLES.thumbnailBucket,
  CORE_VARIABLES.settingsUri,
]);
/** Variables of the service that also apply to the local pipeline. */
const LOCAL_SERVICE_VARIABLES = [
  SERVICE_VARIABLES.jobTimeoutSeconds,
  SERVICE_VARIABLES.stopTimeoutSeconds,
  SERVICE_VARIABLES.maxQueuedRenders,
  SERVICE_VARIABLES.maxResponseBytes,
] as const;

/** Variables of the HTTP API that also apply to the local pipeline. Variables for access and addresses do not apply. */
const LOCAL_HTTP_VARIABLES = [
  HTTP_VARIABLES.corsOrigins,
  HTTP_VARIABLES.fallbackImage,
  HTTP_VARIABLES.maxLinkLifetimeSeconds,
  HTTP_VARIABLES.uploadContentTypes,
  HTTP_VARIABLES.uploadMaxSizeBytes,
  HTTP_VARIABLES.uploadKeyTemplate,
] as const;

/**
 * Reads the settings of the first pipeline of a cloud assembly that has the compute type `variant`. If no pipeline has this
 * type, reads the first pipeline of another type, because the settings are the same for every compute type.
 *
 * @param assembly path of the cloud assembly
 * @throws TemplateError if the assembly is unreadable or contains no pipeline
 * @throws TemplateError if the value of a setting is known only after deployment
 */
export function synthesizedSettings(assembly: string, variant: Variant): SynthesizedSettings {
  const templates = readTemplates(assembly);
  const resources = templates.flatMap(({ stack, directory, resources }) =>
    resources.map(([id, resource]) => ({ stack, id, directory, resource })),
  );
  const others = VARIANTS.filter((other) => other !== variant);
  for (const type of [variant, ...others].map((kind) => RESOURCE_TYPES[kind])) {
    for (const { stack, id, directory, resource } of resources) {
      const variables = resource.Type === type ? pipelineVariables(resource, directory) : undefined;
      if (variables) {
        return { stack, resource: id, variables: literalSettings(variables, `${stack}/${id}`) };
      }
    }
  }
  throw missingPipeline(assembly, templates);
}

/**
 * Returns the variables that apply to the local pipeline.
 *
 * @param path path of the resource, for error messages
 * @throws TemplateError if a value is known only after deployment
 */
export function literalSettings(variables: Readonly<Record<string, unknown>>, path: string): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const name of [...Object.values(CORE_VARIABLES), ...LOCAL_SERVICE_VARIABLES, ...LOCAL_HTTP_VARIABLES]) {
    const value = variables[name];
    if (value === undefined || LOCATION_VARIABLES.has(name)) {
      continue;
    }
    if (typeof value !== 'string') {
      throw new TemplateError(
        `${path}: ${name}: got ${JSON.stringify(value)}, a value that is known only after deployment; expected a literal value`,
      );
    }
    settings[name] = value;
  }
  return settings;
}
