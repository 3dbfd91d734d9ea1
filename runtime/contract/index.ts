/**
 * Definitions that the constructs in lib/ share with the runtime: names of environment variables, types of settings, defaults
 * and calculations. The modules in this folder import no modules of other folders.
 */
export * from './sizing/allocator';
export * from './analysis';
export * from './api-access';
export * from './events';
export * from './sizing/image-memory';
export * from './key-prefix-template';
export * from './link-signing';
export * from './malware-scan';
export * from './routes';
export * from './rules';
export * from './service-modes';
export * from './settings';
export * from './source-limits';
export * from './thumbnail-settings';
export * from './sizing/timeouts';
export * from './upload-defaults';
export * from './variables';
export * from './sizing/worker-sizing';
