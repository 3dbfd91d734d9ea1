import fc from 'fast-check';
import { readCoreSettings } from '../../../runtime/config/core-settings';
import { SettingsError } from '../../../runtime/config/parse-environment';
import { DEFAULT_CACHE_CONTROL, DEFAULT_LIMITS, EFFORTS, FITS, FORMATS, NAME_PATTERN } from '../../../runtime/contract';

fc.configureGlobal({ seed: 1 });

const small = { name: 'small', fit: 'inside', width: 200, height: 200, formats: [{ type: 'webp' }] };
const minimal = { SOURCE_BUCKET: 'photos', THUMBNAIL_BUCKET: 'thumbnails', THUMBNAILS: JSON.stringify([small]) };

function problemsOf(environment: Record<string, string | undefined>): readonly string[] {
  try {
    readCoreSettings(environment);
  } catch (error) {
    if (error instanceof SettingsError) {
      return error.problems;
    }
    throw error;
  }
  return [];
}

const withThumbnail = (change: object) => ({ ...minimal, THUMBNAILS: JSON.stringify([{ ...small, ...change }]) });

test('unset variables have their defaults', () => {
  expect(readCoreSettings(minimal)).toEqual({
    storage: 's3',
    sourceLocation: { name: 'photos', prefix: '', suffixes: [] },
    thumbnailLocation: { name: 'thumbnails', prefix: '' },
    thumbnails: [small],
    limits: DEFAULT_LIMITS,
    rules: [],
    allowSvg: false,
    detectJpegCorruption: false,
    requireMalwareScan: false,
    cacheControl: DEFAULT_CACHE_CONTROL,
  });
});

test('readCoreSettings() reads every variable', () => {
  const settings = readCoreSettings({
    STORAGE: 'directory',
    SOURCE_DIRECTORY: '/photos',
    THUMBNAIL_DIRECTORY: '/thumbnails',
    THUMBNAILS: minimal.THUMBNAILS,
    SOURCE_PREFIX: 'uploads/',
    SOURCE_SUFFIXES: '[".jpg"]',
    THUMBNAIL_PREFIX: 'made/',
    LIMITS: '{"maxPixels":1000}',
    ALLOW_SVG: 'true',
    DETECT_JPEG_CORRUPTION: 'true',
    CACHE_CONTROL: 'no-store',
  });
  expect(settings).toMatchObject({
    storage: 'directory',
    sourceLocation: { name: '/photos', prefix: 'uploads/', suffixes: ['.jpg'] },
    thumbnailLocation: { name: '/thumbnails', prefix: 'made/' },
    limits: { ...DEFAULT_LIMITS, maxPixels: 1000 },
    allowSvg: true,
    detectJpegCorruption: true,
    requireMalwareScan: false,
    cacheControl: 'no-store',
  });
});

test('a rule without thumbnails has the thumbnails of the pipeline, and a rule without limits has its limits', () => {
  const tile = { ...small, name: 'tile' };
  const { rules } = readCoreSettings({
    ...minimal,
    LIMITS: '{"maxPixels":1000,"maxFrames":5}',
    RULES: JSON.stringify([
      { prefix: 'avatars/', thumbnails: [tile] },
      { suffix: '.PNG', limits: { maxPixels: 2000 } },
    ]),
  });
  const limits = { ...DEFAULT_LIMITS, maxPixels: 1000, maxFrames: 5 };
  expect(rules).toEqual([
    { prefix: 'avatars/', suffix: '', thumbnails: [tile], limits },
    { prefix: '', suffix: '.PNG', thumbnails: [small], limits: { ...limits, maxPixels: 2000 } },
  ]);
});

test.each([
  ['an unknown member', [{ prefix: 'a/', size: 1 }], 'RULES at 0.size'],
  ['an invalid thumbnail', [{ prefix: 'a/', thumbnails: [{ ...small, width: 0 }] }], 'RULES at 0.thumbnails.0.width'],
  ['no thumbnails', [{ prefix: 'a/', thumbnails: [] }], 'RULES at 0.thumbnails'],
  ['an array in place of a rule', [[]], 'RULES at 0'],
  ['an array of limits', [{ limits: [] }], 'RULES at 0.limits'],
  ['an invalid limit', [{ prefix: 'a/', limits: { maxFrames: 0 } }], 'RULES at 0.limits.maxFrames'],
])('readCoreSettings() rejects rules with %s', (_, rules, place) => {
  const problems = problemsOf({ ...minimal, RULES: JSON.stringify(rules) });
  expect(problems.map((problem) => problem.split(':')[0])).toEqual([place]);
});

test('readCoreSettings() reports all invalid variables at once', () => {
  const problems = problemsOf({
    STORAGE: 'ftp',
    SOURCE_BUCKET: 'photos',
    THUMBNAILS: '[',
    LIMITS: '{"maxPixels":-1}',
    ALLOW_SVG: 'yes',
    DETECT_JPEG_CORRUPTION: 'no',
  });
  expect(problems.map((problem) => problem.split(':')[0])).toEqual([
    'STORAGE',
    'THUMBNAILS',
    'LIMITS at maxPixels',
    'ALLOW_SVG',
    'DETECT_JPEG_CORRUPTION',
    'THUMBNAIL_BUCKET',
  ]);
});

