import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { CORE_VARIABLES, DEFAULT_CACHE_CONTROL, MONITORING_VARIABLES, RENDER_VERSION } from '../../runtime/contract';
import { METRIC_NAMESPACE } from '../monitoring/pipeline-metrics';
import type { BucketPart } from '../private/permissions';
import { toJson } from '../private/stacks';
import type { ThumbnailPipelineProps } from './thumbnail-pipeline-props';

/** Values for the environment variables, in addition to the props. */
export interface PipelineIdentity {
  readonly source: BucketPart;
  readonly destination: BucketPart;
  /** Environment variables with the thumbnails, limits and rules. */
  readonly settings: Readonly<Record<string, string>>;
  readonly serviceName: string;
  /** Whether the runtime reads only sources with the tag of a clean malware scan. */
  readonly requiresScan: boolean;
}

/**
 * Returns the environment variables of the runtime.
 *
 * Omits default values, because Lambda limits the environment to 4 KB.
 */
export function pipelineEnvironment(
  scope: Construct,
  props: ThumbnailPipelineProps,
  { source, destination, settings, serviceName, requiresScan }: PipelineIdentity,
): Record<string, string> {
  const { sourceSuffixes = [], cacheControl } = props;
  return {
    [CORE_VARIABLES.storage]: 's3',
    [CORE_VARIABLES.sourceBucket]: source.bucket.bucketName,
    ...(source.prefix === '' ? {} : { [CORE_VARIABLES.sourcePrefix]: source.prefix }),
    ...(sourceSuffixes.length === 0 ? {} : { [CORE_VARIABLES.sourceSuffixes]: toJson(scope, sourceSuffixes) }),
    [CORE_VARIABLES.thumbnailBucket]: destination.bucket.bucketName,
    ...(destination.prefix === '' ? {} : { [CORE_VARIABLES.thumbnailPrefix]: destination.prefix }),
    ...settings,
    ...(props.allowSvg ? { [CORE_VARIABLES.allowSvg]: 'true' } : {}),
    ...(props.detectJpegCorruption ? { [CORE_VARIABLES.detectJpegCorruption]: 'true' } : {}),
    ...(requiresScan ? { [CORE_VARIABLES.requireMalwareScan]: 'true' } : {}),
    ...(props.analysis ? { [CORE_VARIABLES.analysis]: toJson(scope, props.analysis._settings()) } : {}),
    ...(cacheControl === undefined || cacheControl === DEFAULT_CACHE_CONTROL
      ? {}
      : { [CORE_VARIABLES.cacheControl]: cacheControl }),
    ...(props.detailedMetrics ? { [MONITORING_VARIABLES.detailedMetrics]: 'true' } : {}),
    POWERTOOLS_SERVICE_NAME: serviceName,
    POWERTOOLS_METRICS_NAMESPACE: METRIC_NAMESPACE,
  };
}

/** Returns the render version, and the variables that determine the keys and the content of thumbnails. */
export function renderSettings(
  environment: Readonly<Record<string, string>>,
): Readonly<Record<string, string | number | undefined>> {
  return {
    renderVersion: RENDER_VERSION,
    ...Object.fromEntries(Object.values(CORE_VARIABLES).map((name) => [name, environment[name]])),
  };
}

/** Returns the service name: the stack name and the construct path in the stack. It is unique in an account and region. */
export function serviceNameOf(scope: Construct): string {
  const stack = Stack.of(scope);
  const ids = scope.node.scopes.slice(stack.node.scopes.length).map(({ node }) => node.id);
  return [stack.stackName, ...ids].join('/');
}
