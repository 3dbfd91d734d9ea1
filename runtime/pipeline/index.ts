export { catchUp, type CatchUpOptions, type CatchUpReport } from './reconcile-all';
export { EventError, readHints, type Hint } from './events';
export { KeyedQueue, type KeyedQueueOptions } from './concurrency/keyed-queue';
export type {
  FailedManifest,
  Manifest,
  ManifestSource,
  ManifestThumbnail,
  ReadyManifest,
} from './thumbnail-set/manifest';
export { manifestSchemas } from './thumbnail-set/manifest-schema';
export type { Outcome } from './outcome';
export { mapParallel } from './concurrency/parallel';
export { Pipeline, SourceChangingError, type PipelineOptions, type Render } from './pipeline';
export { joined } from './concurrency/single-flight';