test.each([
  ['a reserved name', { name: 'manifest' }, 'THUMBNAILS at 0.name'],
  ['a name with a slash', { name: 'a/b' }, 'THUMBNAILS at 0.name'],
  ['a width of 0', { width: 0 }, 'THUMBNAILS at 0.width'],
  ['a height above the maximum', { height: 9000 }, 'THUMBNAILS at 0.height'],
  ['an unknown fit', { fit: 'stretch' }, 'THUMBNAILS at 0.fit'],
  ['no format', { formats: [] }, 'THUMBNAILS at 0.formats'],
  ['a format twice', { formats: [{ type: 'webp' }, { type: 'webp', quality: 1 }] }, 'THUMBNAILS at 0.formats'],
  ['a quality above 100', { formats: [{ type: 'webp', quality: 101 }] }, 'THUMBNAILS at 0.formats.0.quality'],
  ['a quality for gif', { formats: [{ type: 'gif', quality: 50 }] }, 'THUMBNAILS at 0.formats.0.quality'],
  [
    'an effort above the maximum of the encoder',
    { formats: [{ type: 'webp', effort: 7 }] },
    'THUMBNAILS at 0.formats.0.effort',
  ],
  ['an effort for jpeg', { formats: [{ type: 'jpeg', effort: 1 }] }, 'THUMBNAILS at 0.formats.0.effort'],
  ['a lossless jpeg', { formats: [{ type: 'jpeg', lossless: true }] }, 'THUMBNAILS at 0.formats.0.lossless'],
  ['an invalid colour', { background: 'white' }, 'THUMBNAILS at 0.background'],
  ['an unknown property', { heigth: 1 }, 'THUMBNAILS at 0.heigth'],
])('readCoreSettings() rejects %s', (_, change, place) => {
  expect(problemsOf(withThumbnail(change)).join('\n')).toContain(`${place}: `);
});

test('readCoreSettings() rejects thumbnails with duplicate names', () => {
  expect(problemsOf({ ...minimal, THUMBNAILS: JSON.stringify([small, small]) })).toEqual([
    expect.stringMatching(/^THUMBNAILS: /),
  ]);
});

test('the error message lists every invalid variable', () => {
  expect(() => readCoreSettings({})).toThrow(
    /THUMBNAILS: is not set\n {2}SOURCE_BUCKET: is not set;.*\n {2}THUMBNAIL_BUCKET: is not set;/,
  );
});

test('readCoreSettings() returns any valid thumbnails unchanged', () => {
  const format = fc.constantFrom(...FORMATS).chain((type) =>
    fc.record(
      {
        type: fc.constant(type),
        ...(type === 'gif' ? {} : { quality: fc.integer({ min: 1, max: 100 }) }),
        ...(type === 'jpeg' ? {} : { effort: fc.integer(EFFORTS[type]) }),
      },
      { requiredKeys: ['type'] },
    ),
  );
  const thumbnail = fc.record(
    {
      name: fc.stringMatching(NAME_PATTERN).filter((name) => name !== 'manifest'),
      fit: fc.constantFrom(...FITS),
      width: fc.integer({ min: 1, max: 8192 }),
      height: fc.integer({ min: 1, max: 8192 }),
      formats: fc.uniqueArray(format, { minLength: 1, selector: (one) => one.type }),
      background: fc.constantFrom('#ffffff', '#00000080'),
      enlarge: fc.boolean(),
    },
    { requiredKeys: ['name', 'fit', 'width', 'height', 'formats'] },
  );
  const thumbnails = fc.uniqueArray(thumbnail, { minLength: 1, maxLength: 5, selector: (one) => one.name });
  fc.assert(
    fc.property(thumbnails, (written) => {
      expect(readCoreSettings({ ...minimal, THUMBNAILS: JSON.stringify(written) }).thumbnails).toEqual(written);
    }),
  );
});

const LOCATIONS = {
  s3: { SOURCE_BUCKET: 'a', THUMBNAIL_BUCKET: 'b' },
  directory: { SOURCE_DIRECTORY: 'a', THUMBNAIL_DIRECTORY: 'b' },
} as const;

test.each([
  ['s3', 'directory'],
  ['directory', 's3'],
] as const)('STORAGE=%s requires its own location variables and rejects those of %s', (STORAGE, other) => {
  const problemsWith = (locations: Readonly<Record<string, string>>): string[] =>
    problemsOf({ STORAGE, THUMBNAILS: minimal.THUMBNAILS, ...locations }).map((problem) => problem.split(':')[0]!);
  const [own, others] = [Object.keys(LOCATIONS[STORAGE]), Object.keys(LOCATIONS[other])];
  expect(problemsWith(LOCATIONS[STORAGE])).toEqual([]);
  expect(problemsWith({})).toEqual(own);
  expect(problemsWith({ ...LOCATIONS[STORAGE], ...LOCATIONS[other] })).toEqual(others);
  expect(problemsWith(LOCATIONS[other])).toEqual([...own, ...others]);
});
