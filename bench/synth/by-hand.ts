import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { CfnStage, HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption, EventType } from 'aws-cdk-lib/aws-s3';
import { SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { ALLOCATOR_VARIABLES, DEFAULT_LIMITS, DEFAULT_THUMBNAILS } from '../../runtime/contract';

/** Paths of the API with their methods. */
const ROUTES: readonly (readonly [path: string, methods: readonly HttpMethod[]])[] = [
  ['/thumbnails/{proxy+}', [HttpMethod.GET, HttpMethod.HEAD]],
  ['/thumbnails/{name}', [HttpMethod.GET, HttpMethod.HEAD]],
  ['/images/{proxy+}', [HttpMethod.GET, HttpMethod.HEAD]],
  ['/images', [HttpMethod.GET, HttpMethod.HEAD]],
  ['/health', [HttpMethod.GET, HttpMethod.HEAD]],
  ['/openapi.json', [HttpMethod.GET, HttpMethod.HEAD]],
];

/**
 * Defines the resources of the default pipeline with the L2 constructs of aws-cdk-lib. The asset has a fixed hash, so
 * that the CDK does not read its files.
 */
export function byHand(stack: Stack, runtime: string): void {
  const bucket = (id: string): Bucket =>
    new Bucket(stack, id, {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  const [source, thumbnails] = [bucket('Source'), bucket('Destination')];
  const deadLetters = new Queue(stack, 'DeadLetters', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  const queue = new Queue(stack, 'Queue', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    visibilityTimeout: Duration.seconds(360),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
  });
  source.addEventNotification(EventType.OBJECT_CREATED, new SqsDestination(queue));
  source.addEventNotification(EventType.OBJECT_REMOVED, new SqsDestination(queue));

  const code = Code.fromAsset(runtime, { assetHash: '0'.repeat(64) });
  const defineFunction = (id: string, handler: string): LambdaFunction =>
    new LambdaFunction(stack, id, {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler,
      code,
      memorySize: 1769,
      timeout: Duration.seconds(60),
      logGroup: new LogGroup(stack, `${id}Logs`, { retention: RetentionDays.SIX_MONTHS }),
      environment: {
        ...ALLOCATOR_VARIABLES,
        STORAGE: 's3',
        SOURCE_BUCKET: source.bucketName,
        THUMBNAIL_BUCKET: thumbnails.bucketName,
        THUMBNAILS: JSON.stringify(DEFAULT_THUMBNAILS),
        LIMITS: JSON.stringify(DEFAULT_LIMITS),
      },
    });
  const worker = defineFunction('Worker', 'upload-function.handler');
  worker.addEventSource(new SqsEventSource(queue, { batchSize: 1, reportBatchItemFailures: true }));
  const api = defineFunction('Api', 'api-function.handler');
  for (const each of [worker, api]) {
    source.grantRead(each);
    thumbnails.grantReadWrite(each);
  }

  const front = new HttpApi(stack, 'Front', { defaultAuthorizer: new HttpIamAuthorizer(), createDefaultStage: false });
  const integration = new HttpLambdaIntegration('Integration', api, { scopePermissionToRoute: false });
  for (const [path, methods] of ROUTES) {
    front.addRoutes({ path, methods: [...methods], integration });
  }
  new CfnStage(stack, 'Stage', { apiId: front.apiId, stageName: '$default', autoDeploy: true });
}
