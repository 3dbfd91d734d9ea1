import { estimate, sumOf, type EstimateOptions, type Range } from '../../cost';

/**
 * Monthly cost of Dynamic Image Transformation for Amazon CloudFront on Lambda, as published by AWS. The values assume 90 %
 * cache hits, images of 45 kB and 350 ms per image.
 *
 * @see https://docs.aws.amazon.com/solutions/latest/dynamic-image-transformation-for-amazon-cloudfront/lambda-architecture-costs.html
 */
export const PUBLISHED = [
  {
    views: 10e6,
    transformations: 1e6,
    api: 1,
    lambda: 0.93,
    s3: 0.4,
    cloudWatch: 1.15,
    cloudFront: 200,
    total: 203.48,
  },
  {
    views: 125e6,
    transformations: 13e6,
    api: 13,
    lambda: 12.08,
    s3: 5,
    cloudWatch: 19.17,
    cloudFront: 200,
    total: 249.25,
  },
  {
    views: 500e6,
    transformations: 50e6,
    api: 50,
    lambda: 46.46,
    s3: 20,
    cloudWatch: 75.67,
    cloudFront: 1000,
    total: 1192.13,
  },
] as const;

/**
 * Values of the template of version 7, which deploys functions with 1,024 MB of memory and a REST API. The published costs
 * correspond to functions with 128 MB of memory and an HTTP API.
 */
const DEPLOYED = { seconds: 0.35, gb: 1, gbSecond: 0.0000166667, request: 0.2e-6, restRequest: 3.5e-6 } as const;

/**
 * Fraction of the cache misses, from 0 to 1, that request a new thumbnail. All other misses read a stored thumbnail from S3.
 */
export const NEW_SHARE = 0.1;

/** Monthly costs of both products in US dollars for an equal number of views. */
export interface DitComparison {
  readonly views: number;
  /** Cost of compute and API in the published table. */
  readonly published: number;
  /** Cost of compute and API with the values of {@link DEPLOYED}. */
  readonly deployed: number;
  /** Cost of compute and API of this library. {@link NEW_SHARE} is the fraction of cache misses that create thumbnails. */
  readonly ours: Range;
  /** Cost of compute and API of this library, if all misses request thumbnails of new images. */
  readonly oursAllNew: Range;
  /** Cost of all items except CloudFront: the published value, and the value of this library. */
  readonly withoutCloudFront: { readonly published: number; readonly ours: number };
}

/** Returns the comparisons for the three published numbers of views. */
export function ditComparisons(): DitComparison[] {
  return PUBLISHED.map(({ views, transformations, api, lambda, s3, cloudWatch }) => {
    const { lines } = ours(views, NEW_SHARE);
    return {
      views,
      published: api + lambda,
      deployed:
        transformations *
        (DEPLOYED.seconds * DEPLOYED.gb * DEPLOYED.gbSecond + DEPLOYED.request + DEPLOYED.restRequest),
      ours: sumOf(lines, 'compute', 'api'),
      oursAllNew: sumOf(ours(views, 1).lines, 'compute', 'api'),
      withoutCloudFront: {
        published: api + lambda + s3 + cloudWatch,
        ours: sumOf(lines.filter(({ service }) => service !== 'CloudFront')).expected,
      },
    };
  });
}

/** Monthly cost of one service in US dollars for an equal number of views, without CloudFront. */
export interface ServiceCosts {
  readonly service: string;
  /** Published cost and cost of this library for each number of views. */
  readonly costs: readonly { readonly published: number; readonly ours: number }[];
}

/** Returns the monthly costs of each service. {@link NEW_SHARE} is the fraction of cache misses that create thumbnails. */
export function ditServices(): ServiceCosts[] {
  const services = [
    { service: 'API Gateway', published: (row: Published) => row.api },
    { service: 'Lambda', published: (row: Published) => row.lambda },
    { service: 'S3', published: (row: Published) => row.s3 },
    { service: 'CloudWatch', published: (row: Published) => row.cloudWatch },
    { service: 'SQS', published: () => 0 },
  ];
  return services.map(({ service, published }) => ({
    service,
    costs: PUBLISHED.map((row) => ({
      published: published(row),
      ours: sumOf(ours(row.views, NEW_SHARE).lines.filter((line) => line.service === service)).expected,
    })),
  }));
}

type Published = (typeof PUBLISHED)[number];

/**
 * Estimates the cost of this library with one thumbnail of 640 pixels (about 45 kB) for every image.
 *
 * @param newShare fraction of the cache misses, from 0 to 1, that request new thumbnails
 */
export function ours(
  views: number,
  newShare: number,
  options: EstimateOptions = { compute: 'lambda' },
): ReturnType<typeof estimate> {
  const cacheHitRatio = 0.9;
  const images = views * (1 - cacheHitRatio) * newShare;
  const thumbnails = [{ width: 640, height: 640, formats: [{ type: 'webp' as const }] }];
  return estimate({ images, views, cacheHitRatio, viewBytes: 45_000, thumbnails }, options);
}
