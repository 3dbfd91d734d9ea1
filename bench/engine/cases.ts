import {
  DEFAULT_LIMITS,
  DEFAULT_THUMBNAILS,
  type FormatSettings,
  type ThumbnailSettings,
} from '../../runtime/contract';

/** A list of thumbnails that each contestant renders. */
export interface Case {
  readonly name: string;
  readonly title: string;
  readonly thumbnails: readonly ThumbnailSettings[];
}

/** Formats that the benchmark compares, with this project's default qualities and efforts. */
const FORMATS = [{ type: 'jpeg' }, { type: 'webp' }] as const satisfies readonly FormatSettings[];

const ONE: ThumbnailSettings = { name: 'one', fit: 'inside', width: 640, height: 640, formats: [] };

/** Cases that the benchmark compares: a single size and the default thumbnails, in JPEG and in WebP. */
export const CASES: readonly Case[] = FORMATS.flatMap((format) => [
  { name: `one-${format.type}`, title: `640 inside, ${format.type}`, thumbnails: [{ ...ONE, formats: [format] }] },
  {
    name: `three-${format.type}`,
    title: `200 inside, 320 × 320 cover, 1600 inside, ${format.type}`,
    thumbnails: DEFAULT_THUMBNAILS.map((thumbnail) => ({ ...thumbnail, formats: [format] })),
  },
]);

/** Options of this project's engine, except the thumbnails. */
export const ENGINE_OPTIONS = { limits: DEFAULT_LIMITS, allowSvg: false } as const;
