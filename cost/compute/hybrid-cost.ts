import type { ImageWork } from '../image-work';
import type { ComputeModel, Item } from './compute-model';
import { fargateCost } from './fargate-cost';
import { lambdaCost } from './lambda-cost';

/** Fraction of the images, from 0 to 1, that the large worker processes. The value is an assumption. */
const LARGE_SHARE = 0.01;
/** Ratio of the CPU time of a large image to the CPU time of any other image. This value is an assumption. */
const LARGE_WORK = 10;
/** Tasks with enough memory for the largest accepted images: 4 vCPUs and 30 GB, as in docs/reference/compute.md. */
const large = fargateCost('large worker', true, { vcpus: 4, gb: 30 });

/** Cost model of the compute type `hybrid`. Lambda processes most images, and Fargate Spot processes large images. */
export const hybridCost: ComputeModel = {
  title: 'Hybrid',
  worker: (load, prices, bound) => {
    const forwarded = load.images * LARGE_SHARE;
    const work = { ...load.work, cpuSeconds: multiplied(load.work.cpuSeconds) };
    return [
      ...lambdaCost.worker({ ...load, images: load.images - forwarded }, prices, bound),
      ...large.worker({ ...load, images: forwarded, work }, prices, bound).map(ofLargeWorker),
    ];
  },
  api: (load, prices, bound) => lambdaCost.api(load, prices, bound),
};

function multiplied({ low, expected, high }: ImageWork['cpuSeconds']): ImageWork['cpuSeconds'] {
  return { low: LARGE_WORK * low, expected: LARGE_WORK * expected, high: LARGE_WORK * high };
}

function ofLargeWorker(item: Item): Item {
  return { ...item, item: `large worker: ${item.item}` };
}
