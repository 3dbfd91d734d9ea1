/**
 * Prices and cost model of a pipeline: monthly cost by compute, crossing points, storage growth and backfill.
 *
 * The module is pure and imports nothing from outside of this folder, so that scripts, commands and web pages can use it.
 */
export * from './additions';
export * from './comparisons';
export * from './computes';
export * from './estimate';
export * from './image-work';
export * from './prices';
export * from './range';
export * from './workload';
