export { reconcileAll, type ReconcileAllOptions, type ReconcileAllReport } from './reconcile-all';
export { EventError, readChangedObjects, type ChangedObject } from './events';
export { KeyedQueue, type KeyedQueueOptions } from './concurrency/keyed-queue';
export type {
  RejectedManifest,
  Manifest,
  ManifestSource,
  ManifestThumbnail,
  ReadyManifest,
} from './thumbnail-set/manifest';
export { manifestSchemas } from './thumbnail-set/manifest-schema';
export type { Outcome, Reconcile, ReconcileOptions } from './reconcile';
export { mapParallel } from './concurrency/parallel';
export { Pipeline, SourceChangingError, type PipelineOptions, type PipelineReader, type Render } from './pipeline';
export { singleFlight } from './concurrency/single-flight';
