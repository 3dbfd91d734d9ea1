export { catchUp, type CatchUpOptions, type CatchUpReport } from './catch-up';
export { EventError, readHints, type Hint } from './events';
export { KeyedQueue, type KeyedQueueOptions } from './keyed-queue';
export type { FailedManifest, Manifest, ManifestSource, ManifestThumbnail, ReadyManifest } from './manifest';
export { manifestSchemas } from './manifest-schema';
export type { Outcome } from './outcome';
export { mapParallel } from './parallel';
export { Pipeline, SourceChangingError, type PipelineOptions, type Render } from './pipeline';
export { joined } from './single-flight';
