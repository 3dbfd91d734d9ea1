import type { Metadata } from 'sharp';
import type { Format, Limits, ThumbnailSettings } from '../contract';
import type { Warning } from '../errors/warning-codes';
import type { MemorySemaphore } from './memory/memory-semaphore';

/** Formats that a source may have, told by content. */
export type SourceFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'gif' | 'tiff' | 'heic' | 'svg';

/** What sharp tells of a source before it decodes it, as far as it is asked for. */
export type SourceMetadata = Pick<
  Metadata,
  'width' | 'height' | 'channels' | 'depth' | 'space' | 'hasAlpha' | 'hasProfile' | 'isProgressive'
> &
  Partial<Pick<Metadata, 'orientation' | 'pages' | 'delay' | 'loop' | 'bitsPerSample' | 'chromaSubsampling'>>;

/** What a source's header says. */
export interface Probe {
  readonly format: SourceFormat;
  /** Width in pixels as it is seen: after the orientation is applied. */
  readonly width: number;
  /** Height in pixels as it is seen: after the orientation is applied. */
  readonly height: number;
  /** EXIF orientation, 1 to 8; 1 where the header names none or an invalid one. */
  readonly orientation: number;
  /** 1 for a still picture. */
  readonly frames: number;
  readonly hasAlpha: boolean;
  /** True for a progressive JPEG. */
  readonly progressive: boolean;
}

/** The point of a picture that a crop keeps in sight: 0 to 1 from the left and from the top, as it is seen. */
export interface FocalPoint {
  readonly x: number;
  readonly y: number;
}

/** What the engine may do with a source. */
export interface EngineOptions {
  readonly limits: Limits;
  /** SVG can name other files and cost any amount of CPU: refused unless this is true. */
  readonly allowSvg: boolean;
  /** Counts the blocks of a JPEG, which finds damage that libjpeg passes over. Default: true. */
  readonly detectJpegCorruption?: boolean;
}

/** What is asked of one source. */
export interface RenderOptions extends EngineOptions {
  readonly thumbnails: readonly ThumbnailSettings[];
  readonly focalPoint?: FocalPoint;
  /** Where work waits for memory when there is other work in the process; the time that it waits does not count. Default: it does not wait. */
  readonly memorySemaphore?: Pick<MemorySemaphore, 'enter'>;
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

/** Everything that was made of one source, thumbnails in the order of the settings, formats in the order of each. */
export interface Rendering {
  readonly source: Probe;
  /** Damage of the source that did not prevent thumbnails, as far as its format reveals it. */
  readonly warnings: readonly Warning[];
  readonly thumbnails: readonly RenderedThumbnail[];
  /** ThumbHash placeholder, base64: https://evanw.github.io/thumbhash/ */
  readonly thumbHash: string;
  /** The colour that fills most of the picture, `#rrggbb`. */
  readonly dominantColor: string;
}
