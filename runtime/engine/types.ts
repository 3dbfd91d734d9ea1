import type { Metadata } from 'sharp';
import type { Format, Limits, ThumbnailSettings } from '../contract';
import type { Warning } from '../errors/warning-codes';
import type { MemorySemaphore } from './memory/memory-semaphore';

/** Format of a source, detected from its content. */
export type SourceFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'gif' | 'tiff' | 'heic' | 'svg';

/** Fields of sharp's metadata that the engine reads. */
export type SourceMetadata = Pick<
  Metadata,
  'width' | 'height' | 'channels' | 'depth' | 'space' | 'hasAlpha' | 'hasProfile' | 'isProgressive'
> &
  Partial<Pick<Metadata, 'orientation' | 'pages' | 'delay' | 'loop' | 'bitsPerSample' | 'chromaSubsampling' | 'icc'>>;

/** Properties of a source according to its header. */
export interface Probe {
  readonly format: SourceFormat;
  /** Width in pixels, after the orientation is applied. */
  readonly width: number;
  /** Height in pixels, after the orientation is applied. */
  readonly height: number;
  /** EXIF orientation, 1 to 8; 1 for a missing or invalid orientation. */
  readonly orientation: number;
  /** Number of frames; 1 for a still image. */
  readonly frames: number;
  readonly hasAlpha: boolean;
  /** Whether the source is a progressive JPEG. */
  readonly progressive: boolean;
}

/** Point that a crop keeps visible: fractions of the upright image, from 0 at the top left to 1 at the bottom right. */
export interface FocalPoint {
  readonly x: number;
  readonly y: number;
}

/** Options of {@link probe}. */
export interface EngineOptions {
  readonly limits: Limits;
  /** Whether SVG is accepted. An SVG can refer to other files, and can require any amount of CPU time. */
  readonly allowSvg: boolean;
  /** Whether to scan JPEG data for corruption that libjpeg does not report. @default false */
  readonly detectJpegCorruption?: boolean;
}

/** Options of {@link render}. */
export interface RenderOptions extends EngineOptions {
  readonly thumbnails: readonly ThumbnailSettings[];
  /** @default - the `position` of each thumbnail applies */
  readonly focalPoint?: FocalPoint;
  /**
   * Limits the memory of concurrent renderings. The wait for memory does not count towards the deadline. @default - no
   * limit
   */
  readonly memorySemaphore?: Pick<MemorySemaphore, 'acquire'>;
}

/** One thumbnail in one format. */
export interface RenderedThumbnail {
  readonly name: string;
  readonly format: Format;
  readonly contentType: string;
  readonly width: number;
  /** Height of one frame. */
  readonly height: number;
  readonly frames: number;
  readonly body: Buffer;
}

/** Result of {@link render}. */
export interface Rendering {
  readonly source: Probe;
  readonly warnings: readonly Warning[];
  /** Thumbnails in the order of the settings. The formats of a thumbnail are in the order of its `formats`. */
  readonly thumbnails: readonly RenderedThumbnail[];
  /** ThumbHash placeholder, base64. @see https://evanw.github.io/thumbhash/ */
  readonly thumbHash: string;
  /** Most frequent colour of the image, `#rrggbb`. */
  readonly dominantColor: string;
}
