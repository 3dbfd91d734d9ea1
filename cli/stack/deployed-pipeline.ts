import { DescribeServicesCommand, DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs';
import { GetFunctionConfigurationCommand, LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { readCoreSettings } from '../../runtime/config/core-settings';
import { SERVICE_VARIABLES, type CoreSettings } from '../../runtime/contract';
import { withStoredSettings } from '../../runtime/program/stored-settings';
import { withAwsErrors } from '../aws-errors';
import { isPipelineEnvironment } from '../pipeline-templates';
import { listStackResources, type StackResource } from './stack-resources';

/** The workers of a deployed pipeline. */
export interface DeployedWorker {
  /** Service name of the pipeline. The metrics contain this name as a dimension. */
  readonly name: string;
  readonly kind: 'function' | 'service';
  /** Name of the Lambda function, or ARN of the ECS service. */
  readonly resource: string;
  /** Environment variables of the function or container. */
  readonly variables: Readonly<Record<string, string>>;
  /** ARN of the role that the runtime uses. */
  readonly roleArn: string;
  /** ARN or URL of the queue; undefined if the function has no event source mapping. */
  readonly queue: string | undefined;
  /** Timeout of the function in seconds; undefined for an ECS service. */
  readonly timeoutSeconds?: number;
  /** Reason why the worker receives no messages; undefined for an active worker. */
  readonly inactive?: string;
}

/** Deployed pipeline with its settings. `variables` also contains the variables in the file at `SETTINGS_URI`. */
export interface DeployedPipeline extends DeployedWorker {
  readonly settings: CoreSettings;
  /** All resources of the stack. */
  readonly resources: readonly StackResource[];
}

const NAME_VARIABLE = 'POWERTOOLS_SERVICE_NAME';
const PERMISSIONS =
  'lambda:GetFunctionConfiguration and lambda:ListEventSourceMappings on the functions; ecs:DescribeServices and ' +
  'ecs:DescribeTaskDefinition on the services';

/**
 * Finds a pipeline in a deployed stack by the environment variables of the functions and tasks.
 *
 * @param stack name or ARN of the stack
 * @param name service name of the pipeline; required if the stack contains several pipelines
 * @throws Error if the stack contains no such pipeline, or AWS rejects a request
 */
export async function findPipeline(stack: string, name?: string): Promise<DeployedPipeline> {
  const resources = await listStackResources(stack);
  const workers = await withAwsErrors({ resource: stack, kind: 'resource', permissions: PERMISSIONS }, async () => [
    ...(await functionWorkers(resources)),
    ...(await serviceWorkers(resources)),
  ]);
  const found = name === undefined ? workers : workers.filter((worker) => worker.name === name);
  const [worker] = found;
  if (!worker || found.length > 1) {
    const names = workers.map((each) => each.name).join(', ') || 'none';
    throw new Error(
      worker
        ? `${stack}: contains several pipelines; select one with --pipeline: ${names}`
        : `${stack}: contains no pipeline${name === undefined ? '' : ` named ${name}`}; pipelines of the stack: ${names}`,
    );
  }
  const stored = await withStoredSettings(worker.variables);
  return { ...worker, variables: stored as DeployedWorker['variables'], settings: readCoreSettings(stored), resources };
}

/** A Lambda function of a stack. */
export interface DeployedFunction {
  readonly name: string;
  readonly handler: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
  readonly roleArn: string;
  readonly timeoutSeconds: number | undefined;
}

export async function deployedFunctions(resources: readonly StackResource[]): Promise<DeployedFunction[]> {
  const client = new LambdaClient({});
  const functions: DeployedFunction[] = [];
  for (const { type, physicalId } of resources) {
    if (type !== 'AWS::Lambda::Function') {
      continue;
    }
    const { Environment, Role, Timeout, Handler } = await client.send(
      new GetFunctionConfigurationCommand({ FunctionName: physicalId }),
    );
    functions.push({
      name: physicalId,
      handler: Handler,
      variables: Environment?.Variables ?? {},
      roleArn: Role ?? '',
      timeoutSeconds: Timeout,
    });
  }
  client.destroy();
  return functions;
}

async function functionWorkers(resources: readonly StackResource[]): Promise<DeployedWorker[]> {
  const client = new LambdaClient({});
  const workers: DeployedWorker[] = [];
  for (const { name, handler, variables, roleArn, timeoutSeconds } of await deployedFunctions(resources)) {
    if (!isPipelineEnvironment(variables) || handler !== 'upload-function.handler') {
      continue;
    }
    const mappings = await client.send(new ListEventSourceMappingsCommand({ FunctionName: name }));
    const mapping = mappings.EventSourceMappings?.[0];
    workers.push({
      name: variables[NAME_VARIABLE] ?? name,
      kind: 'function',
      resource: name,
      variables,
      roleArn,
      queue: mapping?.EventSourceArn,
      timeoutSeconds,
      inactive:
        mapping === undefined
          ? 'the function has no event source mapping'
          : mapping.State === 'Enabled'
            ? undefined
            : `the event source mapping has the state ${mapping.State}`,
    });
  }
  client.destroy();
  return workers;
}

/** An ECS service of a stack that belongs to a pipeline. */
export interface DeployedService {
  readonly arn: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly roleArn: string;
  /** Reason why the service does not run; undefined for an active service. */
  readonly inactive: string | undefined;
}

/** Returns the ECS services of a stack that belong to pipelines. */
export async function deployedServices(resources: readonly StackResource[]): Promise<DeployedService[]> {
  const client = new ECSClient({});
  const found: DeployedService[] = [];
  for (const { type, physicalId } of resources) {
    // The physical id is an ARN: arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME
    const cluster = physicalId.split('/')[1];
    if (type !== 'AWS::ECS::Service' || cluster === undefined) {
      continue;
    }
    const { services = [] } = await client.send(new DescribeServicesCommand({ cluster, services: [physicalId] }));
    const [service] = services;
    const { taskDefinition } = await client.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: service?.taskDefinition }),
    );
    const environments = (taskDefinition?.containerDefinitions ?? []).map(({ environment = [] }) =>
      Object.fromEntries(environment.map(({ name = '', value = '' }) => [name, value])),
    );
    const variables = environments.find(isPipelineEnvironment);
    if (!variables) {
      continue;
    }
    const failed = service?.deployments?.find(({ rolloutState }) => rolloutState === 'FAILED');
    found.push({
      arn: physicalId,
      variables,
      roleArn: taskDefinition?.taskRoleArn ?? '',
      inactive:
        failed !== undefined
          ? `the last deployment failed: ${failed.rolloutStateReason}`
          : service?.status === 'ACTIVE'
            ? undefined
            : `the service has the status ${service?.status}`,
    });
  }
  client.destroy();
  return found;
}

async function serviceWorkers(resources: readonly StackResource[]): Promise<DeployedWorker[]> {
  const services = await deployedServices(resources);
  return services
    .filter(({ variables }) => variables[SERVICE_VARIABLES.mode] !== 'api')
    .map(({ arn, variables, roleArn, inactive }) => ({
      name: variables[NAME_VARIABLE] ?? arn,
      kind: 'service' as const,
      resource: arn,
      variables,
      roleArn,
      queue: variables[SERVICE_VARIABLES.queueUrl],
      inactive,
    }));
}
