import { Duration } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import type {
  ThumbnailApiComputeConfig,
  ThumbnailComputeOptions,
  ThumbnailWorkerConfig,
  ThumbnailWorkerOptions,
} from '../thumbnail-compute';
import { placeOf } from './fargate-cluster';
import type { FargateComputeProps } from './fargate-compute-props';
import { ProgramImage } from './fargate-image';
import { ThumbnailApiService } from './thumbnail-api-service';
import type { ThumbnailServiceProps } from './thumbnail-service-props';
import { ThumbnailWorkerService } from './thumbnail-worker-service';

/**
 * What SQS hides a message for unless told otherwise. It matters little: each worker says with every message how long, and
 * says so again while it works on it.
 */
export const VISIBILITY_TIMEOUT = Duration.seconds(30);

/** The service that consumes the queue. */
export function workerService(
  scope: Construct,
  props: FargateComputeProps,
  options: ThumbnailWorkerOptions,
): ThumbnailWorkerConfig {
  const service = new ThumbnailWorkerService(scope, 'WorkerService', {
    ...commonProps(scope, props),
    ...props.worker,
    ...options,
  });
  return { grantee: service, connections: service.connections, workerService: service };
}

/** The service that answers the API. */
export function apiService(
  scope: Construct,
  props: FargateComputeProps,
  options: ThumbnailComputeOptions,
): ThumbnailApiComputeConfig {
  const service = new ThumbnailApiService(scope, 'ApiService', {
    ...commonProps(scope, props),
    ...props.api,
    ...options,
  });
  return {
    grantee: service,
    connections: service.connections,
    integration: service.integration,
    apiService: service,
  };
}

function commonProps(scope: Construct, props: FargateComputeProps): ThumbnailServiceProps {
  const { architecture = ecs.CpuArchitecture.ARM64, image, baseImage } = props;
  const { taskRole, executionRole, stopTimeout, enableExecuteCommand } = props;
  return {
    ...placeOf(scope, props),
    architecture,
    image: image ?? new ProgramImage(architecture, baseImage),
    taskRole,
    executionRole,
    stopTimeout,
    enableExecuteCommand,
  };
}
