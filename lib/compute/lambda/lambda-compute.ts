import { Annotations, Duration, Token } from 'aws-cdk-lib';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { grantConsume, grantUseNetwork, grantWriteLogs } from '../../private/permissions';
import { secondsOf } from '../../private/validation';
import type {
  IThumbnailApiBinding,
  IThumbnailComputeBinding,
  IThumbnailWorkerBinding,
  ThumbnailComputeBindOptions,
  ThumbnailWorkerBindOptions,
} from '../compute-protocol';
import { warnOfLittleMemory } from '../little-memory';
import { ThumbnailRuntime } from '../thumbnail-runtime';
import { validateEnvironmentSize } from './environment-size';
import { batchSizeOf, timeoutOf } from './lambda-timeout';
import { DEFAULT_INSTANCE_MEMORY_MIB, runOnInstances } from './managed-instances';
import { pollersOf } from './provisioned-pollers';
import type { ThumbnailLambdaOptions } from './thumbnail-lambda-options';

/**
 * Timeout of the API function. The timeout is one second shorter than the integration timeout of an API Gateway HTTP API.
 * Therefore, the function ends before API Gateway stops waiting for its response.
 */
const API_TIMEOUT = Duration.seconds(29);
/**
 * Default memory in MiB. Lambda allocates one vCPU to this memory:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
const DEFAULT_MEMORY_MIB = 1769;
/**
 * Default maximum concurrency, a tenth of the default quota of an account. The rest of the quota is available for other
 * functions during a burst of uploads.
 */
const DEFAULT_MAX_CONCURRENCY = 100;

/** Creates the function that consumes the queue. */
export function bindUploadFunction(
  scope: Construct,
  options: ThumbnailLambdaOptions,
  bindOptions: ThumbnailWorkerBindOptions,
): IThumbnailWorkerBinding {
  const { queue, maxDuration } = bindOptions;
  const timeout = timeoutOf(options, maxDuration);
  const lambdaFunction = createFunction(scope, 'Upload', options, bindOptions, {
    handler: ThumbnailRuntime.UPLOAD_HANDLER,
    timeout,
    reservedConcurrentExecutions: options.reservedConcurrentExecutions,
    description: 'cdk-thumbnails: creates the thumbnails of new and changed images',
  });
  grantConsume(lambdaFunction, queue, 'lambda');
  const eventSourceMapping = lambdaFunction.addEventSourceMapping('Queue', {
    eventSourceArn: queue.queueArn,
    batchSize: options.batchSize ?? 1,
    maxBatchingWindow: options.maxBatchingWindow,
    maxConcurrency: options.maxConcurrency ?? defaultMaxConcurrency(options),
    provisionedPollerConfig: pollersOf(options),
    reportBatchItemFailures: true,
  });
  warnOfLongBatches(lambdaFunction, batchSizeOf(options), timeout, maxDuration);
  const limits = [options.maxConcurrency, options.reservedConcurrentExecutions].filter((limit) => limit !== undefined);
  return { ...bindingOf(lambdaFunction, limits), eventSourceMapping };
}

/** Creates the function that serves the HTTP API. */
export function bindApiFunction(
  scope: Construct,
  options: ThumbnailLambdaOptions,
  bindOptions: ThumbnailComputeBindOptions,
): IThumbnailApiBinding {
  const lambdaFunction = createFunction(scope, 'Api', options, bindOptions, {
    handler: ThumbnailRuntime.API_HANDLER,
    timeout: API_TIMEOUT,
    reservedConcurrentExecutions: options.apiReservedConcurrentExecutions,
    description: 'cdk-thumbnails: serves thumbnails',
  });
  // Adds one permission for all routes of the API, instead of one permission for each route.
  const integration = new HttpLambdaIntegration('Integration', lambdaFunction, { scopePermissionToRoute: false });
  const limits = [options.apiReservedConcurrentExecutions].filter((limit) => limit !== undefined);
  return { ...bindingOf(lambdaFunction, limits), integration };
}

/** Returns the memory for one image in MiB; undefined for a token. */
export function imageMemoryMiB(options: ThumbnailLambdaOptions): number | undefined {
  const memorySize = memorySizeOf(options);
  return Token.isUnresolved(memorySize) ? undefined : memorySize;
}

function memorySizeOf({ memorySize, capacityProvider }: ThumbnailLambdaOptions): number {
  return memorySize ?? (capacityProvider ? DEFAULT_INSTANCE_MEMORY_MIB : DEFAULT_MEMORY_MIB);
}

