import { Duration, Tags } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { SERVICE_VARIABLES } from '../../../runtime/contract';
import { grantConsume } from '../../private/permissions';
import type {
  IThumbnailApiBinding,
  IThumbnailWorkerBinding,
  ThumbnailComputeBindOptions,
  ThumbnailWorkerBindOptions,
} from '../compute-protocol';
import { DEFAULT_CAPACITY } from '../ecs/service-validation';
import { createLoadBalancedApi, type LoadBalancedApi } from '../load-balanced-api';
import { ThumbnailRuntime } from '../thumbnail-runtime';
import { hasAutoMode, podConnections } from './eks-cluster';
import { EksWorkload } from './eks-workload';
import { kedaOperatorOf } from './keda-operator';
import { ingress, service, targetGroupBinding } from './manifests/networking';
import { horizontalPodAutoscaler, scaledObject, triggerAuthentication } from './manifests/workloads';
import type { ThumbnailEksIngressOptions, ThumbnailEksOptions } from './thumbnail-eks-options';

/** Default number of queued messages per vCPU, equal to the default of `ThumbnailCompute.fargate()`. */
const BACKLOG_PER_PROCESSOR = 100;
const DEFAULT_SCALE_IN_DELAY = Duration.minutes(5);
const DEFAULT_UTILIZATION_PERCENT = 60;
/** Tag that permits the load balancing of EKS Auto Mode to register targets in an existing target group. */
const AUTO_MODE_TAG = 'eks:eks-cluster-name';

/** Creates the Deployment that consumes the queue, and its scaling. */
export function bindWorkerPods(
  scope: Construct,
  options: ThumbnailEksOptions,
  bindOptions: ThumbnailWorkerBindOptions,
): IThumbnailWorkerBinding {
  const { queue } = bindOptions;
  const environment = ThumbnailRuntime.workerContainerEnvironment(bindOptions);
  const workload = new EksWorkload(scope, 'WorkerPods', 'worker', options, bindOptions, environment);
  grantConsume(workload, queue, 'service');
  const { chart } = kedaOperatorOf(workload, options, queue);
  const { min, max } = DEFAULT_CAPACITY.worker;
  const { minCapacity = min, maxCapacity = max, backlogPerPod, scaleInDelay } = options.worker ?? {};
  const scaling = [
    triggerAuthentication(workload.objectName),
    scaledObject(workload.objectName, {
      queueUrl: queue.queueUrl,
      region: queue.env.region,
      minReplicas: minCapacity,
      maxReplicas: maxCapacity,
      backlogPerPod: backlogPerPod ?? BACKLOG_PER_PROCESSOR * workload.processors,
      scaleInSeconds: (scaleInDelay ?? DEFAULT_SCALE_IN_DELAY).toSeconds(),
    }),
  ];
  workload.apply(scaling, ...(chart ? [chart] : []));
  return {
    grantee: workload,
    connections: podConnections(options),
    addEnvironment: (name, value) => workload.addEnvironment(name, value),
  };
}

/** Creates the Deployment that serves the HTTP API, and its load balancer or Ingress. */
export function bindApiPods(
  scope: Construct,
  options: ThumbnailEksOptions,
  bindOptions: ThumbnailComputeBindOptions,
): IThumbnailApiBinding {
  const settings = options.api ?? {};
  const environment = apiEnvironment(bindOptions, settings.ingress);
  const workload = new EksWorkload(scope, 'ApiPods', 'api', options, bindOptions, environment);
  const { objectName } = workload;
  const { min, max } = DEFAULT_CAPACITY.api;
  const { minCapacity = min, maxCapacity = max, targetUtilizationPercent } = settings;
  const common = [
    horizontalPodAutoscaler(objectName, {
      minReplicas: minCapacity,
      maxReplicas: maxCapacity,
      utilizationPercent: targetUtilizationPercent ?? DEFAULT_UTILIZATION_PERCENT,
    }),
    service(objectName),
  ];
  const binding = {
    grantee: workload,
    connections: podConnections(options),
    addEnvironment: (name: string, value: string): void => workload.addEnvironment(name, value),
  };
  if (settings.ingress) {
    const { host, ingressClassName = 'alb' } = settings.ingress;
    workload.apply([...common, ingress(objectName, { ...settings.ingress, ingressClassName })]);
    return { ...binding, endpoint: `https://${host}` };
  }
  const { targetGroup, listener, integration } = createApiLoadBalancer(workload, options);
  const controller = hasAutoMode(options) ? 'autoMode' : 'controller';
  workload.apply(
    [...common, targetGroupBinding(objectName, controller, targetGroup.targetGroupArn)],
    // A controller registers pods only in a target group that a load balancer uses. Therefore, the listener must exist first.
    listener,
  );
  return {
    ...binding,
    metrics: { unhealthyTasks: targetGroup.metrics.unhealthyHostCount({ statistic: Stats.MAXIMUM }) },
    integration,
  };
}

/**
 * Returns the environment variables of the API. With an Ingress, omits the maximum size of a response, because only API Gateway
 * has this limit.
 */
function apiEnvironment(
  bindOptions: ThumbnailComputeBindOptions,
  ingressOptions: ThumbnailEksIngressOptions | undefined,
): Record<string, string> {
  const { [SERVICE_VARIABLES.maxResponseBytes]: maxResponseBytes, ...environment } =
    ThumbnailRuntime.apiContainerEnvironment(bindOptions);
  return ingressOptions || maxResponseBytes === undefined
    ? environment
    : { ...environment, [SERVICE_VARIABLES.maxResponseBytes]: maxResponseBytes };
}

function createApiLoadBalancer(workload: EksWorkload, options: ThumbnailEksOptions): LoadBalancedApi {
  const { cluster, api } = options;
  const created = createLoadBalancedApi(workload, {
    vpc: cluster.vpc,
    loadBalancerSubnets: api?.loadBalancerSubnets,
    loadBalancerCertificate: api?.loadBalancerCertificate,
    loadBalancerDomainName: api?.loadBalancerDomainName,
  });
  const pods = podConnections(options);
  if (pods) {
    created.loadBalancer.connections.allowTo(pods, ec2.Port.tcp(ThumbnailRuntime.CONTAINER_PORT), 'to the API pods');
  }
  if (hasAutoMode(options)) {
    Tags.of(created.targetGroup).add(AUTO_MODE_TAG, cluster.clusterName);
  }
  return created;
}
