import { Token } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { invalidValue, outOfRange, validateInteger, validationError } from '../../private/validation';
import type { ThumbnailLambdaOptions } from './thumbnail-lambda-options';

/** Minimum memory of a function in MiB: https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances.html */
const MIN_MEMORY_MIB = 2048;
/** Default memory of a function in MiB. Lambda allocates two vCPUs to this memory, with its default of 2 GiB per vCPU. */
export const DEFAULT_INSTANCE_MEMORY_MIB = 4096;
/**
 * Default number of concurrent invocations: two images for each of two vCPUs. Per vCPU, the function renders one image, and
 * concurrently reads or writes another image.
 */
const DEFAULT_CONCURRENCY = 4;
/** Minimum version of Node.js: https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-runtimes.html */
const MIN_NODE_VERSION = 22;

/**
 * Environment variables of a function on Managed Instances. By default, Lambda starts several worker threads of Node.js. Each
 * thread would have its own memory semaphore, and the threads together could exceed the memory of the environment. One thread
 * suffices, because libvips renders on all vCPUs.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-nodejs-runtime.html
 */
const VARIABLES = { AWS_LAMBDA_NODEJS_WORKER_COUNT: '1' } as const;

/** Configures a function to run on `capacityProvider`. Without `capacityProvider`, changes nothing. */
export function runOnInstances(
  lambdaFunction: lambda.Function,
  { capacityProvider, perEnvironmentConcurrency = DEFAULT_CONCURRENCY }: ThumbnailLambdaOptions,
): void {
  if (!capacityProvider) {
    return;
  }
  for (const [name, value] of Object.entries(VARIABLES)) {
    lambdaFunction.addEnvironment(name, value);
  }
  capacityProvider.addFunction(lambdaFunction, { perExecutionEnvironmentMaxConcurrency: perEnvironmentConcurrency });
}

export function validateInstances(options: ThumbnailLambdaOptions): string[] {
  const { capacityProvider, perEnvironmentConcurrency, memorySize, runtime } = options;
  if (!capacityProvider) {
    return perEnvironmentConcurrency === undefined
      ? []
      : [
          validationError(
            'perEnvironmentConcurrency',
            'it requires capacityProvider',
            'set capacityProvider or remove perEnvironmentConcurrency',
          ),
        ];
  }
  const { vpc, reservedConcurrentExecutions, apiReservedConcurrentExecutions } = options;
  const unsupported = { vpc, reservedConcurrentExecutions, apiReservedConcurrentExecutions };
  const errors = Object.entries(unsupported)
    .filter(([, value]) => value !== undefined)
    .map(([prop]) =>
      validationError(
        prop,
        'it does not apply with capacityProvider',
        `remove ${prop}, and configure the capacity provider instead`,
      ),
    );
  if (!isCreated(capacityProvider)) {
    const allowed =
      'a capacity provider that this app creates with new lambda.CapacityProvider(), because an imported one cannot add functions';
    errors.push(invalidValue('capacityProvider', `the imported ${capacityProvider.node.path}`, allowed));
  }
  errors.push(...validateInteger('perEnvironmentConcurrency', perEnvironmentConcurrency, { min: 1, max: 1600 }));
  if (memorySize !== undefined && !Token.isUnresolved(memorySize) && memorySize < MIN_MEMORY_MIB) {
    errors.push(outOfRange('memorySize', `${memorySize} MiB`, `at least ${MIN_MEMORY_MIB} MiB with capacityProvider`));
  }
  const version = Number(/^nodejs(\d+)\./.exec(runtime?.name ?? '')?.[1] ?? MIN_NODE_VERSION);
  if (version < MIN_NODE_VERSION) {
    const allowed = `Node.js ${MIN_NODE_VERSION} or newer with capacityProvider, such as Runtime.NODEJS_24_X`;
    errors.push(invalidValue('runtime', runtime!.name, allowed));
  }
  return errors;
}

/**
 * Returns whether this app creates the capacity provider. The property type excludes an imported capacity provider, which has
 * no method to add functions. JavaScript code and casts can nevertheless pass one.
 */
function isCreated(
  provider: lambda.ICapacityProvider & Partial<Pick<lambda.CapacityProvider, 'addFunction'>>,
): boolean {
  return provider.addFunction !== undefined;
}