/**
 * Returns the default maximum concurrency. Returns undefined with reserved concurrency or provisioned pollers, because both
 * options also limit the invocations.
 */
function defaultMaxConcurrency(options: ThumbnailLambdaOptions): number | undefined {
  const { reservedConcurrentExecutions, provisionedPollers } = options;
  return reservedConcurrentExecutions === undefined && !provisionedPollers ? DEFAULT_MAX_CONCURRENCY : undefined;
}

function bindingOf(
  lambdaFunction: lambda.Function,
  concurrencyLimits: readonly number[],
): IThumbnailComputeBinding & { lambdaFunction: lambda.Function } {
  return {
    grantee: lambdaFunction,
    connections: lambdaFunction.isBoundToVpc ? lambdaFunction.connections : undefined,
    addEnvironment: (name, value) => {
      lambdaFunction.addEnvironment(name, value);
    },
    metrics: {
      errors: lambdaFunction.metricErrors(),
      throttles: lambdaFunction.metricThrottles(),
      concurrency: lambdaFunction.metric('ConcurrentExecutions', { statistic: Stats.MAXIMUM }),
      maxConcurrency: concurrencyLimits.length === 0 ? undefined : Math.min(...concurrencyLimits),
    },
    lambdaFunction,
  };
}

interface FunctionSettings {
  readonly handler: string;
  readonly timeout: Duration;
  readonly description: string;
  readonly reservedConcurrentExecutions?: number;
}

function createFunction(
  scope: Construct,
  name: string,
  options: ThumbnailLambdaOptions,
  bindOptions: ThumbnailComputeBindOptions,
  settings: FunctionSettings,
): lambda.Function {
  const { architecture = lambda.Architecture.ARM_64, vpc } = options;
  const { logGroup } = bindOptions;
  const role =
    options.role ??
    new iam.Role(scope, `${name}FunctionRole`, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  grantWriteLogs(role, logGroup);
  if (vpc) {
    grantUseNetwork(role);
  }
  const memorySize = memorySizeOf(options);
  const lambdaFunction = new lambda.Function(scope, `${name}Function`, {
    ...settings,
    architecture,
    code: ThumbnailRuntime.functionCode(architecture),
    environment: ThumbnailRuntime.functionEnvironment(bindOptions),
    logGroup,
    memorySize,
    role,
    runtime: options.runtime ?? lambda.Runtime.NODEJS_24_X,
    tracing: options.tracing ?? (bindOptions.tracing ? lambda.Tracing.ACTIVE : undefined),
    ...(vpc && networkOf(scope, name, vpc, options)),
  });
  runOnInstances(lambdaFunction, options);
  const resource = lambdaFunction.node.defaultChild as lambda.CfnFunction;
  if (!Token.isUnresolved(memorySize)) {
    warnOfLittleMemory(lambdaFunction, `memorySize: ${memorySize} MiB`, memorySize, bindOptions.imageMemoryMiB);
  }
  lambdaFunction.node.addValidation({ validate: () => validateEnvironmentSize(resource) });
  return lambdaFunction;
}

function networkOf(
  scope: Construct,
  name: string,
  vpc: ec2.IVpc,
  { vpcSubnets, securityGroups }: ThumbnailLambdaOptions,
): Pick<lambda.FunctionProps, 'vpc' | 'vpcSubnets' | 'securityGroups'> {
  if (securityGroups) {
    return { vpc, vpcSubnets, securityGroups };
  }
  const group = new ec2.SecurityGroup(scope, `${name}SecurityGroup`, {
    vpc,
    description: `cdk-thumbnails: the function ${name}`,
    allowAllOutbound: false,
  });
  group.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'S3, and Secrets Manager where links are signed');
  return { vpc, vpcSubnets, securityGroups: [group] };
}

function warnOfLongBatches(
  lambdaFunction: lambda.Function,
  batchSize: number,
  timeout: Duration,
  maxDuration: Duration,
): void {
  const [available, perImage] = [secondsOf(timeout), secondsOf(maxDuration)];
  if (available === undefined || perImage === undefined || available >= batchSize * perImage) {
    return;
  }
  Annotations.of(lambdaFunction).addWarningV2(
    'cdk-thumbnails:batchMayTimeOut',
    `batchSize: ${batchSize} images may take ${batchSize * perImage} s, but timeout is ${available} s; ` +
      'decrease batchSize or limits.maxDuration, or increase timeout',
  );
}
