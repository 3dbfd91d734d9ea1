/** AWS list price in US dollars, without free tiers, volume discounts and taxes. */
export interface Price {
  /** US dollars per unit. The name of the price contains the unit. */
  readonly usd: number;
  /** Page or Price List file with the price. */
  readonly source: string;
  /** Month (`YYYY-MM`) in which the price was looked up. */
  readonly date: string;
}

const LAMBDA = 'https://aws.amazon.com/lambda/pricing/';
const FARGATE = 'https://aws.amazon.com/fargate/pricing/';
const VPC = 'https://aws.amazon.com/vpc/pricing/';
const LOAD_BALANCING = 'https://aws.amazon.com/elasticloadbalancing/pricing/';
const PRIVATELINK = 'https://aws.amazon.com/privatelink/pricing/';
const S3 = 'https://aws.amazon.com/s3/pricing/';
const SQS = 'https://aws.amazon.com/sqs/pricing/';
const CLOUDWATCH = 'https://aws.amazon.com/cloudwatch/pricing/';
const API_GATEWAY = 'https://aws.amazon.com/api-gateway/pricing/';
const CLOUDFRONT = 'https://aws.amazon.com/cloudfront/pricing/';
const EVENT_BRIDGE = 'https://aws.amazon.com/eventbridge/pricing/';
const XRAY = 'https://aws.amazon.com/xray/pricing/';
const REKOGNITION = 'https://aws.amazon.com/rekognition/pricing/';
const GUARD_DUTY = 'https://aws.amazon.com/guardduty/pricing/';
const KMS = 'https://aws.amazon.com/kms/pricing/';
const EC2 = 'https://aws.amazon.com/ec2/pricing/on-demand/';
const EBS = 'https://aws.amazon.com/ebs/pricing/';
const EKS = 'https://aws.amazon.com/eks/pricing/';
const STEP_FUNCTIONS = 'https://aws.amazon.com/step-functions/pricing/';
/** Returns the URL of the machine-readable price list of one service in one Region. */
const priceList = (service: string, region: string): string =>
  `https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/${service}/current/${region}/index.json`;

const november = (usd: number, source: string): Price => ({ usd, source, date: '2026-11' });

/** Prices of us-east-1. Each other Region overrides some of these prices. */
const US_EAST_1 = {
  /** Lambda on arm64, per GB-second, for the first 7.5 billion GB-seconds per month. */
  lambdaGbSecond: november(0.0000133334, LAMBDA),
  lambdaRequest: november(0.2e-6, LAMBDA),
  /** Lambda on x86_64, per GB-second. */
  lambdaX86GbSecond: november(0.0000166667, LAMBDA),
  /** Fargate on arm64, per vCPU-hour. */
  fargateVcpuHour: november(0.03238, FARGATE),
  /** Fargate on arm64, per GB-hour. */
  fargateGbHour: november(0.00356, FARGATE),
  /** Fargate on x86_64, per vCPU-hour. */
  fargateX86VcpuHour: november(0.04048, FARGATE),
  /** Fargate on x86_64, per GB-hour. */
  fargateX86GbHour: november(0.004445, FARGATE),
  /** EC2 instance with Graviton, 2 vCPUs and 8 GiB, on demand with Linux, per hour. */
  m7gLargeHour: november(0.0816, EC2),
  /** EC2 instance with Intel CPUs, 2 vCPUs and 8 GiB, on demand with Linux, per hour. */
  m7iLargeHour: november(0.1008, EC2),
  /** EBS volume of type gp3, per GB and month. */
  gp3GbMonth: november(0.08, EBS),
  /** Control plane of an EKS cluster with a Kubernetes version in standard support, per hour. */
  eksClusterHour: november(0.1, EKS),
  /** Public IPv4 address, per hour. */
  addressHour: november(0.005, VPC),
  /** Application or Network Load Balancer, per hour, without capacity units. */
  loadBalancerHour: november(0.0225, LOAD_BALANCING),
  /** Interface endpoint, per hour and Availability Zone. */
  endpointHour: november(0.01, PRIVATELINK),
  /** NAT gateway, per hour. */
  natGatewayHour: november(0.045, VPC),
  /** S3 Standard, per `PUT`, `COPY`, `POST` or `LIST` request. `DELETE` is free. */
  s3Put: november(0.005 / 1000, S3),
  /** S3 Standard, per `GET` or `HEAD` request. */
  s3Get: november(0.0004 / 1000, S3),
  /** S3 Standard, per GB stored for one month, first 50 TB. */
  s3GbMonth: november(0.023, S3),
  /** Data transfer to the internet without CloudFront, per GB. */
  transferGb: november(0.09, S3),
  /** Standard queue, per request. */
  sqsRequest: november(0.4e-6, SQS),
  /** CloudWatch Logs, per ingested GB. */
  logsGb: november(0.5, CLOUDWATCH),
  /** Custom metric, per month. */
  metricMonth: november(0.3, CLOUDWATCH),
  /** Metric of a standard alarm, per month. */
  alarmMonth: november(0.1, CLOUDWATCH),
  /** Composite alarm, per month. */
  compositeAlarmMonth: november(0.5, CLOUDWATCH),
  /** CloudWatch dashboard, per month, after the first three dashboards of an account. */
  dashboardMonth: november(3, CLOUDWATCH),
  /** Recorded trace of X-Ray. */
  trace: november(5e-6, XRAY),
  /** HTTP API, per request. */
  apiRequest: november(1e-6, API_GATEWAY),
  /** CloudFront, per HTTPS request from the United States or Europe. */
  cloudFrontRequest: november(0.01 / 10_000, CLOUDFRONT),
  /** CloudFront Functions, per invocation. */
  cloudFrontFunction: november(0.1e-6, CLOUDFRONT),
  /** CloudFront, per GB to the United States or Europe, first 10 TB. */
  cloudFrontGb: november(0.085, CLOUDFRONT),
  /** CloudFront invalidation, per path, after the first 1,000 paths of an account per month. */
  cloudFrontInvalidationPath: november(0.005, CLOUDFRONT),
  /** EventBridge custom event, per 64 KB. */
  event: november(1e-6, EVENT_BRIDGE),
  /** Rekognition, per image and operation of group 2, such as `DetectModerationLabels` and `DetectFaces`. */
  rekognitionImage: { usd: 0.001, source: REKOGNITION, date: '2026-10' },
  /** GuardDuty Malware Protection for S3, per scanned GB. */
  guardDutyScanGb: november(0.09, GUARD_DUTY),
  /** GuardDuty Malware Protection for S3, per scanned object. */
  guardDutyScanObject: november(0.215 / 1000, GUARD_DUTY),
  /** KMS, per request to a symmetric key, without the monthly price of the key. */
  kmsRequest: november(0.03 / 10_000, KMS),
  /** Step Functions Standard workflow, per state transition. */
  stateTransition: november(0.025 / 1000, STEP_FUNCTIONS),
} as const satisfies Readonly<Record<string, Price>>;

