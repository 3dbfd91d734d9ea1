import { Annotations, Duration, Token } from 'aws-cdk-lib';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ALLOCATOR_VARIABLES } from '../../../runtime/contract';
import { visibilitySecondsOf } from '../../pipeline/queues';
import { grantConsume, grantUseNetwork, grantWriteLogs } from '../../private/permissions';
import { runtimeAsset } from '../../private/runtime-assets';
import { checkDuration, checkInteger, problem, secondsOf } from '../../private/validation';
import type {
  ThumbnailApiComputeConfig,
  ThumbnailComputeContext,
  ThumbnailComputeOptions,
  ThumbnailWorkerConfig,
  ThumbnailWorkerOptions,
} from '../thumbnail-compute';
import { environmentSizeProblems } from './environment-size';
import type { LambdaComputeProps } from './lambda-compute-props';

const MAX_TIMEOUT_SECONDS = 900;
/** Time beside the rendering itself: a cold start, the transfers, a source that changed meanwhile. */
const SPARE_SECONDS = 40;
/** An HTTP API gives up after 30 seconds; one less lets the function's own answer through. */
const API_TIMEOUT = Duration.seconds(29);
/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const VISIBILITY_FACTOR = 6;
/** One vCPU: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const DEFAULT_MEMORY = 1769;

/** What is wrong with the props. */
export function problemsOf(props: LambdaComputeProps, context: ThumbnailComputeContext): string[] {
  return [
    ...checkInteger('memorySize', props.memorySize, { min: 128, max: 10_240, unit: 'MiB' }),
    ...checkDuration('timeout', props.timeout, { min: 1, max: MAX_TIMEOUT_SECONDS }),
    ...checkInteger('batchSize', props.batchSize, { min: 1, max: 10_000, unit: 'images' }),
    ...checkDuration('maxBatchingWindow', props.maxBatchingWindow, { min: 0, max: 300 }),
    ...checkInteger('maxConcurrency', props.maxConcurrency, { min: 2, max: 1000, unit: 'invocations' }),
    ...checkInteger('reservedConcurrentExecutions', props.reservedConcurrentExecutions, { min: 0, max: 100_000 }),
    ...checkInteger('apiReservedConcurrentExecutions', props.apiReservedConcurrentExecutions, { min: 0, max: 100_000 }),
    ...networkProblems(props),
    ...runtimeProblems(props.runtime),
    ...batchProblems(props),
    ...concurrencyProblems(props),
    ...timeProblems(props, context),
  ];
}

/** Six times the function's own limit and the wait for a batch, as AWS advises. */
export function visibilityTimeout(props: LambdaComputeProps, maxDuration: Duration): Duration {
  const timeout = timeoutOf(props, maxDuration);
  if (timeout.isUnresolved()) {
    return timeout;
  }
  const seconds = VISIBILITY_FACTOR * timeout.toSeconds() + (secondsOf(props.maxBatchingWindow) ?? 0);
  return Duration.seconds(seconds);
}

/** The function that consumes the queue. */
export function uploadFunction(
  scope: Construct,
  props: LambdaComputeProps,
  options: ThumbnailWorkerOptions,
): ThumbnailWorkerConfig {
  const timeout = timeoutOf(props, options.maxDuration);
  const made = defineFunction(scope, 'Upload', props, options, {
    handler: 'upload-function.handler',
    timeout,
    reservedConcurrentExecutions: props.reservedConcurrentExecutions,
    description: 'cdk-thumbnails: makes the thumbnails of new and changed images',
  });
  grantConsume(made, options.queue, 'lambda');
  const eventSourceMapping = made.addEventSourceMapping('Queue', {
    eventSourceArn: options.queue.queueArn,
    batchSize: props.batchSize ?? 1,
    maxBatchingWindow: props.maxBatchingWindow,
    maxConcurrency: props.maxConcurrency,
    reportBatchItemFailures: true,
  });
  warnOfLongBatches(made, knownBatchSize(props), timeout, options.maxDuration);
  return { grantee: made, eventSourceMapping, lambdaFunction: made, connections: connectionsOf(made) };
}

/** The function that answers the API. */
export function apiFunction(
  scope: Construct,
  props: LambdaComputeProps,
  options: ThumbnailComputeOptions,
): ThumbnailApiComputeConfig {
  const made = defineFunction(scope, 'Api', props, options, {
    handler: 'api-function.handler',
    timeout: API_TIMEOUT,
    reservedConcurrentExecutions: props.apiReservedConcurrentExecutions,
    description: 'cdk-thumbnails: serves thumbnails',
  });
  // One permission for the API: a permission for each route would be the same one several times.
  const integration = new HttpLambdaIntegration('Integration', made, { scopePermissionToRoute: false });
  return { grantee: made, integration, lambdaFunction: made, connections: connectionsOf(made) };
}

interface FunctionSettings {
  readonly handler: string;
  readonly timeout: Duration;
  readonly description: string;
  readonly reservedConcurrentExecutions?: number;
}

