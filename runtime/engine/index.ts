export { MemorySemaphore, type MemoryRequest, type ReleaseMemory } from './memory/memory-semaphore';
export { contentTypeOf, extensionOf } from './formats';
export { ImageRejection, REJECTION_CODES, type RejectionCode } from './rejection';
export { probe, render } from './render';
export { sampleFrames, type SampledFrame, type SampledFrames, type SampleOptions } from './sample-frames';
export { sniff } from './probe/sniff';
export type {
  EngineOptions,
  FocalPoint,
  Probe,
  RenderedThumbnail,
  Rendering,
  RenderOptions,
  SourceFormat,
} from './types';
