import type { ImageWork } from '../image-work';
import type { RegionPrices } from '../prices';
import type { Bound } from '../range';
import { count, figure, HOUR_SECONDS, MONTH_HOURS, type ComputeModel, type Item } from './compute-model';

/** Memory of the functions in MB: the default of `memorySize`. Lambda allocates one vCPU to a function with this memory. */
export const FUNCTION_MB = 1769;
/** Duration in seconds of an API invocation that reads a stored thumbnail from S3. This value is an assumption. */
const STORED_RESPONSE_SECONDS = 0.035;
/**
 * Number of receive requests per month while the queue is empty. The event source mapping has five pollers with a wait time of
 * 20 seconds.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
export const EMPTY_RECEIVES = (5 * MONTH_HOURS * HOUR_SECONDS) / 20;

/** Returns the duration of a function invocation with one vCPU for one image, in seconds. */
export function functionSeconds(work: ImageWork, bound: Bound): number {
  return work.cpuSeconds[bound] + work.waitSeconds;
}

/** Returns the cost of the invocations and the polling of the upload function. */
export function uploadInvocations(images: number, { usd }: RegionPrices): Item[] {
  return [
    {
      service: 'Lambda',
      item: 'requests',
      usd: images * usd.lambdaRequest,
      explanation: `${count(images)} invocations`,
    },
    {
      service: 'SQS',
      item: 'polling of the empty queue',
      usd: EMPTY_RECEIVES * usd.sqsRequest,
      explanation: `at most ${count(EMPTY_RECEIVES)} empty receives by 5 pollers`,
    },
  ];
}

/** Returns the cost of the requests to an API function; no cost without requests. */
export function apiInvocations(requests: number, { usd }: RegionPrices): Item[] {
  return requests === 0
    ? []
    : [
        {
          service: 'Lambda',
          item: 'API requests',
          usd: requests * usd.lambdaRequest,
          explanation: `${count(requests)} invocations`,
        },
      ];
}

/** Cost model of Lambda functions on default capacity. */
export const lambdaCost: ComputeModel = {
  title: 'Lambda',
  worker: ({ images, work }, prices, bound) => {
    const seconds = functionSeconds(work, bound);
    const explanation = `${count(images)} × ${figure(seconds)} s`;
    return [
      functionTime('upload function', images * seconds, prices.usd.lambdaGbSecond, explanation),
      ...uploadInvocations(images, prices),
    ];
  },
  api: ({ stored, created, work }, prices, bound) => {
    const seconds = stored * STORED_RESPONSE_SECONDS + created * functionSeconds(work, bound);
    const requests = stored + created;
    return requests === 0
      ? []
      : [
          functionTime('API function', seconds, prices.usd.lambdaGbSecond, `${count(requests)} requests`),
          ...apiInvocations(requests, prices),
        ];
  },
};

function functionTime(item: string, seconds: number, gbSecond: number, how: string): Item {
  return {
    service: 'Lambda',
    item,
    usd: seconds * (FUNCTION_MB / 1024) * gbSecond,
    explanation: `${how} with ${count(FUNCTION_MB)} MB`,
  };
}
