import { pricesOf } from '../../cost';
import type { Table } from '../report';
import { fixed } from '../statistics';

/** Memory sizes of the function in MB. */
const SIZES = [512, 1024, 1536, 1769, 2048, 3008];
/**
 * Memory in MB for which Lambda allocates one vCPU. CPU is proportional to memory:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
const VCPU = 1769;
const { lambdaGbSecond, lambdaX86GbSecond, lambdaRequest } = pricesOf('us-east-1').usd;
const PRICES = { arm64: lambdaGbSecond, x86_64: lambdaX86GbSecond } as const;
/**
 * Time in ms that an invocation waits for S3. The invocation reads a photo of 3 MB, stores three thumbnails and the
 * manifest, and sends two HEAD requests.
 */
const WAITING = 60;
/**
 * Fraction of the CPU time, from 0 to 1, that can run on a second processor, because the engine encodes small
 * thumbnails in parallel with the large thumbnail.
 */
const PARALLEL = 0.2;

/**
 * Returns a table with the cost of a thousand images in US dollars for each memory size.
 *
 * @param cpu CPU time of one image in ms
 */
export function lambdaCosts(cpu: number): Table {
  const rows = SIZES.map((size) => {
    const processors = size / VCPU;
    // A second processor shortens only the parallel part of the work.
    const working = processors <= 1 ? cpu / processors : cpu * Math.max(1 - PARALLEL, 1 / processors);
    const duration = working + WAITING;
    const cost = (price: number): string =>
      `$${fixed(1000 * ((duration / 1000) * (size / 1024) * price + lambdaRequest), 4)}`;
    return [size, fixed(duration), cost(PRICES.arm64), cost(PRICES.x86_64)];
  });
  return {
    title: 'A thousand photos on Lambda, the default thumbnails',
    note:
      `A warm photo of median size requires ${fixed(cpu)} ms of CPU, measured on x86, and ${WAITING} ms of waiting for S3. ` +
      `Lambda allocates CPU in proportion to memory: ${VCPU} MB correspond to one vCPU. Only a fifth of the work can use a ` +
      'second vCPU. Prices of us-east-1, November 2026, without the free tier. arm64 is assumed to be as fast as x86_64.',
    columns: ['MB', 'ms an image', 'arm64', 'x86_64'],
    rows,
  };
}