function defineFunction(
  scope: Construct,
  name: string,
  props: LambdaComputeProps,
  options: ThumbnailComputeOptions,
  settings: FunctionSettings,
): lambda.Function {
  const architecture = props.architecture ?? lambda.Architecture.ARM_64;
  const asset = runtimeAsset(architecture.name);
  const role =
    props.role ??
    new iam.Role(scope, `${name}FunctionRole`, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  grantWriteLogs(role, options.logGroup);
  if (props.vpc) {
    grantUseNetwork(role);
  }
  const made = new lambda.Function(scope, `${name}Function`, {
    ...settings,
    architecture,
    code: lambda.Code.fromAsset(asset.directory, { assetHash: asset.hash }),
    environment: { ...ALLOCATOR_VARIABLES, ...options.environment },
    logGroup: options.logGroup,
    memorySize: props.memorySize ?? DEFAULT_MEMORY,
    role,
    runtime: props.runtime ?? lambda.Runtime.NODEJS_24_X,
    tracing: props.tracing,
    ...(props.vpc && networkOf(scope, name, props.vpc, props)),
  });
  made.node.addValidation({ validate: () => environmentSizeProblems(made.node.defaultChild as lambda.CfnFunction) });
  return made;
}

function networkOf(
  scope: Construct,
  name: string,
  vpc: ec2.IVpc,
  { vpcSubnets, securityGroups }: LambdaComputeProps,
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

function connectionsOf(made: lambda.Function): ec2.Connections | undefined {
  return made.isBoundToVpc ? made.connections : undefined;
}

function networkProblems({ vpc, vpcSubnets, securityGroups }: LambdaComputeProps): string[] {
  if (vpc) {
    return [];
  }
  return Object.entries({ vpcSubnets, securityGroups })
    .filter(([, value]) => value !== undefined)
    .map(([prop]) => problem(prop, 'a value without vpc', 'left out, or vpc given'));
}

function runtimeProblems(runtime: lambda.Runtime | undefined): string[] {
  if (runtime === undefined || runtime.family === lambda.RuntimeFamily.NODEJS) {
    return [];
  }
  return [problem('runtime', runtime.name, 'one of Node.js, such as Runtime.NODEJS_24_X')];
}

function batchProblems(props: LambdaComputeProps): string[] {
  const { maxBatchingWindow } = props;
  if (knownBatchSize(props) <= 10 || maxBatchingWindow?.isUnresolved() || (secondsOf(maxBatchingWindow) ?? 0) > 0) {
    return [];
  }
  return [problem('batchSize', knownBatchSize(props), 'at most 10 without a maxBatchingWindow of at least 1 second')];
}

function concurrencyProblems(props: LambdaComputeProps): string[] {
  const { maxConcurrency, reservedConcurrentExecutions } = props;
  if (maxConcurrency === undefined || reservedConcurrentExecutions === undefined) {
    return [];
  }
  if (Token.isUnresolved(maxConcurrency) || Token.isUnresolved(reservedConcurrentExecutions)) {
    return [];
  }
  if (maxConcurrency <= reservedConcurrentExecutions) {
    return [];
  }
  return [
    problem(
      'maxConcurrency',
      maxConcurrency,
      `at most reservedConcurrentExecutions (${reservedConcurrentExecutions}), or invocations are refused`,
    ),
  ];
}

function timeProblems(props: LambdaComputeProps, context: ThumbnailComputeContext): string[] {
  const timeout = secondsOf(timeoutOf(props, context.maxDuration));
  if (timeout === undefined) {
    return [];
  }
  const problems: string[] = [];
  const longest = secondsOf(context.maxDuration);
  if (longest !== undefined && timeout <= longest) {
    problems.push(problem('timeout', `${timeout} s`, `longer than limits.maxDuration (${longest} s)`));
  }
  const hidden = context.queue && visibilitySecondsOf(context.queue);
  if (hidden !== undefined && hidden < timeout) {
    problems.push(problem('timeout', `${timeout} s`, `at most the visibility timeout of the queue (${hidden} s)`));
  }
  return problems;
}

function warnOfLongBatches(made: lambda.Function, batchSize: number, timeout: Duration, maxDuration: Duration): void {
  const [available, longest] = [secondsOf(timeout), secondsOf(maxDuration)];
  if (available === undefined || longest === undefined || available >= batchSize * longest) {
    return;
  }
  Annotations.of(made).addWarningV2(
    'cdk-thumbnails:batchMayTimeOut',
    `a batch of ${batchSize} images may take ${batchSize * longest} s, the function is ended after ${available} s: ` +
      'give a smaller batchSize, a shorter limits.maxDuration or a longer timeout',
  );
}

/** The batch size to reckon with: one where it is wrong, which is told elsewhere, or known at deployment only. */
function knownBatchSize({ batchSize = 1 }: LambdaComputeProps): number {
  return Number.isInteger(batchSize) && batchSize > 0 ? batchSize : 1;
}

function timeoutOf(props: LambdaComputeProps, maxDuration: Duration): Duration {
  if (props.timeout) {
    return props.timeout;
  }
  const longest = secondsOf(maxDuration);
  if (longest === undefined) {
    return Duration.seconds(MAX_TIMEOUT_SECONDS);
  }
  return Duration.seconds(Math.min(MAX_TIMEOUT_SECONDS, Math.ceil(knownBatchSize(props) * longest) + SPARE_SECONDS));
}
