/**
 * Prices and cost model of a pipeline: monthly cost by compute type, crossing points, storage growth and backfill.
 *
 * The module has no side effects and imports only modules of this folder. Therefore, scripts, commands and web pages can import
 * the module.
 */
export * from './additions';
export * from './comparisons';
export * from './computes';
export * from './estimate';
export * from './image-additions';
export * from './image-work';
export * from './prices';
export * from './range';
export * from './workload';
