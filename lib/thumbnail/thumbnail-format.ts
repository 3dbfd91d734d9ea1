import { EFFORTS, type Format, type FormatSettings } from '../../runtime/contract';
import { validateInteger } from '../private/validation';

/** Encoder options of {@link ThumbnailFormat.jpeg}. */
export interface ThumbnailJpegOptions {
  /**
   * Quality, from 1 (smallest file) to 100 (best image).
   *
   * @default 80
   */
  readonly quality?: number;
}

/** Encoder options of {@link ThumbnailFormat.png}. */
export interface ThumbnailPngOptions {
  /**
   * Quality, from 1 to 100. Values below 100 reduce the image to a color palette.
   *
   * @default 100
   */
  readonly quality?: number;
  /**
   * CPU effort for a smaller file, from 1 (fastest) to 10 (smallest file).
   *
   * @default 7
   */
  readonly effort?: number;
}

/** Encoder options of {@link ThumbnailFormat.webp}. */
export interface ThumbnailWebpOptions {
  /**
   * Quality, from 1 (smallest file) to 100 (best image).
   *
   * @default 80
   */
  readonly quality?: number;
  /**
   * CPU effort for a smaller file, from 0 (fastest) to 6 (smallest file).
   *
   * @default 4
   */
  readonly effort?: number;
  /**
   * Whether to use lossless compression.
   *
   * @default false
   */
  readonly lossless?: boolean;
}

/** Encoder options of {@link ThumbnailFormat.avif}. */
export interface ThumbnailAvifOptions {
  /**
   * Quality, from 1 (smallest file) to 100 (best image).
   *
   * @default 63
   */
  readonly quality?: number;
  /**
   * CPU effort for a smaller file, from 0 (fastest) to 9 (smallest file).
   *
   * @default 2
   */
  readonly effort?: number;
  /**
   * Whether to use lossless compression.
   *
   * @default false
   */
  readonly lossless?: boolean;
}

/** Encoder options of {@link ThumbnailFormat.gif}. */
export interface ThumbnailGifOptions {
  /**
   * CPU effort for a smaller file, from 1 (fastest) to 10 (smallest file).
   *
   * @default 7
   */
  readonly effort?: number;
}

/** Format of a stored thumbnail, with its encoder options. */
export class ThumbnailFormat {
  /**
   * Returns the AVIF format, with the smallest files and the highest CPU cost.
   *
   * @param options encoder options
   */
  public static avif(options: ThumbnailAvifOptions = {}): ThumbnailFormat {
    return new ThumbnailFormat({ type: 'avif', ...options });
  }

  /**
   * Returns the GIF format, for animations in clients without WebP support.
   *
   * @param options encoder options
   */
  public static gif(options: ThumbnailGifOptions = {}): ThumbnailFormat {
    return new ThumbnailFormat({ type: 'gif', ...options });
  }

  /**
   * Returns the JPEG format, which every client supports. JPEG has no transparency.
   *
   * @param options encoder options
   */
  public static jpeg(options: ThumbnailJpegOptions = {}): ThumbnailFormat {
    return new ThumbnailFormat({ type: 'jpeg', ...options });
  }

  /**
   * Returns the PNG format, with lossless compression and large files for photos.
   *
   * @param options encoder options
   */
  public static png(options: ThumbnailPngOptions = {}): ThumbnailFormat {
    return new ThumbnailFormat({ type: 'png', ...options });
  }

  /**
   * Returns the WebP format, with small files, transparency and animation. Every current browser supports WebP.
   *
   * @param options encoder options
   */
  public static webp(options: ThumbnailWebpOptions = {}): ThumbnailFormat {
    return new ThumbnailFormat({ type: 'webp', ...options });
  }

  /** Name of the format: `avif`, `gif`, `jpeg`, `png` or `webp`. */
  public readonly name: string;

  private constructor(private readonly settings: FormatSettings) {
    this.name = settings.type;
  }

  /**
   * Returns the settings that the runtime reads.
   *
   * @internal
   */
  public _settings(): FormatSettings {
    const { type, quality, effort, lossless } = this.settings;
    return {
      type,
      ...(quality === undefined ? {} : { quality }),
      ...(effort === undefined ? {} : { effort }),
      ...(lossless ? { lossless } : {}),
    };
  }

  /**
   * Validates the encoder options.
   *
   * @internal
   */
  public _validate(): string[] {
    const { type, quality, effort } = this.settings;
    return [
      ...validateInteger('quality', quality, { min: 1, max: 100 }),
      ...(type === 'jpeg' ? [] : validateInteger('effort', effort, EFFORTS[type satisfies Exclude<Format, 'jpeg'>])),
    ];
  }
}
