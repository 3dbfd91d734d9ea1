import { figure, HOUR_SECONDS, STORED_CPU_SECONDS, type ApiModel } from './compute-model';
import { apiInvocations, FUNCTION_MB } from './lambda-cost';

/**
 * Cost model of an API on a web function. AWS bills requests, active CPU time and used memory.
 *
 * `cost/prices.ts` contains no price of an active vCPU-second, because no price list with this price was available. The model
 * assumes the price of a function with one vCPU on arm64, including its memory. Waiting for S3 is not active CPU time.
 */
export const webFunctionCost: ApiModel = {
  title: 'Web function',
  ownEndpoint: true,
  api: ({ stored, created, work }, prices, bound) => {
    const seconds = stored * STORED_CPU_SECONDS + created * work.cpuSeconds[bound];
    return seconds === 0
      ? []
      : [
          {
            service: 'Lambda',
            item: 'active CPU time of the web function',
            usd: seconds * (FUNCTION_MB / 1024) * prices.usd.lambdaGbSecond,
            explanation: `${figure(seconds / HOUR_SECONDS)} vCPU-hours at the assumed price of a function with one vCPU`,
          },
          ...apiInvocations(stored + created, prices),
        ];
  },
};
