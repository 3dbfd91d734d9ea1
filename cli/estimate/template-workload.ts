import type { ComputeName, EstimateOptions, Workload } from '../../cost';
import { readCoreSettings } from '../../runtime/config/core-settings';
import { CORE_VARIABLES } from '../../runtime/contract';
import {
  missingPipeline,
  pipelineVariables,
  readTemplates,
  TemplateError,
  type StackTemplate,
} from '../pipeline-templates';
import { readAdditions } from './template-additions';
import { readComputes, type PipelineProcess } from './template-computes';

/** Settings of a synthesized pipeline that determine its cost. */
export interface TemplateWorkload extends EstimateOptions {
  readonly stack: string;
  readonly region?: string;
  readonly workload: Pick<Workload, 'thumbnails' | 'cloudFront'>;
}

const SPOT = '-spot';

/**
 * Reads the thumbnails, the compute types and the optional features of the first pipeline in a template or cloud assembly.
 *
 * @param path directory of a cloud assembly, or a template in JSON
 * @param compute compute type of the workers; skips pipelines with another compute type
 * @throws TemplateError if the file is unreadable or contains no pipeline with this compute type
 */
export function readTemplateWorkload(path: string, compute?: ComputeName): TemplateWorkload {
  const templates = readTemplates(path);
  const found = templates.flatMap((template) => workloadOf(template) ?? []);
  const isWanted = (candidate: TemplateWorkload): boolean =>
    compute === undefined || isSameKind(candidate.compute, compute);
  const wanted = found.find(isWanted);
  if (wanted) {
    return { ...wanted, compute: compute ?? wanted.compute };
  }
  throw found.length === 0
    ? missingPipeline(path, templates)
    : new TemplateError(
        `${path} contains no pipeline with compute ${compute}; expected one of ` +
          found.map((pipeline) => `${pipeline.compute} (${pipeline.stack})`).join(', '),
      );
}

/** Returns whether two compute types are equal except for Spot, such as `fargate` and `fargate-spot`. */
function isSameKind(one: ComputeName, other: ComputeName): boolean {
  return one.replace(SPOT, '') === other.replace(SPOT, '');
}

function workloadOf({ stack, region, directory, resources }: StackTemplate): TemplateWorkload | undefined {
  const processes = resources.flatMap<PipelineProcess>(([, resource]) => {
    const variables = pipelineVariables(resource, directory);
    return variables ? [{ resource, variables }] : [];
  });
  const [first] = processes;
  const thumbnails = first?.variables[CORE_VARIABLES.thumbnails];
  if (typeof thumbnails !== 'string') {
    return undefined;
  }
  return {
    stack,
    region,
    ...readComputes(processes, resources),
    ...readAdditions({ resources, environments: processes.map(({ variables }) => variables) }),
    workload: {
      thumbnails: parseThumbnails(thumbnails),
      cloudFront: resources.some(([, { Type }]) => Type === 'AWS::CloudFront::Distribution'),
    },
  };
}

function parseThumbnails(thumbnails: string): Workload['thumbnails'] {
  return readCoreSettings({
    [CORE_VARIABLES.storage]: 'directory',
    [CORE_VARIABLES.sourceDirectory]: '.',
    [CORE_VARIABLES.thumbnailDirectory]: '.',
    [CORE_VARIABLES.thumbnails]: thumbnails,
  }).thumbnails;
}
