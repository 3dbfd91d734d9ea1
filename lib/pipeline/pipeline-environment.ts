import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DEFAULT_CACHE_CONTROL, type Limits, type ThumbnailSettings, CORE_VARIABLES } from '../../runtime/contract';
import { METRIC_NAMESPACE } from '../private/metrics';

/** What one pipeline tells its program. */
export interface PipelineSettings {
  readonly sourceBucketName: string;
  readonly sourcePrefix: string;
  readonly sourceSuffixes: readonly string[];
  readonly thumbnailBucketName: string;
  readonly thumbnailPrefix: string;
  readonly thumbnails: readonly ThumbnailSettings[];
  readonly limits: Partial<Limits>;
  readonly allowSvg: boolean;
  readonly detectJpegCorruption: boolean;
  readonly cacheControl: string;
  /** What the program's metrics and logs are told apart by. */
  readonly serviceName: string;
}

/**
 * The environment variables that carry the settings. What equals its default is left out: Lambda takes 4 KB in all, and
 * a template's diff shows what was chosen.
 */
export function environmentOf(scope: Construct, settings: PipelineSettings): Record<string, string> {
  const json = (value: unknown): string => Stack.of(scope).toJsonString(value);
  const { sourcePrefix, sourceSuffixes, thumbnailPrefix, limits, allowSvg, detectJpegCorruption, cacheControl } =
    settings;
  return {
    [CORE_VARIABLES.storage]: 's3',
    [CORE_VARIABLES.sourceBucket]: settings.sourceBucketName,
    ...(sourcePrefix === '' ? {} : { [CORE_VARIABLES.sourcePrefix]: sourcePrefix }),
    ...(sourceSuffixes.length === 0 ? {} : { [CORE_VARIABLES.sourceSuffixes]: json(sourceSuffixes) }),
    [CORE_VARIABLES.thumbnailBucket]: settings.thumbnailBucketName,
    ...(thumbnailPrefix === '' ? {} : { [CORE_VARIABLES.thumbnailPrefix]: thumbnailPrefix }),
    [CORE_VARIABLES.thumbnails]: json(settings.thumbnails),
    ...(Object.keys(limits).length === 0 ? {} : { [CORE_VARIABLES.limits]: json(limits) }),
    ...(allowSvg ? { [CORE_VARIABLES.allowSvg]: 'true' } : {}),
    ...(detectJpegCorruption ? { [CORE_VARIABLES.detectJpegCorruption]: 'true' } : {}),
    ...(cacheControl === DEFAULT_CACHE_CONTROL ? {} : { [CORE_VARIABLES.cacheControl]: cacheControl }),
    POWERTOOLS_SERVICE_NAME: settings.serviceName,
    POWERTOOLS_METRICS_NAMESPACE: METRIC_NAMESPACE,
  };
}

/** What a pipeline is called where several share a place: the name of its stack, which is one in a region, and its path there. */
export function serviceNameOf(scope: Construct): string {
  const stack = Stack.of(scope);
  const path = scope.node.scopes.slice(stack.node.scopes.length).map(({ node }) => node.id);
  return [stack.stackName, ...path].join('/');
}