/** Name of a price. */
export type PriceName = keyof typeof US_EAST_1;

/**
 * Prices by Region. If a price is missing for a Region, {@link pricesOf} returns the price of us-east-1 and lists the name of
 * the price in `assumed`.
 */
export const PRICES = {
  'us-east-1': US_EAST_1,
  'eu-west-1': {
    fargateVcpuHour: { usd: 0.03238, source: priceList('AmazonECS', 'eu-west-1'), date: '2026-05' },
    fargateGbHour: { usd: 0.00356, source: priceList('AmazonECS', 'eu-west-1'), date: '2026-05' },
    fargateX86VcpuHour: { usd: 0.04048, source: priceList('AmazonECS', 'eu-west-1'), date: '2026-05' },
    fargateX86GbHour: { usd: 0.004445, source: priceList('AmazonECS', 'eu-west-1'), date: '2026-05' },
  },
  'eu-central-1': {
    s3Put: { usd: 0.0054 / 1000, source: priceList('AmazonS3', 'eu-central-1'), date: '2026-08' },
    s3Get: { usd: 0.0043 / 10_000, source: priceList('AmazonS3', 'eu-central-1'), date: '2026-08' },
    s3GbMonth: { usd: 0.0245, source: priceList('AmazonS3', 'eu-central-1'), date: '2026-08' },
  },
  'ap-northeast-2': {
    lambdaGbSecond: { usd: 0.0000133334, source: priceList('AWSLambda', 'ap-northeast-2'), date: '2026-10' },
    lambdaRequest: { usd: 0.2e-6, source: priceList('AWSLambda', 'ap-northeast-2'), date: '2026-10' },
    s3Put: { usd: 0.0045 / 1000, source: priceList('AmazonS3', 'ap-northeast-2'), date: '2026-10' },
    s3Get: { usd: 0.00035 / 1000, source: priceList('AmazonS3', 'ap-northeast-2'), date: '2026-10' },
    s3GbMonth: { usd: 0.025, source: priceList('AmazonS3', 'ap-northeast-2'), date: '2026-10' },
    sqsRequest: { usd: 0.4e-6, source: priceList('AWSQueueService', 'ap-northeast-2'), date: '2026-10' },
    logsGb: { usd: 0.76, source: priceList('AmazonCloudWatch', 'ap-northeast-2'), date: '2026-10' },
    alarmMonth: { usd: 0.1, source: priceList('AmazonCloudWatch', 'ap-northeast-2'), date: '2026-10' },
    apiRequest: { usd: 1.23e-6, source: priceList('AmazonApiGateway', 'ap-northeast-2'), date: '2026-10' },
    cloudFrontRequest: { usd: 0.012 / 10_000, source: CLOUDFRONT, date: '2026-10' },
    cloudFrontGb: { usd: 0.12, source: CLOUDFRONT, date: '2026-10' },
  },
} as const satisfies Readonly<Record<string, Readonly<Partial<Record<PriceName, Price>>>>>;

/** Region with prices. */
export type Region = keyof typeof PRICES;
/** All Regions with prices. */
export const REGIONS = Object.keys(PRICES) as readonly Region[];

/**
 * Assumed discount of Fargate Spot, as a fraction of the price of Fargate. AWS publishes a discount of "up to 70 %". The price
 * varies with the available capacity.
 *
 * @see https://aws.amazon.com/fargate/pricing/
 */
export const SPOT_DISCOUNT = 0.7;

/** Prices of one Region in US dollars. */
export interface RegionPrices {
  readonly usd: Readonly<Record<PriceName, number>>;
  /** Names of prices without a recorded value for the Region. These prices have the value of us-east-1. */
  readonly assumed: readonly PriceName[];
}

/** Returns the prices of a Region. */
export function pricesOf(region: Region): RegionPrices {
  const own: Readonly<Partial<Record<PriceName, Price>>> = PRICES[region];
  const names = Object.keys(US_EAST_1) as PriceName[];
  return {
    usd: Object.fromEntries(names.map((name) => [name, (own[name] ?? US_EAST_1[name]).usd])) as Record<
      PriceName,
      number
    >,
    assumed: names.filter((name) => own[name] === undefined),
  };
}
