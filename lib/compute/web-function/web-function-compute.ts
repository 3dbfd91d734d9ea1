import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { ALLOCATOR_VARIABLES, SERVICE_VARIABLES, type ServiceMode } from '../../../runtime/contract';
import { grantWriteLogs } from '../../private/permissions';
import { runtimeAsset } from '../../private/runtime-assets';
import type { ThumbnailComputeMetrics } from '../compute-metrics';
import type { IThumbnailApiBinding, ThumbnailApiBindOptions } from '../compute-protocol';
import { warnOfLittleMemory } from '../little-memory';
import type { ThumbnailWebFunctionOptions } from './thumbnail-web-function-options';
import { type WebFunction, type WebFunctionLibrary, webFunctionLibrary } from './web-function-library';
import { DEFAULT_CONCURRENCY, IMAGE_MEMORY_MIB, timeoutOf, WORKER_PROCESSES } from './web-function-limits';
import { webFunctionMetrics } from './web-function-metrics';

/** Architecture of all web functions: https://docs.aws.amazon.com/lambda/latest/dg/web-functions.html */
const ARCHITECTURE = 'arm64';
/** File with the service of the container. The service listens on the address in AWS_LAMBDA_HTTP_ENDPOINT. */
const ENTRY_POINT = 'service.js';

/** Creates the web function that serves the HTTP API. */
export function bindWebFunction(
  scope: Construct,
  options: ThumbnailWebFunctionOptions,
  bindOptions: ThumbnailApiBindOptions,
): IThumbnailApiBinding {
  // The result is defined, because the validation of the options rejects versions of aws-cdk-lib without web functions.
  const library = webFunctionLibrary()!;
  const isIam = bindOptions.apiAccess.access._isIam;
  const { IAM_AUTH, APPLICATION_MANAGED } = library.WebFunctionAuthType;
  const { maxConcurrencyPerEnvironment = DEFAULT_CONCURRENCY, maxEnvironments, rateLimit } = options;
  const role =
    options.role ??
    new iam.Role(scope, 'ApiWebFunctionRole', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  grantWriteLogs(role, bindOptions.logGroup);
  const webFunction = new library.WebFunction(scope, 'ApiWebFunction', {
    code: codeOf(library, options),
    runtime: library.WebFunctionRuntime.NODEJS_24_X,
    entryPoint: ENTRY_POINT,
    role,
    environment: environmentOf(bindOptions, maxConcurrencyPerEnvironment),
    logGroup: bindOptions.logGroup,
    timeout: timeoutOf(options, bindOptions.maxDuration),
    maxConcurrencyPerEnvironment,
    revisionDescription: 'cdk-thumbnails: serves thumbnails',
    defaultEndpointAuth: isIam ? IAM_AUTH : APPLICATION_MANAGED,
    defaultEndpoint: { maxEnvironments, rateLimit, endpointDescription: 'cdk-thumbnails: serves thumbnails' },
  });
  const finding = `webFunction: ${IMAGE_MEMORY_MIB} MiB for one image`;
  warnOfLittleMemory(webFunction, finding, IMAGE_MEMORY_MIB, bindOptions.imageMemoryMiB);
  const { domainName, grants } = webFunction.endpoint;
  let metrics: ThumbnailComputeMetrics | undefined;
  return {
    grantee: role,
    // The getter creates the metric filter only if an alarm or a dashboard reads the metrics.
    get metrics() {
      return (metrics ??= webFunctionMetrics(scope, webFunction, bindOptions.logGroup));
    },
    addEnvironment: (name, value) => addEnvironment(webFunction, name, value),
    endpoint: `https://${domainName}/`,
    endpointGrants: isIam ? { invoke: (grantee) => grants.invoke(grantee) } : undefined,
  };
}

function codeOf({ WebFunctionCode }: WebFunctionLibrary, { codeBucket }: ThumbnailWebFunctionOptions): unknown {
  const { directory, exclude, hash } = runtimeAsset(ARCHITECTURE);
  const assetOptions = { assetHash: hash, exclude };
  return codeBucket
    ? WebFunctionCode.fromAssetToProvidedBucket(codeBucket, directory, assetOptions)
    : WebFunctionCode.fromAssetToManagedBucket(directory, assetOptions);
}

/**
 * Returns the environment variables of the service. An execution environment receives at most `concurrency` requests.
 * Therefore, the queue of the environment never rejects a render.
 */
function environmentOf({ environment }: ThumbnailApiBindOptions, concurrency: number): Record<string, string> {
  return {
    ...ALLOCATOR_VARIABLES,
    ...environment,
    [SERVICE_VARIABLES.mode]: 'api' satisfies ServiceMode,
    [SERVICE_VARIABLES.workerProcesses]: String(WORKER_PROCESSES),
    [SERVICE_VARIABLES.memoryLimitMiB]: String(IMAGE_MEMORY_MIB),
    [SERVICE_VARIABLES.maxQueuedRenders]: String(concurrency),
  };
}

/** Adds an environment variable to the resource of a web function, because the construct has no method for this purpose. */
function addEnvironment({ resourceRevision }: WebFunction, name: string, value: string): void {
  const { serviceConfig } = resourceRevision;
  resourceRevision.serviceConfig = {
    ...serviceConfig,
    environmentVariables: { ...serviceConfig.environmentVariables, [name]: value },
  };
}
