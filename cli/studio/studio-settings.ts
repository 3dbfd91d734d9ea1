import { relative } from 'node:path';
import { CORE_VARIABLES, DEFAULT_THUMBNAILS } from '../../runtime/contract';
import { readTemplateWorkload } from '../estimate/template-workload';
import { readSettingsVariables } from '../render/settings-file';
import { findPipeline } from '../stack/deployed-pipeline';
import type { StudioSettings } from './studio-api';
import { literalSettings, synthesizedSettings } from './synthesized-settings';
import type { Variant } from './variants';

/** Source of the settings: a cloud assembly, a deployed stack or a file. */
export interface SettingsSource {
  /** Path of a cloud assembly or template. @default 'cdk.out' */
  readonly path?: string;
  /** Name or ARN of a deployed stack, instead of `path`. */
  readonly stack?: string;
  /** Service name of the pipeline; required if the stack contains several pipelines. */
  readonly pipeline?: string;
  /** Path of a JSON file with the settings, instead of `path`. */
  readonly settings?: string;
}

/** Settings of a pipeline, without buckets, directories and access. */
export interface FoundSettings extends Pick<StudioSettings, 'origin' | 'estimate'> {
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Reads the settings of the pipeline that the studio runs. Changes nothing in the AWS account.
 *
 * @throws Error if the user passes several sources, the source is unreadable, or the source contains no pipeline
 */
export async function findSettings(source: SettingsSource, variant: Variant): Promise<FoundSettings> {
  const { path, stack, pipeline, settings } = source;
  const given = Object.entries({ path, '--stack': stack, '--settings': settings }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length > 1) {
    throw new Error(
      `got ${given.map(([name, value]) => `${name} ${value}`).join(' and ')}; expected only one of path, --stack and --settings`,
    );
  }
  if (settings !== undefined) {
    return {
      variables: {
        [CORE_VARIABLES.thumbnails]: JSON.stringify(DEFAULT_THUMBNAILS),
        ...readSettingsVariables(settings),
      },
      origin: settings,
      estimate: {},
    };
  }
  if (stack !== undefined) {
    const { variables, resource, resources, kind } = await findPipeline(stack, pipeline);
    const compute = kind === 'function' ? 'lambda' : 'fargate';
    const cloudFront = resources.some(({ type }) => type === 'AWS::CloudFront::Distribution');
    return {
      variables: literalSettings(variables, resource),
      origin: `${resource} of the stack ${stack}`,
      estimate: { compute, cloudFront },
    };
  }
  const assembly = path ?? 'cdk.out';
  const { stack: name, resource, variables } = synthesizedSettings(assembly, variant);
  const { region, compute, api, workload } = readTemplateWorkload(assembly);
  return {
    variables,
    origin: `${name}/${resource} in ${relative('.', assembly) || '.'}`,
    estimate: { region, compute, api, cloudFront: workload.cloudFront },
  };
}
