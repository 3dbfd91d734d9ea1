import { Duration, Size } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import fc from 'fast-check';
import {
  Thumbnail,
  ThumbnailFormat,
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
  ThumbnailPosition,
} from '../../../lib';
import { readCoreSettings } from '../../../runtime/config/core-settings';
import {
  DEFAULT_CACHE_CONTROL,
  DEFAULT_LIMITS,
  DEFAULT_THUMBNAILS,
  NAME_PATTERN,
  RESERVED_NAMES,
  type CoreSettings,
} from '../../../runtime/contract';
import { newStack, synthesize, variablesOf } from '../../support/templates/stacks';

/** Returns the settings that the runtime reads from the environment of the template. */
function settingsOf(props: ThumbnailPipelineProps): CoreSettings {
  const { template } = synthesize((stack) => ({
    ...props,
    sourceBucket: s3.Bucket.fromBucketName(stack, 'Source', 'photos'),
    thumbnailBucket: s3.Bucket.fromBucketName(stack, 'Thumbnails', 'photo-thumbnails'),
    apiEnabled: false,
  }));
  return readCoreSettings(variablesOf(template) as Record<string, string>);
}

test('the runtime reads the default settings of the pipeline', () => {
  expect(settingsOf({})).toEqual({
    storage: 's3',
    sourceLocation: { name: 'photos', prefix: '', suffixes: [] },
    thumbnailLocation: { name: 'photo-thumbnails', prefix: '' },
    thumbnails: DEFAULT_THUMBNAILS,
    limits: DEFAULT_LIMITS,
    rules: [],
    allowSvg: false,
    detectJpegCorruption: false,
    requireMalwareScan: false,
    cacheControl: DEFAULT_CACHE_CONTROL,
  });
});

test('the runtime reads the settings of the props', () => {
  const settings = settingsOf({
    sourcePrefix: 'in/"ü"/',
    sourceSuffixes: ['.jpg', '.tiff'],
    thumbnailPrefix: 'out/',
    allowSvg: true,
    detectJpegCorruption: true,
    cacheControl: 'no-store',
    limits: {
      maxFileSize: Size.bytes(1),
      maxPixels: 2,
      maxProgressivePixels: 3,
      maxAnimationPixels: 4,
      maxFrames: 5,
      maxDuration: Duration.seconds(6),
    },
    thumbnails: [
      Thumbnail.cover('tile', 10, 20, {
        position: ThumbnailPosition.ATTENTION,
        background: '#123456',
        enlarge: true,
        animated: true,
        formats: [ThumbnailFormat.webp({ lossless: true }), ThumbnailFormat.gif({ effort: 1 })],
      }),
    ],
  });
  expect(settings).toEqual({
    storage: 's3',
    sourceLocation: { name: 'photos', prefix: 'in/"ü"/', suffixes: ['.jpg', '.tiff'] },
    thumbnailLocation: { name: 'photo-thumbnails', prefix: 'out/' },
    thumbnails: [
      {
        name: 'tile',
        fit: 'cover',
        width: 10,
        height: 20,
        position: 'attention',
        background: '#123456',
        enlarge: true,
        animated: true,
        formats: [
          { type: 'webp', lossless: true },
          { type: 'gif', effort: 1 },
        ],
      },
    ],
    limits: {
      maxFileSizeBytes: 1,
      maxPixels: 2,
      maxProgressivePixels: 3,
      maxAnimationPixels: 4,
      maxFrames: 5,
      maxDurationSeconds: 6,
    },
    rules: [],
    allowSvg: true,
    detectJpegCorruption: true,
    requireMalwareScan: false,
    cacheControl: 'no-store',
  });
});

describe('constructs and runtime accept the same values for', () => {
  const quality = fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined });
  const effort = (min: number, max: number) => fc.option(fc.integer({ min, max }), { nil: undefined });
  const lossless = fc.option(fc.boolean(), { nil: undefined });
  const formats = fc
    .tuple(
      fc.record({ quality, effort: effort(0, 6), lossless }).map((options) => ThumbnailFormat.webp(options)),
      fc.record({ quality }).map((options) => ThumbnailFormat.jpeg(options)),
      fc.record({ quality, effort: effort(1, 10) }).map((options) => ThumbnailFormat.png(options)),
      fc.record({ quality, effort: effort(0, 9), lossless }).map((options) => ThumbnailFormat.avif(options)),
      fc.record({ effort: effort(1, 10) }).map((options) => ThumbnailFormat.gif(options)),
    )
    .chain((all) => fc.shuffledSubarray(all, { minLength: 1 }));
  const side = fc.integer({ min: 1, max: 8192 });
  const options = fc.record({
    formats,
    background: fc.option(fc.stringMatching(/^#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$/), { nil: undefined }),
    enlarge: fc.boolean(),
    position: fc.option(fc.constantFrom(...Object.values(ThumbnailPosition)), { nil: undefined }),
  });
  const name = fc.stringMatching(NAME_PATTERN).filter((text) => !RESERVED_NAMES.includes(text));
  const thumbnail = fc
    .tuple(fc.constantFrom('inside', 'cover', 'contain'), name, side, side, options)
    .map(([fit, id, width, height, common]) => {
      if (fit === 'inside') {
        return Thumbnail.inside(id, width, { ...common, height });
      }
      return fit === 'cover'
        ? Thumbnail.cover(id, width, height, common)
        : Thumbnail.contain(id, width, height, common);
    });

  test('thumbnails', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(thumbnail, { selector: ({ name }) => name, minLength: 1, maxLength: 5 }),
        (thumbnails) => {
          const read = settingsOf({ thumbnails });
          expect(read.thumbnails).toEqual(thumbnails.map((one) => one._settings()));
        },
      ),
      { numRuns: 25, seed: 1 },
    );
  });

  test('names', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 70 }), name), (text) => {
        const stack = newStack();
        const read = () =>
          readCoreSettings({
            SOURCE_BUCKET: 'a',
            THUMBNAIL_BUCKET: 'b',
            THUMBNAILS: JSON.stringify([Thumbnail.inside(text, 1)._settings()]),
          });
        const build = () =>
          new ThumbnailPipeline(stack, 'Photos', { thumbnails: [Thumbnail.inside(text, 1)], apiEnabled: false });
        expect(throws(build)).toBe(throws(read));
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});

function throws(action: () => unknown): boolean {
  try {
    action();
    return false;
  } catch {
    return true;
  }
}
