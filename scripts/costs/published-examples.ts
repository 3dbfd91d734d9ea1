// Compares published prices of image services with the cost of this library, for the work in dit-comparison.ts.
import { sumOf, type EstimateOptions } from '../../cost';
import { NEW_SHARE, ours } from './dit-comparison';

/**
 * Monthly cost of Dynamic Image Transformation for Amazon CloudFront on ECS, as published by AWS. Each entry contains the
 * number of tasks, vCPUs and GB of the deployment size small, medium or large.
 *
 * @see https://docs.aws.amazon.com/solutions/latest/dynamic-image-transformation-for-amazon-cloudfront/ecs-architecture-costs.html
 */
export const PUBLISHED_ECS = [
  { views: 10e6, tasks: 2, vcpus: 1, gb: 2, cloudFront: 200, ecs: 72.08, alb: 16.79, cloudWatch: 1.15, total: 290.02 },
  {
    views: 125e6,
    tasks: 3,
    vcpus: 2,
    gb: 4,
    cloudFront: 200,
    ecs: 216.24,
    alb: 22.27,
    cloudWatch: 19.17,
    total: 457.68,
  },
  {
    views: 500e6,
    tasks: 8,
    vcpus: 2,
    gb: 4,
    cloudFront: 1000,
    ecs: 576.64,
    alb: 34.3,
    cloudWatch: 75.67,
    total: 1686.61,
  },
] as const;

/** Monthly costs of compute and API in US dollars for an equal number of views. */
export interface EcsComparison {
  readonly views: number;
  /** Published cost of the tasks and the load balancer. */
  readonly published: number;
  /** Cost of this library on Lambda. */
  readonly lambda: number;
  /** Cost of this library on Lambda, if all cache misses request thumbnails of new images. */
  readonly lambdaAllNew: number;
  /** Cost of this library with workers on Fargate and the API on Lambda. */
  readonly fargateWorkers: number;
  /** Cost of this library with workers and API on Fargate. */
  readonly fargate: number;
}

/** Returns the comparisons with Dynamic Image Transformation on ECS. */
export function ecsComparisons(): EcsComparison[] {
  return PUBLISHED_ECS.map(({ views, ecs, alb }) => {
    const cost = (newShare: number, options?: EstimateOptions): number =>
      sumOf(ours(views, newShare, options).lines, 'compute', 'api').expected;
    return {
      views,
      published: ecs + alb,
      lambda: cost(NEW_SHARE),
      lambdaAllNew: cost(1),
      fargateWorkers: cost(NEW_SHARE, { compute: 'fargate-spot', api: 'lambda' }),
      fargate: cost(NEW_SHARE, { compute: 'fargate-spot' }),
    };
  });
}

/**
 * Lowest published prices of Vercel Image Optimization in US dollars after the included usage: the price of one transformation
 * and the price of one unit of cache writes.
 *
 * @see https://vercel.com/docs/pricing/image-optimization
 */
export const VERCEL = { transformation: 0.05 / 1000, cacheWrite: 4 / 1e6 } as const;

/** Monthly costs of creating thumbnails, in US dollars. */
export interface VercelComparison {
  readonly transformations: number;
  /** Published cost of the transformations, with one cache write for each transformation. */
  readonly published: number;
  /** Cost of compute and API of this library for an equal number of thumbnails. */
  readonly compute: number;
  /** Cost of compute, API, S3, SQS and CloudWatch of this library, without CloudFront. */
  readonly withoutCloudFront: number;
}

/** Returns the comparisons with Vercel Image Optimization. {@link PUBLISHED_ECS} contains the numbers of views. */
export function vercelComparisons(): VercelComparison[] {
  return PUBLISHED_ECS.map(({ views }) => {
    const { lines, workload } = ours(views, NEW_SHARE);
    return {
      transformations: workload.images,
      published: workload.images * (VERCEL.transformation + VERCEL.cacheWrite),
      compute: sumOf(lines, 'compute', 'api').expected,
      withoutCloudFront: sumOf(lines.filter(({ service }) => service !== 'CloudFront')).expected,
    };
  });
}
