import type { Duration } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as eks from 'aws-cdk-lib/aws-eks-v2';
import type * as iam from 'aws-cdk-lib/aws-iam';

/** Options for the size and the scaling of one Deployment. */
export interface ThumbnailEksPodOptions {
  /**
   * CPU units of a pod, 128 to 196608. One vCPU has 1024 CPU units. The value is both the CPU request and the CPU limit of the
   * pod.
   *
   * A pod renders one image per whole vCPU. With enough memory, the pod reads or writes one further image at the same time.
   *
   * @default - 1024 for workers, 512 for the API
   */
  readonly cpu?: number;

  /**
   * Memory of a pod in MiB, at least 512. The value is both the memory request and the memory limit of the pod.
   *
   * The service process uses 192 MiB. The worker processes share the remaining memory. One image may need 512 MiB.
   *
   * @default - twice the CPU units: 2048 for workers, 1024 for the API
   */
  readonly memoryLimitMiB?: number;

  /**
   * Minimum number of pods. An API with 2 pods remains available if one node fails.
   *
   * @default - 0 for workers, 1 for the API
   */
  readonly minCapacity?: number;

  /**
   * Maximum number of pods, up to 5000. This maximum limits the cost.
   *
   * @default 10
   */
  readonly maxCapacity?: number;
}

/** Options for the Deployment that consumes the queue. */
export interface ThumbnailEksWorkerOptions extends ThumbnailEksPodOptions {
  /**
   * Number of queued messages per running pod, 1 to 100000.
   *
   * For example, with the value 100, a queue with 400 messages requires 4 pods. The number of pods never exceeds `maxCapacity`.
   *
   * @default - 100 per vCPU
   */
  readonly backlogPerPod?: number;

  /**
   * Time for which the queue must be empty before the last pod stops, 1 to 60 whole minutes. KEDA also waits for this time
   * before it reduces the number of pods.
   *
   * @default Duration.minutes(5)
   */
  readonly scaleInDelay?: Duration;
}

/** Options for an Ingress in front of the API. */
export interface ThumbnailEksIngressOptions {
  /** Domain name of the API, such as `img.example.com`. Clients send HTTPS requests to this domain. */
  readonly host: string;

  /**
   * Name of the IngressClass.
   *
   * @default alb
   */
  readonly ingressClassName?: string;

  /**
   * Annotations for the Ingress controller, such as the ARN of a certificate.
   *
   * @default - no annotations
   */
  readonly annotations?: { readonly [name: string]: string };

  /**
   * Name of the Kubernetes Secret with the certificate. Load balancers of AWS use a certificate of AWS Certificate Manager
   * instead.
   *
   * @default - no Secret
   */
  readonly tlsSecretName?: string;
}

/** Options for the Deployment that serves the HTTP API. */
export interface ThumbnailEksApiOptions extends ThumbnailEksPodOptions {
  /**
   * Target of the CPU utilization in percent, 10 to 90.
   *
   * @default 60
   */
  readonly targetUtilizationPercent?: number;

  /**
   * Subnets of the internal load balancer and the VPC link, in at least two availability zones.
   *
   * @default - the first available subnet type of the VPC, in this order: private with egress, isolated, public
   */
  readonly loadBalancerSubnets?: ec2.SubnetSelection;

  /**
   * Certificate of the load balancer, for encrypted connections between API Gateway and the load balancer. Requires
   * `loadBalancerDomainName`. Connections between the load balancer and the pods use HTTP.
   *
   * @default - no certificate; API Gateway sends HTTP requests through the VPC link
   */
  readonly loadBalancerCertificate?: ICertificate;

  /**
   * Domain name in `loadBalancerCertificate`. API Gateway verifies that the certificate contains this name. The name requires
   * no DNS record.
   *
   * @default - no verification, because the connection uses HTTP
   */
  readonly loadBalancerDomainName?: string;

  /**
   * Ingress that serves the API. With an Ingress, the pipeline creates no API Gateway HTTP API and no load balancer. Access
   * must be `ThumbnailAccess.publicRead()` or `ThumbnailAccess.signed()`.
   *
   * @default - an API Gateway HTTP API with a VPC link to an internal load balancer
   */
  readonly ingress?: ThumbnailEksIngressOptions;
}

/** Options of `ThumbnailCompute.eks`. */
export interface ThumbnailEksOptions {
  /**
   * EKS cluster with a kubectl provider: a `Cluster` with `kubectlProviderOptions`, or an imported cluster with
   * `kubectlProvider`.
   *
   * The cluster requires EKS Pod Identity. EKS Auto Mode includes EKS Pod Identity. Other clusters require the add-on
   * `eks-pod-identity-agent`. The API also requires the Kubernetes Metrics Server. Without EKS Auto Mode, the API also requires
   * the AWS Load Balancer Controller.
   */
  readonly cluster: eks.ICluster;

  /**
   * Kubernetes namespace of the pods. The namespace must exist unless `createNamespace` is true.
   *
   * @default default
   */
  readonly namespace?: string;

  /**
   * Whether to create the namespace. Only one pipeline can create a namespace.
   *
   * @default false
   */
  readonly createNamespace?: boolean;

  /**
   * Whether the cluster has EKS Auto Mode with its load balancing capability.
   *
   * @default - the setting of the cluster, if this app creates the cluster; false for an imported cluster
   */
  readonly autoMode?: boolean;

  /**
   * IAM role of an installed KEDA operator. The library grants this role `sqs:GetQueueAttributes` on the queue.
   *
   * @default - required unless `installKeda` is true
   */
  readonly kedaOperatorRole?: iam.IRole;

  /**
   * Whether to install the Helm chart of KEDA in the namespace `keda`. The pipelines of an app install KEDA once per cluster.
   *
   * @default false
   */
  readonly installKeda?: boolean;

  /**
   * Version of the Helm chart of KEDA, for `installKeda`.
   *
   * @see https://github.com/kedacore/charts/releases
   * @default 2.21.1
   */
  readonly kedaVersion?: string;

  /**
   * CPU architecture of the pods. The nodes must have this architecture. The default node pool of EKS Auto Mode has X86_64.
   *
   * @default CpuArchitecture.X86_64
   */
  readonly architecture?: ecs.CpuArchitecture;

  /**
   * Reference of a container image with the runtime for `architecture`, such as `registry.example.com/thumbnails:1`. The value
   * may be a token.
   *
   * @default - the image of this library, built from `baseImage` when the app is deployed
   */
  readonly image?: string;

  /**
   * Base image for `architecture`, with Node.js 24 and glibc.
   *
   * @default public.ecr.aws/docker/library/node:24-trixie-slim
   */
  readonly baseImage?: string;

  /**
   * Time between SIGTERM and SIGKILL when Kubernetes stops a pod, 2 to 120 seconds. Messages that the pod cannot complete in
   * this time return to the queue.
   *
   * @default - `limits.maxDuration` plus 10 seconds, at least 30 and at most 120 seconds
   */
  readonly stopTimeout?: Duration;

  /**
   * Security groups of the pods, which receive a rule for traffic from the load balancer.
   *
   * @default - the cluster security group, which EKS assigns to nodes and pods
   */
  readonly podSecurityGroups?: ec2.ISecurityGroup[];

  /**
   * Options for the Deployment that consumes the queue.
   *
   * @default - the default of each option
   */
  readonly worker?: ThumbnailEksWorkerOptions;

  /**
   * Options for the Deployment that serves the HTTP API.
   *
   * @default - the default of each option
   */
  readonly api?: ThumbnailEksApiOptions;
}
