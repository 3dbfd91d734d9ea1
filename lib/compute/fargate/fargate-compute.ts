import * as ecs from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { EVENT_VARIABLES, HTTP_VARIABLES } from '../../../runtime/contract';
import type {
  IThumbnailApiBinding,
  IThumbnailWorkerBinding,
  ThumbnailComputeBindOptions,
  ThumbnailWorkerBindOptions,
} from '../compute-protocol';
import type { ThumbnailEcsOptions } from '../ecs/thumbnail-ecs-options';
import { ThumbnailRuntime } from '../thumbnail-runtime';
import { FargateApiService } from './fargate-api-service';
import { type FargateCluster, fargateClusterOf } from './fargate-cluster';
import { apiMetricsOf, workerMetricsOf } from './fargate-metrics';
import { FargateWorkerService } from './fargate-worker-service';
import { addEventsEndpoint, addSecretsEndpoint } from './isolated-vpcs';
import { restrictS3Endpoint } from './s3-endpoint';
import type { ThumbnailFargateOptions, ThumbnailFargateTaskOptions } from './thumbnail-fargate-options';

/** Environment variables with the ARN of a secret, which the runtime reads from Secrets Manager. */
const SECRET_VARIABLES: ReadonlySet<string> = new Set([
  HTTP_VARIABLES.signingSecret,
  HTTP_VARIABLES.distributionSecret,
]);

/** Options of a compute with ECS services, on Fargate or on capacity providers. */
export interface ServiceComputeOptions
  extends ThumbnailFargateOptions, Partial<Pick<ThumbnailEcsOptions, 'capacityProviderStrategies'>> {}

/** Creates the service that consumes the queue. */
export function bindWorkerService(
  scope: Construct,
  options: ServiceComputeOptions,
  bindOptions: ThumbnailWorkerBindOptions,
): IThumbnailWorkerBinding {
  const workerService = new FargateWorkerService(scope, 'WorkerService', {
    ...commonProps(scope, options),
    ...options.worker,
    ...bindOptions,
  });
  restrictS3Endpoint(workerService.vpc, bindOptions.environment);
  return {
    grantee: workerService,
    connections: workerService.connections,
    addEnvironment: (name, value) => {
      workerService.addEnvironment(name, value);
      if (name === EVENT_VARIABLES.busName) {
        addEventsEndpoint(workerService.vpc);
      }
    },
    metrics: workerMetricsOf(workerService, options.worker),
    workerService,
  };
}

/** Creates the service that serves the HTTP API. */
export function bindApiService(
  scope: Construct,
  options: ServiceComputeOptions,
  bindOptions: ThumbnailComputeBindOptions,
): IThumbnailApiBinding {
  const apiService = new FargateApiService(scope, 'ApiService', {
    ...commonProps(scope, options),
    ...options.api,
    ...bindOptions,
  });
  const { vpc } = apiService;
  restrictS3Endpoint(vpc, bindOptions.environment);
  if (Object.keys(bindOptions.environment).some((name) => SECRET_VARIABLES.has(name))) {
    addSecretsEndpoint(vpc);
  }
  return {
    grantee: apiService,
    connections: apiService.connections,
    addEnvironment: (name, value) => {
      apiService.addEnvironment(name, value);
      if (SECRET_VARIABLES.has(name)) {
        addSecretsEndpoint(vpc);
      }
    },
    metrics: apiMetricsOf(apiService, options.api),
    integration: apiService.integration,
    apiService,
  };
}

interface CommonProps extends ThumbnailFargateTaskOptions, FargateCluster {
  readonly image: ecs.ContainerImage;
  readonly capacityProviderStrategies?: ecs.CapacityProviderStrategy[];
}

function commonProps(scope: Construct, options: ServiceComputeOptions): CommonProps {
  const { architecture = ecs.CpuArchitecture.ARM64, image, baseImage } = options;
  const { taskRole, executionRole, stopTimeout, enableExecuteCommand } = options;
  return {
    ...fargateClusterOf(scope, options),
    architecture,
    image: image ?? ThumbnailRuntime.containerImage({ architecture, baseImage }),
    taskRole,
    executionRole,
    stopTimeout,
    enableExecuteCommand,
    capacityProviderStrategies: options.capacityProviderStrategies,
  };
}
