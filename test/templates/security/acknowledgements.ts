// Findings of cdk-nag in a pipeline, with reasons. docs/explanation/security.md contains this list.

/** Findings that share one reason. */
export interface Acknowledgement {
  /** Rule names without the names of their packs. Packs have different rule names for one check. */
  readonly rules: readonly string[];
  /** Construct paths of the resources, relative to the stack; `*` matches one id. */
  readonly on: readonly string[];
  /**
   * Stacks in which the rule has a finding: a pipeline without props, the strict stacks of docs/explanation/security.md, or
   * both.
   */
  readonly when: 'default' | 'strict' | 'both';
  readonly reason: string;
}

const FUNCTIONS = ['Photos/UploadFunction/Resource', 'Photos/ApiFunction/Resource'];
const FUNCTION_POLICIES = [
  'Photos/UploadFunctionRole/DefaultPolicy/Resource',
  'Photos/ApiFunctionRole/DefaultPolicy/Resource',
];
const WEB_FUNCTION_POLICIES = [
  'Photos/ApiWebFunctionRole/DefaultPolicy/Resource',
  'Photos/ApiWriteWebFunctionRole/DefaultPolicy/Resource',
];
/** Id of the function that copies the code of web functions. The CDK creates one such function for each code bucket. */
const CODE_COPY = 'Custom::S3ObjectCopye2f8cf6b1b0f4b3f9a2c6f1f5b6d4a71dest438c09a9673f2abad1d402b3095f4312';
const TASK_POLICIES = [
  'Photos/*/TaskRole/DefaultPolicy/Resource',
  'Photos/Large/*/TaskRole/DefaultPolicy/Resource',
  'Photos/WorkerPods/Role/DefaultPolicy/Resource',
  'Photos/ApiPods/Role/DefaultPolicy/Resource',
];
const EXECUTION_POLICIES = [
  'Photos/*/TaskDefinition/ExecutionRole/DefaultPolicy/Resource',
  'Photos/Large/*/TaskDefinition/ExecutionRole/DefaultPolicy/Resource',
];
const BUCKETS = ['Photos/SourceBucket/Resource', 'Photos/ThumbnailBucket/Resource'];
const LOAD_BALANCER = ['Photos/ApiService/LoadBalancer/Resource', 'Photos/ApiPods/LoadBalancer/Resource'];
const LISTENER = ['Photos/ApiService/LoadBalancer/Listener/Resource', 'Photos/ApiPods/LoadBalancer/Listener/Resource'];

