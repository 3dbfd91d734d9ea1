import { EFFORTS, type Format, type FormatSettings } from '../../runtime/contract';
import { validateInteger } from '../private/validation';

/** How a JPEG is encoded. */
export interface JpegOptions {
  /**
   * 1 (smallest file) to 100 (best picture).
   *
   * @default 80
   */
  readonly quality?: number;
}

/** How a PNG is encoded. */
export interface PngOptions {
  /**
   * 1 to 100; below 100 the picture is reduced to a palette of colours.
   *
   * @default 100
   */
  readonly quality?: number;
  /**
   * CPU spent on a smaller file, 1 to 10.
   *
   * @default 7
   */
  readonly effort?: number;
}

/** How a WebP is encoded. */
export interface WebpOptions {
  /**
   * 1 (smallest file) to 100 (best picture).
   *
   * @default 80
   */
  readonly quality?: number;
  /**
   * CPU spent on a smaller file, 0 to 6.
   *
   * @default 4
   */
  readonly effort?: number;
  /**
   * Keep every pixel value.
   *
   * @default false
   */
  readonly lossless?: boolean;
}

/** How an AVIF is encoded. */
export interface AvifOptions {
  /**
   * 1 (smallest file) to 100 (best picture).
   *
   * @default 63
   */
  readonly quality?: number;
  /**
   * CPU spent on a smaller file, 0 to 9.
   *
   * @default 2
   */
  readonly effort?: number;
  /**
   * Keep every pixel value.
   *
   * @default false
   */
  readonly lossless?: boolean;
}

/** How a GIF is encoded. */
export interface GifOptions {
  /**
   * CPU spent on a smaller file, 1 to 10.
   *
   * @default 7
   */
  readonly effort?: number;
}

/** A format that a thumbnail is stored in, and how it is encoded. */
export class ThumbnailFormat {
  /**
   * AVIF: the smallest files, the most CPU.
   *
   * @param options how it is encoded
   */
  public static avif(options: AvifOptions = {}): ThumbnailFormat {
    return new ThumbnailFormat({ type: 'avif', ...options });
  }

  /**
   * GIF: for moving pictures where WebP is not understood.
   *
   * @param options how it is encoded
   */
  public static gif(options: GifOptions = {}): ThumbnailFormat {
    return new ThumbnailFormat({ type: 'gif', ...options });
  }

  /**
   * JPEG: understood everywhere, no transparency.
   *
   * @param options how it is encoded
   */
  public static jpeg(options: JpegOptions = {}): ThumbnailFormat {
    return new ThumbnailFormat({ type: 'jpeg', ...options });
  }

  /**
   * PNG: every pixel value is kept, large files for photos.
   *
   * @param options how it is encoded
   */
  public static png(options: PngOptions = {}): ThumbnailFormat {
    return new ThumbnailFormat({ type: 'png', ...options });
  }

  /**
   * WebP: small files, transparency and movement, understood by every current browser.
   *
   * @param options how it is encoded
   */
  public static webp(options: WebpOptions = {}): ThumbnailFormat {
    return new ThumbnailFormat({ type: 'webp', ...options });
  }

  /** Name of the format: `avif`, `gif`, `jpeg`, `png` or `webp`. */
  public readonly name: string;

  private constructor(private readonly settings: FormatSettings) {
    this.name = settings.type;
  }

  /** @internal */
  public _settings(): FormatSettings {
    const { type, quality, effort, lossless } = this.settings;
    return {
      type,
      ...(quality === undefined ? {} : { quality }),
      ...(effort === undefined ? {} : { effort }),
      ...(lossless ? { lossless } : {}),
    };
  }

  /** @internal */
  public _problems(): string[] {
    const { type, quality, effort } = this.settings;
    return [
      ...validateInteger('quality', quality, { min: 1, max: 100 }),
      ...(type === 'jpeg' ? [] : validateInteger('effort', effort, EFFORTS[type satisfies Exclude<Format, 'jpeg'>])),
    ];
  }
}
