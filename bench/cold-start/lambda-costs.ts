import type { Table } from '../report';
import { fixed } from '../statistics';

/** Memory sizes of a function in MB. */
const SIZES = [512, 1024, 1536, 1769, 2048, 3008];
/** MB for which Lambda gives one vCPU, in proportion: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const VCPU = 1769;
/** Dollars for a GB-second, us-east-1, first tier, as of June 2026: https://aws.amazon.com/lambda/pricing/ */
const PRICES = { arm64: 0.0000133334, x86_64: 0.0000166667 } as const;
/** Dollars for a request. */
const REQUEST = 0.0000002;
/** Milliseconds in which an invocation waits for S3 and not for its CPU: a photo of 3 MB, three thumbnails, the manifest, two looks. */
const WAITING = 60;
/** Share of the CPU time that a second processor could take: blocks are counted beside the decoder, small sizes encoded beside the large one. */
const PARALLEL = 0.2;

/** What a thousand images cost by the memory of the function, from the CPU time of one on one processor. */
export function lambdaCosts(cpu: number): Table {
  const rows = SIZES.map((size) => {
    const processors = size / VCPU;
    // Beyond one processor only a part gets faster, and by no more than there is.
    const working = processors <= 1 ? cpu / processors : cpu * Math.max(1 - PARALLEL, 1 / processors);
    const duration = working + WAITING;
    const cost = (price: number): string =>
      `$${fixed(1000 * ((duration / 1000) * (size / 1024) * price + REQUEST), 4)}`;
    return [size, fixed(duration), cost(PRICES.arm64), cost(PRICES.x86_64)];
  });
  return {
    title: 'A thousand photos on Lambda, the default thumbnails',
    note:
      `From ${fixed(cpu)} ms of CPU, measured on x86, for a warm photo in the middle of all by size, and ${WAITING} ms of waiting ` +
      `for S3. Lambda gives one vCPU for ${VCPU} MB, and less in proportion; of more than one the engine uses a fifth. Prices of ` +
      'us-east-1, June 2026, without the free tier; a processor of arm64 is taken to be as fast as one of x86.',
    columns: ['MB', 'ms an image', 'arm64', 'x86_64'],
    rows,
  };
}