export const ACKNOWLEDGEMENTS: readonly Acknowledgement[] = [
  {
    rules: ['IAM5[Resource::<PhotosSourceBucket.Arn>/*]', 'IAM5[Resource::<PhotosThumbnailBucket.Arn>/*]'],
    on: [...FUNCTION_POLICIES, ...WEB_FUNCTION_POLICIES, ...TASK_POLICIES],
    when: 'both',
    reason: 'keys of future objects are unknown; the prefix is the narrowest resource that includes these keys',
  },
  {
    rules: ['IAM5[Resource::*]'],
    on: EXECUTION_POLICIES,
    when: 'both',
    reason: '`ecr:GetAuthorizationToken` does not support resource-level permissions',
  },
  {
    rules: ['IAM5[Resource::*]'],
    on: FUNCTION_POLICIES,
    when: 'strict',
    reason:
      'actions for the VPC and X-Ray do not support resource-level permissions; a second statement denies the actions for the VPC to the code',
  },
  {
    rules: ['IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]'],
    on: ['BucketNotificationsHandler050a0587b7544547bf325f094a3db834/Role/Resource'],
    when: 'both',
    reason: 'the CDK creates this function to configure notifications during a deployment',
  },
  {
    rules: ['IAMNoInlinePolicy'],
    on: [
      'Photos/SourceBucket/Notifications/HandlerPolicy/Resource',
      ...FUNCTION_POLICIES,
      ...WEB_FUNCTION_POLICIES,
      ...TASK_POLICIES,
      ...EXECUTION_POLICIES,
      'Photos/*/KeepQueueActiveRole/DefaultPolicy/Resource',
      'Photos/WorkerPods/KedaPolicy/Resource',
      'Photos/Large/*/KeepQueueActiveRole/DefaultPolicy/Resource',
    ],
    when: 'both',
    reason: 'each policy belongs to one role; CloudFormation deletes the policy together with the role',
  },
  {
    rules: ['SQSRedrivePolicy'],
    on: ['Photos/DeadLetterQueue/Resource', 'Photos/Large/DeadLetterQueue/Resource'],
    when: 'both',
    reason: 'this queue is the dead-letter queue',
  },
  {
    rules: ['LambdaDLQ'],
    on: FUNCTIONS,
    when: 'both',
    reason:
      'nothing invokes the functions asynchronously. SQS moves failed messages to the dead-letter queue; clients receive an error for failed requests',
  },
  {
    rules: ['LambdaEventSourceMappingDestination'],
    on: ['Photos/UploadFunction/Queue/Resource'],
    when: 'both',
    reason: 'destinations are for streams; SQS moves failed messages to the dead-letter queue',
  },
  {
    rules: ['S3BucketReplicationEnabled'],
    on: [...BUCKETS, 'AccessLogs/Resource'],
    when: 'both',
    reason: 'the pipeline can create thumbnails again; to replicate sources, pass a bucket with `sourceBucket`',
  },
  {
    rules: ['S3DefaultEncryptionKMS'],
    on: ['AccessLogs/Resource'],
    when: 'strict',
    reason: 'load balancers do not support log buckets with SSE-KMS',
  },
  {
    rules: ['ECS2'],
    on: ['Photos/*/TaskDefinition/Resource', 'Photos/Large/*/TaskDefinition/Resource'],
    when: 'both',
    reason: 'variables contain settings and resource names; the variable of a secret contains only its ARN',
  },
  {
    rules: ['ALBHttpToHttpsRedirection', 'ELBv2ACMCertificateRequired'],
    on: LISTENER,
    when: 'both',
    reason: 'the load balancer is internal; its only client is the VPC link of the HTTP API. The HTTP API requires TLS',
  },
  {
    rules: ['S1', 'S3BucketLoggingEnabled'],
    on: BUCKETS,
    when: 'default',
    reason: 'access logs require another bucket; to enable access logs, set `serverAccessLogsBucket`',
  },
  {
    rules: ['S3BucketVersioningEnabled'],
    on: BUCKETS,
    when: 'default',
    reason: 'versions increase storage costs; to enable versions, set `versioned`',
  },
  {
    rules: ['S3DefaultEncryptionKMS'],
    on: BUCKETS,
    when: 'default',
    reason:
      'SSE-S3 is the default; a customer managed key costs one dollar a month; to use such a key, set `encryptionKey`',
  },
  {
    rules: ['CloudWatchLogGroupEncrypted'],
    on: ['Photos/LogGroup/Resource', 'Photos/Api/AccessLogGroup/Resource'],
    when: 'default',
    reason: 'CloudWatch encrypts logs by default; to use your own key, pass `logGroup` and `api.accessLogGroup`',
  },
  {
    rules: ['LambdaConcurrency'],
    on: FUNCTIONS,
    when: 'default',
    reason:
      'reserved concurrency reduces the quota of other functions; to reserve concurrency, set `reservedConcurrentExecutions` and `apiReservedConcurrentExecutions`',
  },
  {
    rules: ['LambdaInsideVPC'],
    on: FUNCTIONS,
    when: 'default',
    reason: 'IAM controls access to the resources; to restrict outbound traffic, set `vpc`',
  },
  {
    rules: ['LambdaTracing'],
    on: FUNCTIONS,
    when: 'default',
    reason: 'traces incur costs; to enable traces, set `tracing`',
  },
  {
    rules: ['VPC7', 'VPCFlowLogsEnabled'],
    on: ['Photos/Vpc/Resource', 'Photos/Large/Vpc/Resource'],
    when: 'default',
    reason: 'flow logs incur costs; to enable flow logs, call `vpc.addFlowLog`',
  },
  {
    rules: ['VPCNoUnrestrictedRouteToIGW'],
    on: ['Photos/Vpc/*/DefaultRoute', 'Photos/Large/Vpc/*/DefaultRoute'],
    when: 'default',
    reason:
      'tasks require outbound access, and security groups block inbound traffic; to remove the route, use `FargateNetwork.isolatedSubnets()`',
  },
  {
    rules: ['ECS4'],
    on: ['Photos/Cluster/Resource', 'Photos/Large/Cluster/Resource'],
    when: 'default',
    reason: 'Container Insights incurs costs; to enable Container Insights, pass your own `cluster`',
  },
  {
    rules: ['ELB2', 'ELBLoggingEnabled'],
    on: LOAD_BALANCER,
    when: 'default',
    reason:
      'the HTTP API logs every request; to enable load balancer logs, use `apiService.loadBalancer`, or the construct `ApiPods/LoadBalancer` on EKS',
  },
  {
    rules: ['ELBDeletionProtectionEnabled'],
    on: LOAD_BALANCER,
    when: 'default',
    reason:
      'the load balancer is stateless, and protection blocks the deletion of the stack; to enable protection, use `apiService.loadBalancer`, or the construct `ApiPods/LoadBalancer` on EKS',
  },
  {
    rules: ['ALBWAFEnabled'],
    on: LOAD_BALANCER,
    when: 'default',
    reason:
      'a web ACL has a monthly price, and the API has fixed routes with throttling; to associate a web ACL, use `apiService.loadBalancer`, or the construct `ApiPods/LoadBalancer` on EKS',
  },
  {
    rules: ['S1', 'S3BucketLoggingEnabled', 'S3BucketReplicationEnabled', 'S3DefaultEncryptionKMS'],
    on: ['AWSCDKWebFunctionAssetBucket/Resource'],
    when: 'default',
    reason: 'the CDK creates this bucket for the code of web functions; to use your own bucket, set `codeBucket`',
  },
  {
    rules: [
      'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      'IAM5[Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*]',
      'IAM5[Action::s3:Abort*]',
      'IAM5[Action::s3:DeleteObject*]',
      'IAM5[Resource::<AWSCDKWebFunctionAssetBucket.Arn>/web-function/*]',
      'IAMNoInlinePolicy',
      'LambdaDLQ',
      'LambdaTracing',
      'LambdaDefaultMemorySize',
      'LambdaConcurrency',
      'LambdaInsideVPC',
      'CloudWatchLogGroupEncrypted',
    ],
    on: [
      `${CODE_COPY}/Resource`,
      `${CODE_COPY}/ServiceRole/Resource`,
      `${CODE_COPY}/ServiceRole/DefaultPolicy/Resource`,
      `${CODE_COPY.replace('Custom::S3ObjectCopy', 'S3ObjectCopyLogGroup')}/Resource`,
    ],
    when: 'default',
    reason: 'the CDK creates this function to copy the code of web functions during a deployment',
  },
  {
    rules: [
      'VPC7',
      'VPCFlowLogsEnabled',
      'VPCSubnetAutoAssignPublicIpDisabled',
      'VPCNoUnrestrictedRouteToIGW',
      'ECS4',
      'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonECSInfrastructureRolePolicyForManagedInstances]',
      'IAM5[Resource::*]',
      'IAM5[Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:container-instance/*]',
      'IAMNoInlinePolicy',
    ],
    on: [
      'Vpc/Resource',
      'Vpc/*/Subnet',
      'Vpc/*/DefaultRoute',
      'Cluster/Resource',
      'Instances/InstancesRole/Resource',
      'Instances/InstanceRole/Resource',
    ],
    when: 'default',
    reason: 'with `ThumbnailCompute.ecs()`, your app creates the VPC, the cluster and the instances',
  },
  {
    rules: ['IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AWSLambdaManagedEC2ResourceOperator]'],
    on: ['Instances/OperatorRole/Resource'],
    when: 'default',
    reason: 'with `capacityProvider`, your app creates the capacity provider with its VPC and its role',
  },
];
