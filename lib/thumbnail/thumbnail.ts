import { Token } from 'aws-cdk-lib';
import { COLOR_PATTERN, MAX_SIDE, NAME_PATTERN, RESERVED_NAMES, type ThumbnailSettings } from '../../runtime/contract';
import { validateInteger, validatePattern, invalidValue, quoted, duplicates } from '../private/validation';
import { ThumbnailFormat } from './thumbnail-format';
import {
  type CoverThumbnailOptions,
  type InsideThumbnailOptions,
  type ResponsiveThumbnailOptions,
  ThumbnailFit,
  type ThumbnailOptions,
  ThumbnailPosition,
  type ThumbnailPresetOptions,
} from './thumbnail-options';

/** Phones to large desktops, each step at most twice the one before: no browser loads much more than it shows. */
const RESPONSIVE_WIDTHS = [320, 640, 960, 1280, 1920];

/** One thumbnail that is made of every source image. */
export class Thumbnail {
  /**
   * All of the picture inside a box, with its proportions.
   *
   * @param name its name in keys and URLs: 1 to 64 lower-case letters, digits and inner hyphens
   * @param width width of the box in pixels, 1 to 8192
   * @param options height, formats and more
   */
  public static inside(name: string, width: number, options: InsideThumbnailOptions = {}): Thumbnail {
    return new Thumbnail(ThumbnailFit.INSIDE, name, width, options.height ?? width, options);
  }

  /**
   * A box filled by the picture; what stands over is cropped.
   *
   * @param name its name in keys and URLs: 1 to 64 lower-case letters, digits and inner hyphens
   * @param width width of the box in pixels, 1 to 8192
   * @param height height of the box in pixels, 1 to 8192
   * @param options position of the crop, formats and more
   */
  public static cover(name: string, width: number, height: number, options: CoverThumbnailOptions = {}): Thumbnail {
    return new Thumbnail(ThumbnailFit.COVER, name, width, height, options, options.position);
  }

  /**
   * A box of exactly this size with all of the picture in it, the rest filled with the background.
   *
   * @param name its name in keys and URLs: 1 to 64 lower-case letters, digits and inner hyphens
   * @param width width of the box in pixels, 1 to 8192
   * @param height height of the box in pixels, 1 to 8192
   * @param options background, formats and more
   */
  public static contain(name: string, width: number, height: number, options: ThumbnailOptions = {}): Thumbnail {
    return new Thumbnail(ThumbnailFit.CONTAIN, name, width, height, options);
  }

  /**
   * A face or a logo, of 96 pixels on a screen with two for each: the same as
   * `Thumbnail.cover('avatar', 192, 192, { position: ThumbnailPosition.ATTENTION })`.
   *
   * @param options another name, formats and more
   */
  public static avatar(options: ThumbnailPresetOptions = {}): Thumbnail {
    const { name = 'avatar', ...others } = options;
    return Thumbnail.cover(name, 192, 192, { position: ThumbnailPosition.ATTENTION, ...others });
  }

  /**
   * A tile of a list, 16:9, of 320 × 180 pixels on a screen with two for each: the same as
   * `Thumbnail.cover('card', 640, 360, { position: ThumbnailPosition.ATTENTION })`.
   *
   * @param options another name, formats and more
   */
  public static card(options: ThumbnailPresetOptions = {}): Thumbnail {
    const { name = 'card', ...others } = options;
    return Thumbnail.cover(name, 640, 360, { position: ThumbnailPosition.ATTENTION, ...others });
  }

  /**
   * The large picture at the top of a page, all of it: the same as `Thumbnail.inside('hero', 1920)`.
   *
   * @param options another name, formats and more
   */
  public static hero(options: ThumbnailPresetOptions = {}): Thumbnail {
    const { name = 'hero', ...others } = options;
    return Thumbnail.inside(name, 1920, others);
  }

  /**
   * The picture in several widths, of which a browser takes the one that its `srcset` and `sizes` ask for: for each width
   * the same as `Thumbnail.inside('responsive-640', 640, { height: 8192 })`.
   *
   * @param options another name, other widths, formats and more
   */
  public static responsiveSet(options: ResponsiveThumbnailOptions = {}): Thumbnail[] {
    const { name = 'responsive', widths = RESPONSIVE_WIDTHS, ...others } = options;
    return widths.map((width) => Thumbnail.inside(`${name}-${width}`, width, { height: MAX_SIDE, ...others }));
  }

  /** Its name in keys and URLs. */
  public readonly name: string;
  /** How the picture is brought into the box. */
  public readonly fit: ThumbnailFit;
  /** Width of the box in pixels. */
  public readonly width: number;
  /** Height of the box in pixels. */
  public readonly height: number;
  /** Formats that it is stored in. */
  public readonly formats: ThumbnailFormat[];

  private constructor(
    fit: ThumbnailFit,
    name: string,
    width: number,
    height: number,
    private readonly options: ThumbnailOptions,
    private readonly position?: ThumbnailPosition,
  ) {
    this.fit = fit;
    this.name = name;
    this.width = width;
    this.height = height;
    this.formats = options.formats ?? [ThumbnailFormat.webp()];
  }

  /** @internal */
  public _settings(): ThumbnailSettings {
    const { background, enlarge, animated } = this.options;
    return {
      name: this.name,
      fit: this.fit,
      width: this.width,
      height: this.height,
      formats: this.formats.map((format) => format._settings()),
      ...(this.position === undefined || this.position === ThumbnailPosition.CENTRE ? {} : { position: this.position }),
      ...(background === undefined ? {} : { background }),
      ...(enlarge ? { enlarge } : {}),
      ...(animated ? { animated } : {}),
    };
  }

  /** @internal */
  public _problems(): string[] {
    const side = { min: 1, max: MAX_SIDE };
    return [
      ...this.nameProblems(),
      ...validateInteger('width', this.width, side),
      ...validateInteger('height', this.height, side),
      ...this.formatProblems(),
      ...validatePattern('background', this.options.background, COLOR_PATTERN, 'a colour as #rrggbb or #rrggbbaa'),
    ];
  }

  private nameProblems(): string[] {
    if (RESERVED_NAMES.includes(this.name)) {
      return [invalidValue('name', quoted(this.name), 'another name: this one is the key of the list of thumbnails')];
    }
    return validatePattern('name', this.name, NAME_PATTERN, '1 to 64 lower-case letters, digits and inner hyphens');
  }

  private formatProblems(): string[] {
    const names = this.formats.map((format) => format.name);
    const problems = this.formats.flatMap((format, index) =>
      format._problems().map((text) => `formats[${index}].${text}`),
    );
    if (names.length === 0) {
      problems.push(invalidValue('formats', 'none', 'at least one format'));
    }
    for (const name of duplicates(names)) {
      problems.push(invalidValue('formats', `${name} twice`, 'every format once'));
    }
    if (this.options.animated && !Token.isUnresolved(this.options.animated) && !names.some(canAnimate)) {
      problems.push(
        invalidValue('animated', `true with ${names.join(', ')}`, 'false, or have webp or gif among its formats'),
      );
    }
    return problems;
  }
}

function canAnimate(format: string): boolean {
  return format === 'webp' || format === 'gif';
}
