// What cdk-nag's packs find in a pipeline, and why it is as it is. docs/security.md prints this list.

/** Findings that have one explanation. */
export interface Acknowledgement {
  /** Rules without their packs. A pack has its own name for what another asks too. */
  readonly rules: readonly string[];
  /** Paths of the resources, below the stack; `*` is one id. */
  readonly on: readonly string[];
  /** Found in a pipeline without props, in the strict one of docs/security.md, or in both. */
  readonly when: 'default' | 'strict' | 'both';
  readonly reason: string;
}

const FUNCTIONS = ['Photos/UploadFunction/Resource', 'Photos/ApiFunction/Resource'];
const FUNCTION_POLICIES = [
  'Photos/UploadFunctionRole/DefaultPolicy/Resource',
  'Photos/ApiFunctionRole/DefaultPolicy/Resource',
];
const TASK_POLICIES = ['Photos/*/TaskRole/DefaultPolicy/Resource'];
const EXECUTION_POLICIES = ['Photos/*/TaskDefinition/ExecutionRole/DefaultPolicy/Resource'];
const BUCKETS = ['Photos/SourceBucket/Resource', 'Photos/ThumbnailBucket/Resource'];
const LOAD_BALANCER = ['Photos/ApiService/LoadBalancer/Resource'];
const LISTENER = ['Photos/ApiService/LoadBalancer/Listener/Resource'];

export const ACKNOWLEDGEMENTS: readonly Acknowledgement[] = [
  {
    rules: ['IAM5[Resource::<PhotosSourceBucket.Arn>/*]', 'IAM5[Resource::<PhotosThumbnailBucket.Arn>/*]'],
    on: [...FUNCTION_POLICIES, ...TASK_POLICIES],
    when: 'both',
    reason: 'objects that are not there yet have no list: the prefix is the narrowest that names them',
  },
  {
    rules: ['IAM5[Resource::*]'],
    on: EXECUTION_POLICIES,
    when: 'both',
    reason: 'ecr:GetAuthorizationToken signs in to a registry and has no resource',
  },
  {
    rules: ['IAM5[Resource::*]'],
    on: FUNCTION_POLICIES,
    when: 'strict',
    reason: 'a VPC and X-Ray: their actions have no resources, and those of the VPC are denied to the code itself',
  },
  {
    rules: ['IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]'],
    on: ['BucketNotificationsHandler050a0587b7544547bf325f094a3db834/Role/Resource'],
    when: 'both',
    reason: 'of the CDK’s function that sets notifications, which runs while a stack is deployed',
  },
  {
    rules: ['IAMNoInlinePolicy'],
    on: [
      'Photos/SourceBucket/Notifications/HandlerPolicy/Resource',
      ...FUNCTION_POLICIES,
      ...TASK_POLICIES,
      ...EXECUTION_POLICIES,
      'Photos/*/KeepQueueActiveRole/DefaultPolicy/Resource',
    ],
    when: 'both',
    reason: 'each policy is of one role and goes with it: nobody else can be given it by mistake',
  },
  {
    rules: ['SQSRedrivePolicy'],
    on: ['Photos/DeadLetterQueue/Resource'],
    when: 'both',
    reason: 'it is the dead-letter queue itself',
  },
  {
    rules: ['LambdaDLQ'],
    on: FUNCTIONS,
    when: 'both',
    reason: 'nobody invokes it asynchronously: what fails is in the queue, which has a dead-letter queue, or answered',
  },
  {
    rules: ['LambdaEventSourceMappingDestination'],
    on: ['Photos/UploadFunction/Queue/Resource'],
    when: 'both',
    reason: 'destinations are for streams; of an SQS queue the dead-letter queue takes what fails',
  },
  {
    rules: ['S3BucketReplicationEnabled'],
    on: [...BUCKETS, 'AccessLogs/Resource'],
    when: 'both',
    reason: 'thumbnails can be made again; whoever wants images in two regions passes a bucket of their own',
  },
  {
    rules: ['S3DefaultEncryptionKMS'],
    on: ['AccessLogs/Resource'],
    when: 'strict',
    reason: 'load balancers write their logs to no bucket with a key of KMS',
  },
  {
    rules: ['ECS2'],
    on: ['Photos/*/TaskDefinition/Resource'],
    when: 'both',
    reason: 'they are settings, and names of resources; a secret is named by its ARN and read by the program',
  },
  {
    rules: ['ALBHttpToHttpsRedirection', 'ELBv2ACMCertificateRequired'],
    on: LISTENER,
    when: 'both',
    reason: 'internal: only the VPC link reaches it, from the HTTP API, which takes TLS only',
  },
  {
    rules: ['S1', 'S3BucketLoggingEnabled'],
    on: BUCKETS,
    when: 'default',
    reason: 'access logs cost storage and need a bucket: serverAccessLogsBucket',
  },
  {
    rules: ['S3BucketVersioningEnabled'],
    on: BUCKETS,
    when: 'default',
    reason: 'versions cost storage: versioned',
  },
  {
    rules: ['S3DefaultEncryptionKMS'],
    on: BUCKETS,
    when: 'default',
    reason: 'encrypted by S3; a key of one’s own costs a dollar a month: encryptionKey',
  },
  {
    rules: ['CloudWatchLogGroupEncrypted'],
    on: ['Photos/LogGroup/Resource', 'Photos/Api/AccessLogGroup/Resource'],
    when: 'default',
    reason: 'encrypted by CloudWatch; groups with a key are passed in: logGroup, api.accessLogGroup',
  },
  {
    rules: ['LambdaConcurrency'],
    on: FUNCTIONS,
    when: 'default',
    reason: 'set aside for one function it is taken from all others: reservedConcurrentExecutions and that of the API',
  },
  {
    rules: ['LambdaInsideVPC'],
    on: FUNCTIONS,
    when: 'default',
    reason: 'what it reaches is reached by IAM; a VPC closes the other ways out: vpc',
  },
  {
    rules: ['LambdaTracing'],
    on: FUNCTIONS,
    when: 'default',
    reason: 'traces are paid for: tracing',
  },
  {
    rules: ['VPC7', 'VPCFlowLogsEnabled'],
    on: ['Photos/Vpc/Resource'],
    when: 'default',
    reason: 'flow logs are paid for: a VPC of one’s own has them, or vpc.addFlowLog',
  },
  {
    rules: ['VPCNoUnrestrictedRouteToIGW'],
    on: ['Photos/Vpc/*/DefaultRoute'],
    when: 'default',
    reason: 'the way out of tasks, into which nobody comes: FargateNetwork.isolatedSubnets() has none',
  },
  {
    rules: ['ECS4'],
    on: ['Photos/Cluster/Resource'],
    when: 'default',
    reason: 'Container Insights is paid for: a cluster of one’s own has it',
  },
  {
    rules: ['ELB2', 'ELBLoggingEnabled'],
    on: LOAD_BALANCER,
    when: 'default',
    reason: 'the HTTP API in front logs every request: apiService.loadBalancer for more',
  },
  {
    rules: ['ELBDeletionProtectionEnabled'],
    on: LOAD_BALANCER,
    when: 'default',
    reason: 'it holds nothing, and a stack that cannot be deleted is left over: apiService.loadBalancer for more',
  },
  {
    rules: ['ALBWAFEnabled'],
    on: LOAD_BALANCER,
    when: 'default',
    reason: 'a web ACL costs by the month; the routes are few, fixed and throttled: apiService.loadBalancer for one',
  },
];
