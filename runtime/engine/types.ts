import type { Metadata } from 'sharp';
import type { Format, Limits, ThumbnailSettings } from '../contract';
import type { Warning } from '../errors/warning-codes';
import type { MemorySemaphore } from './memory/memory-semaphore';

/** Format of a source. The engine detects the format from the content of the file. */
export type SourceFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'gif' | 'tiff' | 'heic' | 'svg';

/** Fields of sharp's metadata that the engine reads. */
export type SourceMetadata = Pick<
  Metadata,
  'width' | 'height' | 'channels' | 'depth' | 'space' | 'hasAlpha' | 'hasProfile' | 'isProgressive'
> &
  Partial<Pick<Metadata, 'orientation' | 'pages' | 'delay' | 'loop' | 'bitsPerSample' | 'chromaSubsampling' | 'icc'>>;

/** Properties of a source that its header contains. */
export interface Probe {
  readonly format: SourceFormat;
  /** Width in pixels after the EXIF orientation is applied. */
  readonly width: number;
  /** Height in pixels after the EXIF orientation is applied. */
  readonly height: number;
  /** EXIF orientation from 1 to 8. A missing or invalid orientation has the value 1. */
  readonly orientation: number;
  /** Number of frames. A still image has one frame. */
  readonly frames: number;
  readonly hasAlpha: boolean;
  /** Whether the source is a progressive JPEG. */
  readonly progressive: boolean;
}

/** Point that a crop keeps visible. Each coordinate is a fraction of the upright image, from 0 (top, left) to 1. */
export interface FocalPoint {
  readonly x: number;
  readonly y: number;
}

/** Options of {@link probe}. */
export interface EngineOptions {
  readonly limits: Limits;
  /** Whether the engine accepts SVG. SVG is a risk, because a file can refer to other files and require unlimited CPU time. */
  readonly allowSvg: boolean;
  /** Whether the engine scans JPEG data for corruption that libjpeg does not report. @default false */
  readonly detectJpegCorruption?: boolean;
}

/** Options of {@link render}. */
export interface RenderOptions extends EngineOptions {
  readonly thumbnails: readonly ThumbnailSettings[];
  /** Point that crops keep visible. @default - the `position` of each thumbnail applies */
  readonly focalPoint?: FocalPoint;
  /**
   * Semaphore that limits the memory of concurrent renderings. The time limit does not include the wait for memory.
   *
   * @default - no limit
   */
  readonly memorySemaphore?: Pick<MemorySemaphore, 'acquire'>;
}

/** One thumbnail in one format. */
export interface RenderedThumbnail {
  readonly name: string;
  readonly format: Format;
  readonly contentType: string;
  readonly width: number;
  /** Height of one frame in pixels. */
  readonly height: number;
  readonly frames: number;
  readonly body: Buffer;
}

/** Result of {@link render}. */
export interface Rendering {
  readonly source: Probe;
  readonly warnings: readonly Warning[];
  /** Thumbnails in the order of `RenderOptions.thumbnails`. Each thumbnail has its formats in the order of `formats`. */
  readonly thumbnails: readonly RenderedThumbnail[];
  /**
   * ThumbHash of the image in base64. Clients can show a ThumbHash as a placeholder.
   *
   * @see https://evanw.github.io/thumbhash/
   */
  readonly thumbHash: string;
  /** Most frequent colour of the image as `#rrggbb`. */
  readonly dominantColor: string;
}
