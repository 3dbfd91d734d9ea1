import { Token } from 'aws-cdk-lib';
import { COLOR_PATTERN, MAX_SIDE, NAME_PATTERN, RESERVED_NAMES, type ThumbnailSettings } from '../lambda/contract';
import { checkInteger, checkPattern, problem, quoted, repeated } from './private/checks';
import { ThumbnailFormat } from './thumbnail-format';

/** Ways to bring a picture into its box. */
export enum ThumbnailFit {
  /** All of the picture is kept, with its proportions. */
  INSIDE = 'inside',
  /** The box is filled and what stands over is cropped. */
  COVER = 'cover',
  /** All of the picture is kept and the rest of the box is filled with the background. */
  CONTAIN = 'contain',
}

/** Which part of a picture a crop keeps when its source names no focal point. */
export enum ThumbnailPosition {
  /** The middle. */
  CENTRE = 'centre',
  /** The part that draws the eye: skin tones, saturated colours, contrast. */
  ATTENTION = 'attention',
}

/** What every thumbnail can be given. */
export interface ThumbnailOptions {
  /**
   * Formats that it is stored in, no format twice. The first is served to clients that prefer none.
   *
   * @default [ThumbnailFormat.webp()]
   */
  readonly formats?: ThumbnailFormat[];

  /**
   * `#rrggbb` or `#rrggbbaa`: what fills the box beside a contained picture, and what shows through a transparent one
   * in a format that has no transparency.
   *
   * @default #ffffff
   */
  readonly background?: string;

  /**
   * Make small pictures larger to reach the box.
   *
   * @default false
   */
  readonly enlarge?: boolean;

  /**
   * Keep the movement of moving sources. Needs WebP or GIF among the formats.
   *
   * @default false
   */
  readonly animated?: boolean;
}

/** Options of {@link Thumbnail.inside}. */
export interface InsideThumbnailOptions extends ThumbnailOptions {
  /**
   * Height of the box in pixels, 1 to 8192.
   *
   * @default - the width: the box is square
   */
  readonly height?: number;
}

/** Options of {@link Thumbnail.cover}. */
export interface CoverThumbnailOptions extends ThumbnailOptions {
  /**
   * Which part of the picture is kept when its source names no focal point.
   *
   * @default ThumbnailPosition.CENTRE
   */
  readonly position?: ThumbnailPosition;
}

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
    const side = { min: 1, max: MAX_SIDE, unit: 'pixels' };
    return [
      ...this.nameProblems(),
      ...checkInteger('width', this.width, side),
      ...checkInteger('height', this.height, side),
      ...this.formatProblems(),
      ...checkPattern('background', this.options.background, COLOR_PATTERN, 'a colour as #rrggbb or #rrggbbaa'),
    ];
  }

  private nameProblems(): string[] {
    if (RESERVED_NAMES.includes(this.name)) {
      return [problem('name', quoted(this.name), 'another name: this one is the key of the list of thumbnails')];
    }
    return checkPattern('name', this.name, NAME_PATTERN, '1 to 64 lower-case letters, digits and inner hyphens');
  }

  private formatProblems(): string[] {
    const names = this.formats.map((format) => format.name);
    const problems = this.formats.flatMap((format, index) =>
      format._problems().map((text) => `formats[${index}].${text}`),
    );
    if (names.length === 0) problems.push(problem('formats', 'none', 'at least one format'));
    for (const name of repeated(names)) problems.push(problem('formats', `${name} twice`, 'every format once'));
    if (this.options.animated && !Token.isUnresolved(this.options.animated) && !names.some(canMove)) {
      problems.push(
        problem('animated', `true with ${names.join(', ')}`, 'false, or have webp or gif among its formats'),
      );
    }
    return problems;
  }
}

function canMove(format: string): boolean {
  return format === 'webp' || format === 'gif';
}
