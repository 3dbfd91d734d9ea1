export { CapacityError, isBeyondCapacity, type Capacity } from './capacity';
export { reconcileAll, type ReconcileAllOptions, type ReconcileAllReport } from './reconcile-all';
export {
  announcementMessage,
  changeMessage,
  EventError,
  postponedMessage,
  readChangedObjects,
  type ChangedObject,
} from './events';
export { KeyedQueue, type KeyedQueueOptions } from './concurrency/keyed-queue';
export {
  manifestSchemas,
  type Manifest,
  type ManifestAnalysis,
  type ManifestSource,
  type ManifestThumbnail,
  type ReadyManifest,
  type RejectedManifest,
} from './thumbnail-set/manifest';
export type { Outcome, Reconcile, ReconcileOptions } from './reconcile';
export { mapParallel } from './concurrency/parallel';
export { Pipeline, SourceChangingError, type PipelineOptions, type PipelineReader } from './pipeline';
export type { Render } from './process-source';
export type { StoredManifest } from './thumbnail-set/thumbnail-sets';
export { singleFlight } from './concurrency/single-flight';
export { sharedReads } from './shared-reads';
export { inspectKey, type KeyInspection, type SetState } from './inspect-key';
export { isSetFile, thumbnailSetFolder } from './thumbnail-set/thumbnail-keys';
export { jsonSchemaOf } from './json-schema';
