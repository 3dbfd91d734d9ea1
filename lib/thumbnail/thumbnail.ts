import { Token } from 'aws-cdk-lib';
import { COLOR_PATTERN, MAX_SIDE, NAME_PATTERN, RESERVED_NAMES, type ThumbnailSettings } from '../../runtime/contract';
import {
  duplicates,
  nested,
  outOfRange,
  quoted,
  validateInteger,
  validatePattern,
  validationError,
} from '../private/validation';
import { ThumbnailFormat } from './thumbnail-format';
import {
  type ThumbnailCoverOptions,
  type ThumbnailInsideOptions,
  type ThumbnailResponsiveOptions,
  ThumbnailFit,
  type ThumbnailOptions,
  ThumbnailPosition,
  type ThumbnailPresetOptions,
} from './thumbnail-options';

/**
 * Widths for displays from phones to large desktops. Each width is at most twice the previous width. Therefore, browsers
 * download few unneeded pixels.
 */
const RESPONSIVE_WIDTHS = [320, 640, 960, 1280, 1920];
const ANIMATED_FORMATS = ['webp', 'gif'];
const SIDE = { min: 1, max: MAX_SIDE };

/** A named thumbnail that the pipeline creates for every source image. */
export class Thumbnail {
  /**
   * Scales the image to fit inside a box and keeps its aspect ratio.
   *
   * @param name name in keys and URLs: 1 to 64 lower-case letters, digits and inner hyphens
   * @param width width of the box in pixels, from 1 to 8,192
   * @param options height, formats, background and animation
   */
  public static inside(name: string, width: number, options: ThumbnailInsideOptions = {}): Thumbnail {
    return new Thumbnail(ThumbnailFit.INSIDE, name, width, options.height ?? width, options);
  }

  /**
   * Scales the image to cover a box, and crops the parts outside of the box.
   *
   * @param name name in keys and URLs: 1 to 64 lower-case letters, digits and inner hyphens
   * @param width width of the box in pixels, from 1 to 8,192
   * @param height height of the box in pixels, from 1 to 8,192
   * @param options position of the crop, formats, background and animation
   */
  public static cover(name: string, width: number, height: number, options: ThumbnailCoverOptions = {}): Thumbnail {
    return new Thumbnail(ThumbnailFit.COVER, name, width, height, options, options.position);
  }

  /**
   * Scales the image to fit inside a box and fills the rest of the box with the background.
   *
   * @param name name in keys and URLs: 1 to 64 lower-case letters, digits and inner hyphens
   * @param width width of the box in pixels, from 1 to 8,192
   * @param height height of the box in pixels, from 1 to 8,192
   * @param options formats, background and animation
   */
  public static contain(name: string, width: number, height: number, options: ThumbnailOptions = {}): Thumbnail {
    return new Thumbnail(ThumbnailFit.CONTAIN, name, width, height, options);
  }

  /**
   * Returns a thumbnail for a face or logo of 96 × 96 CSS pixels at a device pixel ratio of 2.
   *
   * Equivalent to `Thumbnail.cover('avatar', 192, 192, { position: ThumbnailPosition.ATTENTION })`.
   *
   * @param options name, formats, background and animation
   */
  public static avatar(options: ThumbnailPresetOptions = {}): Thumbnail {
    const { name = 'avatar', ...others } = options;
    return Thumbnail.cover(name, 192, 192, { position: ThumbnailPosition.ATTENTION, ...others });
  }

  /**
   * Returns a thumbnail for a 16:9 tile of 320 × 180 CSS pixels at a device pixel ratio of 2.
   *
   * Equivalent to `Thumbnail.cover('card', 640, 360, { position: ThumbnailPosition.ATTENTION })`.
   *
   * @param options name, formats, background and animation
   */
  public static card(options: ThumbnailPresetOptions = {}): Thumbnail {
    const { name = 'card', ...others } = options;
    return Thumbnail.cover(name, 640, 360, { position: ThumbnailPosition.ATTENTION, ...others });
  }

  /**
   * Returns a thumbnail for a large, uncropped image at the top of a page.
   *
   * Equivalent to `Thumbnail.inside('hero', 1920)`.
   *
   * @param options name, formats, background and animation
   */
  public static hero(options: ThumbnailPresetOptions = {}): Thumbnail {
    const { name = 'hero', ...others } = options;
    return Thumbnail.inside(name, 1920, others);
  }

  /**
   * Returns one thumbnail per width, for the `srcset` attribute of an image.
   *
   * Each thumbnail is equivalent to the result of a call such as `Thumbnail.inside('responsive-640', 640, { height: 8192 })`.
   *
   * @param options prefix of the names, widths, formats, background and animation
   */
  public static responsiveSet(options: ThumbnailResponsiveOptions = {}): Thumbnail[] {
    const { name = 'responsive', widths = RESPONSIVE_WIDTHS, ...others } = options;
    return widths.map((width) => Thumbnail.inside(`${name}-${width}`, width, { height: MAX_SIDE, ...others }));
  }

  /** Name in keys and URLs. */
  public readonly name: string;
  /** Method of fitting the image into the box. */
  public readonly fit: ThumbnailFit;
  /** Width of the box in pixels. */
  public readonly width: number;
  /** Height of the box in pixels. */
  public readonly height: number;
  /** Formats of the stored thumbnail. */
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

  /**
   * Returns the settings that the runtime reads.
   *
   * @internal
   */
  public _settings(): ThumbnailSettings {
    const { background, enlarge, animated, keepMetadata = [] } = this.options;
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
      ...(keepMetadata.length > 0 ? { keepMetadata } : {}),
    };
  }

  /**
   * Validates name, size, formats and options.
   *
   * @internal
   */
  public _validate(): string[] {
    return [
      ...this.validateName(),
      ...validateInteger('width', this.width, SIDE),
      ...validateInteger('height', this.height, SIDE),
      ...this.validateFormats(),
      ...validatePattern('background', this.options.background, COLOR_PATTERN, 'a color as #rrggbb or #rrggbbaa'),
      ...duplicates(this.options.keepMetadata ?? []).map((field) =>
        validationError('keepMetadata', `${field} occurs twice`, 'list each field once'),
      ),
    ];
  }

  private validateName(): string[] {
    if (RESERVED_NAMES.includes(this.name)) {
      return [validationError('name', `${quoted(this.name)} is reserved for the manifest`, 'choose another name')];
    }
    return validatePattern('name', this.name, NAME_PATTERN, '1 to 64 lower-case letters, digits and inner hyphens');
  }

  private validateFormats(): string[] {
    const names = this.formats.map((format) => format.name);
    const errors = this.formats.flatMap((format, index) => nested(`formats[${index}]`, format._validate()));
    if (names.length === 0) {
      errors.push(outOfRange('formats', 'an empty list', 'at least one format'));
    }
    for (const name of duplicates(names)) {
      errors.push(validationError('formats', `${name} occurs twice`, 'list each format once'));
    }
    const { animated } = this.options;
    if (animated && !Token.isUnresolved(animated) && !names.some((name) => ANIMATED_FORMATS.includes(name))) {
      errors.push(validationError('animated', `true requires ${ANIMATED_FORMATS.join(' or ')}`, 'add one to formats'));
    }
    return errors;
  }
}
