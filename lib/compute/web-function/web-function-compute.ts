import type { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { ALLOCATOR_VARIABLES, SERVICE_VARIABLES, type ServiceMode } from '../../../runtime/contract';
import type { ThumbnailAccess } from '../../api/thumbnail-access';
import { grantWriteLogs } from '../../private/permissions';
import { runtimeAsset } from '../../private/runtime-assets';
import type { ThumbnailComputeMetrics } from '../compute-metrics';
import type { IThumbnailApiBinding, IThumbnailWriteApiBinding, ThumbnailApiBindOptions } from '../compute-protocol';
import { warnOfLittleMemory } from '../little-memory';
import { needsTwoFunctions } from './separate-functions';
import type { ThumbnailWebFunctionOptions, ThumbnailWebFunctionWriteOptions } from './thumbnail-web-function-options';
import { type WebFunction, type WebFunctionLibrary, webFunctionLibrary } from './web-function-library';
import {
  DEFAULT_CONCURRENCY,
  IMAGE_MEMORY_MIB,
  timeoutOf,
  WORKER_PROCESSES,
  WRITE_TIMEOUT,
} from './web-function-limits';
import { webFunctionMetrics } from './web-function-metrics';

/** Architecture of all web functions: https://docs.aws.amazon.com/lambda/latest/dg/web-functions.html */
const ARCHITECTURE = 'arm64';
/** File with the service of the container. The service listens on the address in AWS_LAMBDA_HTTP_ENDPOINT. */
const ENTRY_POINT = 'service.js';

/** Values in which the web functions of an API differ. */
interface FunctionParts {
  /** Construct id of the web function. The id of its role has the suffix `Role`. */
  readonly id: string;
  readonly purpose: string;
  readonly role: iam.IRole | undefined;
  readonly access: ThumbnailAccess;
  readonly environment: Readonly<Record<string, string>>;
  readonly workerProcesses: number;
  readonly timeout: Duration;
  readonly limits: ThumbnailWebFunctionWriteOptions;
}

/** A web function and its binding. */
interface BoundFunction {
  readonly webFunction: WebFunction;
  readonly binding: IThumbnailWriteApiBinding;
}

/** Creates the web functions that serve the HTTP API: one for all routes, or one for reading and one for writing. */
export function bindWebFunction(
  scope: Construct,
  options: ThumbnailWebFunctionOptions,
  bindOptions: ThumbnailApiBindOptions,
): IThumbnailApiBinding {
  const { apiAccess, environment, maxDuration, separateEnvironments } = bindOptions;
  const separate = needsTwoFunctions(apiAccess) ? separateEnvironments : undefined;
  const { webFunction, binding } = createFunction(scope, options, bindOptions, {
    id: 'ApiWebFunction',
    purpose: 'serves thumbnails',
    role: options.role,
    access: apiAccess.access,
    environment: separate?.read ?? environment,
    workerProcesses: WORKER_PROCESSES,
    timeout: timeoutOf(options, maxDuration),
    limits: options,
  });
  const finding = `webFunction: ${IMAGE_MEMORY_MIB} MiB for one image`;
  warnOfLittleMemory(webFunction, finding, IMAGE_MEMORY_MIB, bindOptions.imageMemoryMiB);
  const writing =
    separate &&
    createFunction(scope, options, bindOptions, {
      id: 'ApiWriteWebFunction',
      purpose: 'receives uploads and deletes images',
      role: options.write?.role,
      // `writeAccess` is defined, because `needsTwoFunctions()` returns false without `writeAccess`.
      access: apiAccess.writeAccess!,
      environment: separate.write,
      workerProcesses: 1,
      timeout: WRITE_TIMEOUT,
      limits: { ...options, ...options.write },
    });
  const functions = writing ? [webFunction, writing.webFunction] : [webFunction];
  let metrics: ThumbnailComputeMetrics | undefined;
  return {
    ...binding,
    writeApi: writing?.binding,
    // The getter creates the metric filter at the first access, so that a pipeline without alarms and dashboards has no filter.
    get metrics() {
      return (metrics ??= webFunctionMetrics(scope, functions, bindOptions.logGroup));
    },
  };
}

function createFunction(
  scope: Construct,
  options: ThumbnailWebFunctionOptions,
  { logGroup }: ThumbnailApiBindOptions,
  { id, purpose, access, environment, workerProcesses, timeout, limits, ...parts }: FunctionParts,
): BoundFunction {
  // The result is defined, because the validation of the options rejects versions of aws-cdk-lib without web functions.
  const library = webFunctionLibrary()!;
  const { IAM_AUTH, APPLICATION_MANAGED } = library.WebFunctionAuthType;
  const { maxConcurrencyPerEnvironment = DEFAULT_CONCURRENCY, maxEnvironments, rateLimit } = limits;
  const description = `cdk-thumbnails: ${purpose}`;
  const role =
    parts.role ?? new iam.Role(scope, `${id}Role`, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  grantWriteLogs(role, logGroup);
  const webFunction = new library.WebFunction(scope, id, {
    code: codeOf(library, options),
    runtime: library.WebFunctionRuntime.NODEJS_24_X,
    entryPoint: ENTRY_POINT,
    role,
    environment: {
      ...ALLOCATOR_VARIABLES,
      ...environment,
      [SERVICE_VARIABLES.mode]: 'api' satisfies ServiceMode,
      [SERVICE_VARIABLES.workerProcesses]: String(workerProcesses),
      [SERVICE_VARIABLES.memoryLimitMiB]: String(IMAGE_MEMORY_MIB),
      // Lambda sends at most this number of concurrent requests to an execution environment. Therefore, the render queue of the
      // runtime never rejects a request.
      [SERVICE_VARIABLES.maxQueuedRenders]: String(maxConcurrencyPerEnvironment),
    },
    logGroup,
    timeout,
    maxConcurrencyPerEnvironment,
    revisionDescription: description,
    defaultEndpointAuth: access._isIam ? IAM_AUTH : APPLICATION_MANAGED,
    defaultEndpoint: { maxEnvironments, rateLimit, endpointDescription: description },
  });
  const { domainName, grants } = webFunction.endpoint;
  return {
    webFunction,
    binding: {
      grantee: role,
      addEnvironment: (name, value) => addEnvironment(webFunction, name, value),
      endpoint: `https://${domainName}/`,
      endpointGrants: access._isIam ? { invoke: (grantee) => grants.invoke(grantee) } : undefined,
    },
  };
}

function codeOf({ WebFunctionCode }: WebFunctionLibrary, { codeBucket }: ThumbnailWebFunctionOptions): unknown {
  const { directory, exclude, hash } = runtimeAsset(ARCHITECTURE);
  const assetOptions = { assetHash: hash, exclude };
  return codeBucket
    ? WebFunctionCode.fromAssetToProvidedBucket(codeBucket, directory, assetOptions)
    : WebFunctionCode.fromAssetToManagedBucket(directory, assetOptions);
}

/** Adds an environment variable to the resource of a web function, because the construct has no method for this purpose. */
function addEnvironment({ resourceRevision }: WebFunction, name: string, value: string): void {
  const { serviceConfig } = resourceRevision;
  resourceRevision.serviceConfig = {
    ...serviceConfig,
    environmentVariables: { ...serviceConfig.environmentVariables, [name]: value },
  };
}
