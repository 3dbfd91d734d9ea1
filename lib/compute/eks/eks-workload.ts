import { Lazy, Names, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, type IDependable } from 'constructs';
import { SERVICE_VARIABLES } from '../../../runtime/contract';
import type { ThumbnailComputeBindOptions } from '../compute-protocol';
import { stopTimeoutOf } from '../container-timeouts';
import { DEFAULT_CPU, processorsOf, type ServiceKind, sizeOf, type TaskSize, workersOf } from '../ecs/task-size';
import { warnOfLittleContainerMemory } from '../little-memory';
import { RuntimeImage } from '../runtime-image';
import { applyManifests, createdNamespace, createPodRole } from './eks-cluster';
import { environmentList, type EnvironmentVariable, type Manifest } from './manifests/pods';
import { deployment, type ObjectName, podDisruptionBudget, serviceAccount } from './manifests/workloads';
import type { ThumbnailEksOptions } from './thumbnail-eks-options';

/**
 * Maximum length of the name of a workload in characters. Kubernetes limits some names to 63 characters. This maximum leaves
 * space for the prefix `keda-hpa-`, which KEDA adds to the name for its autoscaler.
 */
const MAX_NAME_LENGTH = 52;
const DEFAULT_NAMESPACE = 'default';
/** Time in seconds within which load balancers stop sending requests to a terminating pod. */
const DRAIN_SECONDS = 15;

/** Pods of one Deployment, with a service account and an IAM role. */
export class EksWorkload extends Construct implements iam.IGrantable {
  public readonly grantPrincipal: iam.IPrincipal;
  /** IAM role of the pods. */
  public readonly role: iam.IRole;
  /** Name and namespace of the Kubernetes objects. */
  public readonly objectName: ObjectName;
  /** Number of whole vCPUs of a pod, at least 1. */
  public readonly processors: number;

  private readonly environment: Record<string, string>;
  private readonly dependencies: IDependable[];

  public constructor(
    scope: Construct,
    id: string,
    private readonly kind: ServiceKind,
    private readonly options: ThumbnailEksOptions,
    private readonly bindOptions: ThumbnailComputeBindOptions,
    environment: Readonly<Record<string, string>>,
  ) {
    super(scope, id);
    const { cluster, namespace = DEFAULT_NAMESPACE } = options;
    const name = Names.uniqueResourceName(this, { maxLength: MAX_NAME_LENGTH, separator: '-' }).toLowerCase();
    this.objectName = { name, namespace };
    this.processors = processorsOf(this.size) ?? 1;
    warnOfLittleContainerMemory(this, this.size.memory, workersOf(this.size), bindOptions.imageMemoryMiB);
    const { role, association } = createPodRole(this, cluster, { namespace, serviceAccount: name });
    this.role = role;
    this.grantPrincipal = role.grantPrincipal;
    this.environment = {
      ...environment,
      AWS_REGION: Stack.of(this).region,
      [SERVICE_VARIABLES.stopTimeoutSeconds]: String(this.stopTimeoutSeconds),
    };
    const created = createdNamespace(scope, options);
    // A pod receives credentials only if the Pod Identity association exists when the pod starts.
    this.dependencies = [role, association, ...(created ? [created] : [])];
  }

  private get size(): TaskSize {
    return sizeOf(this.options[this.kind] ?? {}, DEFAULT_CPU[this.kind]);
  }

  private get stopTimeoutSeconds(): number {
    const { stopTimeout } = this.options;
    return stopTimeoutOf({ stopTimeout, maxDuration: this.bindOptions.maxDuration }).toSeconds();
  }

  /** Adds an environment variable to the container. */
  public addEnvironment(name: string, value: string): void {
    this.environment[name] = value;
  }

  /** Applies the objects of the Deployment and further objects to the cluster. */
  public apply(manifests: readonly Manifest[], ...dependencies: readonly IDependable[]): void {
    const { cpu, memory } = this.size;
    const pods = deployment(this.objectName, {
      serviceAccountName: this.objectName.name,
      image: this.image(),
      environment: this.lazyEnvironment(),
      cpu,
      memoryMiB: memory,
      stopTimeoutSeconds: this.stopTimeoutSeconds,
      drainSeconds: this.kind === 'api' ? DRAIN_SECONDS : 0,
      architecture: this.architecture === ecs.CpuArchitecture.ARM64 ? 'arm64' : 'amd64',
    });
    const all = [serviceAccount(this.objectName), pods, podDisruptionBudget(this.objectName), ...manifests];
    applyManifests(this, 'Manifest', this.options.cluster, all, ...this.dependencies, ...dependencies);
  }

  private get architecture(): ecs.CpuArchitecture {
    return this.options.architecture ?? ecs.CpuArchitecture.X86_64;
  }

  private image(): string {
    const { image, baseImage } = this.options;
    return image ?? new RuntimeImage(this.architecture, baseImage).addAsset(this).imageUri;
  }

  /**
   * Returns a token that resolves to the environment variables at synthesis, because the pipeline adds variables after it binds
   * the compute.
   */
  private lazyEnvironment(): readonly EnvironmentVariable[] {
    return Lazy.any({ produce: () => environmentList(this.environment) }) as unknown as readonly EnvironmentVariable[];
  }
}
