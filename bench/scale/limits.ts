/** Default quota or documented limit of AWS. */
export interface Limit {
  readonly value: number;
  readonly source: string;
}

const LAMBDA = 'https://docs.aws.amazon.com/lambda/latest/dg';
const S3_PERFORMANCE = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html';
const SQS_QUOTAS = 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html';

/** Limits that apply to a pipeline, as of November 2026. */
export const LIMITS = {
  /** Maximum number of `PUT` requests per second per partitioned S3 prefix. */
  s3Puts: { value: 3500, source: S3_PERFORMANCE },
  /** Maximum number of `GET` and `HEAD` requests per second per partitioned S3 prefix. */
  s3Gets: { value: 5500, source: S3_PERFORMANCE },
  /** Maximum number of concurrent invocations of all functions in a Region. New accounts have a lower limit. */
  lambdaConcurrency: { value: 1000, source: `${LAMBDA}/gettingstarted-limits.html` },
  /** Maximum number of execution environments that Lambda adds to a function in ten seconds. */
  lambdaScaling: { value: 1000, source: `${LAMBDA}/scaling-behavior.html` },
  /** Number of concurrent invocations with which an SQS event source mapping starts. */
  mappingStart: { value: 5, source: `${LAMBDA}/services-sqs-scaling.html` },
  /** Maximum number of concurrent invocations that an SQS event source mapping adds in a minute. */
  mappingPerMinute: { value: 300, source: `${LAMBDA}/services-sqs-scaling.html` },
  /** Maximum number of concurrent invocations of an SQS event source mapping. */
  mappingConcurrency: { value: 1250, source: `${LAMBDA}/services-sqs-scaling.html` },
  /** Maximum number of messages in flight in a standard queue. */
  sqsInFlight: { value: 120_000, source: SQS_QUOTAS },
  /** Maximum number of requests per second to all HTTP APIs in a Region. */
  apiRequests: {
    value: 10_000,
    source: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html',
  },
  /** Maximum number of requests per second to a CloudFront distribution. */
  cloudFrontRequests: {
    value: 250_000,
    source: 'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html',
  },
  /** Maximum number of Fargate vCPUs in a new account. On-demand and Spot tasks have separate quotas of this size. */
  fargateVcpus: {
    value: 6,
    source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html',
  },
} as const satisfies Readonly<Record<string, Limit>>;
