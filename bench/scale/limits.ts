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
  /** `PUT` requests per second and partitioned prefix of S3. */
  s3Puts: { value: 3500, source: S3_PERFORMANCE },
  /** `GET` and `HEAD` requests per second and partitioned prefix of S3. */
  s3Gets: { value: 5500, source: S3_PERFORMANCE },
  /** Concurrent invocations of all functions in a Region. New accounts have a lower limit. */
  lambdaConcurrency: { value: 1000, source: `${LAMBDA}/gettingstarted-limits.html` },
  /** Execution environments that a function gains in ten seconds. */
  lambdaScaling: { value: 1000, source: `${LAMBDA}/scaling-behavior.html` },
  /** Concurrent invocations at the start of an SQS event source mapping. */
  mappingStart: { value: 5, source: `${LAMBDA}/services-sqs-scaling.html` },
  /** Concurrent invocations that an SQS event source mapping gains in a minute. */
  mappingPerMinute: { value: 300, source: `${LAMBDA}/services-sqs-scaling.html` },
  /** Maximum concurrent invocations of an SQS event source mapping. */
  mappingConcurrency: { value: 1250, source: `${LAMBDA}/services-sqs-scaling.html` },
  /** Messages in flight of a standard queue. */
  sqsInFlight: { value: 120_000, source: SQS_QUOTAS },
  /** Requests per second to all HTTP APIs in a Region. */
  apiRequests: {
    value: 10_000,
    source: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html',
  },
  /** Requests per second and distribution of CloudFront. */
  cloudFrontRequests: {
    value: 250_000,
    source: 'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html',
  },
  /** vCPUs on Fargate in a new account, each on demand and on Spot. */
  fargateVcpus: {
    value: 6,
    source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html',
  },
} as const satisfies Readonly<Record<string, Limit>>;
