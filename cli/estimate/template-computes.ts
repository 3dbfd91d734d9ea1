import type { ApiComputeName, ComputeName } from '../../cost';
import { SERVICE_VARIABLES, type ServiceMode } from '../../runtime/contract';
import type { StackTemplate, TemplateResource } from '../pipeline-templates';

/** Function, task, pod or web function of a pipeline, with its environment variables. */
export interface PipelineProcess {
  readonly resource: TemplateResource;
  readonly variables: Readonly<Record<string, unknown>>;
}

const UPLOAD_HANDLER = 'upload-function.handler';

/**
 * Returns the compute types of the workers and of the API. For tasks on EC2, returns `ecs`, which stands for on-demand
 * instances, because a template does not state whether a capacity provider uses Spot Instances.
 */
export function readComputes(
  processes: readonly PipelineProcess[],
  resources: StackTemplate['resources'],
): { readonly compute: ComputeName; readonly api: ApiComputeName | 'none' } {
  const ofType = (type: string): PipelineProcess[] => processes.filter(({ resource }) => resource.Type === type);
  const functions = ofType('AWS::Lambda::Function');
  const tasks = ofType('AWS::ECS::TaskDefinition');
  const pods = ofType('Custom::AWSCDK-EKS-KubernetesResource');
  const tasksKind = (list: readonly PipelineProcess[]): ComputeName =>
    list.some(({ resource }) => resource.Properties?.RequiresCompatibilities?.includes('EC2'))
      ? 'ecs'
      : hasSpot(resources)
        ? 'fargate-spot'
        : 'fargate';
  const functionsKind = (list: readonly PipelineProcess[]): ComputeName =>
    list.some(({ resource }) => resource.Properties?.CapacityProviderConfig !== undefined)
      ? 'managed-instances'
      : 'lambda';

  const upload = functions.filter(({ resource }) => resource.Properties?.Handler === UPLOAD_HANDLER);
  const apiFunctions = functions.filter(({ resource }) => resource.Properties?.Handler !== UPLOAD_HANDLER);
  const workerTasks = tasks.filter((process) => hasMode(process, 'worker'));
  const apiTasks = tasks.filter((process) => hasMode(process, 'api'));
  const hasWorkerPods = pods.some((process) => hasMode(process, 'worker'));
  const hasLargeWorker = workerTasks.length > 0 || hasWorkerPods;

  const worker: ComputeName =
    upload.length > 0
      ? hasLargeWorker
        ? 'hybrid'
        : functionsKind(upload)
      : workerTasks.length > 0
        ? tasksKind(workerTasks)
        : hasWorkerPods
          ? 'eks'
          : 'lambda';
  // Never returns `fargate-spot`, because only the tasks of the workers can run on Fargate Spot.
  const apiKind = (): ApiComputeName | 'none' => {
    if (apiTasks.length > 0) {
      return tasksKind(apiTasks) === 'ecs' ? 'ecs' : 'fargate';
    }
    if (pods.some((process) => hasMode(process, 'api'))) {
      return 'eks';
    }
    if (ofType('AWS::Lambda::WebFunctionRevision').length > 0) {
      return 'web-function';
    }
    return apiFunctions.length > 0 ? functionsKind(apiFunctions) : 'none';
  };
  return { compute: worker, api: apiKind() };
}

function hasMode({ variables }: PipelineProcess, mode: ServiceMode): boolean {
  const { [SERVICE_VARIABLES.mode]: value = 'both' } = variables;
  return value === mode || value === 'both';
}

function hasSpot(resources: StackTemplate['resources']): boolean {
  return resources.some(([, { Properties }]) =>
    Properties?.CapacityProviderStrategy?.some(({ CapacityProvider }) => CapacityProvider === 'FARGATE_SPOT'),
  );
}
