import fc from 'fast-check';
import { readCoreSettings, SettingsError } from '../../../runtime/config/core-settings';
import { DEFAULT_CACHE_CONTROL, DEFAULT_LIMITS, EFFORTS, FITS, FORMATS, NAME_PATTERN } from '../../../runtime/contract';

const small = { name: 'small', fit: 'inside', width: 200, height: 200, formats: [{ type: 'webp' }] };
const minimal = { SOURCE: 'photos', THUMBNAIL_BUCKET: 'thumbnails', THUMBNAILS: JSON.stringify([small]) };

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

test('what is left out takes its default', () => {
  expect(readCoreSettings(minimal)).toEqual({
    store: 's3',
    source: { name: 'photos', prefix: '', suffixes: [] },
    destination: { name: 'thumbnails', prefix: '' },
    thumbnails: [small],
    limits: DEFAULT_LIMITS,
    allowSvg: false,
    verifyJpegs: true,
    cacheControl: DEFAULT_CACHE_CONTROL,
  });
});

test('every variable is read', () => {
  const settings = readCoreSettings({
    ...minimal,
    STORE: 'directory',
    SOURCE_PREFIX: 'uploads/',
    SOURCE_SUFFIXES: '[".jpg"]',
    THUMBNAIL_PREFIX: 'made/',
    LIMITS: '{"maxPixels":1000}',
    ALLOW_SVG: 'true',
    VERIFY_JPEGS: 'false',
    CACHE_CONTROL: 'no-store',
  });
  expect(settings).toMatchObject({
    store: 'directory',
    source: { prefix: 'uploads/', suffixes: ['.jpg'] },
    destination: { prefix: 'made/' },
    limits: { ...DEFAULT_LIMITS, maxPixels: 1000 },
    allowSvg: true,
    verifyJpegs: false,
    cacheControl: 'no-store',
  });
});

test('everything that is wrong is named at once', () => {
  const problems = problemsOf({
    STORE: 'ftp',
    SOURCE: 'photos',
    THUMBNAILS: '[',
    LIMITS: '{"maxPixels":-1}',
    ALLOW_SVG: 'yes',
    VERIFY_JPEGS: 'no',
  });
  expect(problems).toHaveLength(6);
  expect(problems.join('\n')).toMatch(/^STORE: .*s3.*directory/m);
  expect(problems).toContain('THUMBNAIL_BUCKET: is not set');
  expect(problems.join('\n')).toMatch(/^THUMBNAILS: is not JSON/m);
  expect(problems.join('\n')).toMatch(/^LIMITS at maxPixels: /m);
  expect(problems.join('\n')).toMatch(/^ALLOW_SVG: .*true.*false/m);
  expect(problems.join('\n')).toMatch(/^VERIFY_JPEGS: .*true.*false/m);
});

test.each([
  ['a reserved name', { name: 'manifest' }, 'THUMBNAILS at 0.name'],
  ['a name with a slash', { name: 'a/b' }, 'THUMBNAILS at 0.name'],
  ['a width of nothing', { width: 0 }, 'THUMBNAILS at 0.width'],
  ['a height beyond the largest', { height: 9000 }, 'THUMBNAILS at 0.height'],
  ['an unknown fit', { fit: 'stretch' }, 'THUMBNAILS at 0.fit'],
  ['no format', { formats: [] }, 'THUMBNAILS at 0.formats'],
  ['a format twice', { formats: [{ type: 'webp' }, { type: 'webp', quality: 1 }] }, 'THUMBNAILS at 0.formats'],
  ['a quality beyond 100', { formats: [{ type: 'webp', quality: 101 }] }, 'THUMBNAILS at 0.formats.0.quality'],
  ['a quality for gif', { formats: [{ type: 'gif', quality: 50 }] }, 'THUMBNAILS at 0.formats.0.quality'],
  ['an effort beyond the encoder', { formats: [{ type: 'webp', effort: 7 }] }, 'THUMBNAILS at 0.formats.0.effort'],
  ['an effort for jpeg', { formats: [{ type: 'jpeg', effort: 1 }] }, 'THUMBNAILS at 0.formats.0.effort'],
  ['a lossless jpeg', { formats: [{ type: 'jpeg', lossless: true }] }, 'THUMBNAILS at 0.formats.0.lossless'],
  ['a colour that is none', { background: 'white' }, 'THUMBNAILS at 0.background'],
  ['an unknown property', { heigth: 1 }, 'THUMBNAILS at 0'],
])('fails on %s', (_, change, place) => {
  expect(problemsOf(withThumbnail(change)).join('\n')).toContain(`${place}: `);
});

test('fails on a name that stands twice', () => {
  expect(problemsOf({ ...minimal, THUMBNAILS: JSON.stringify([small, small]) })).toEqual([
    'THUMBNAILS: a name stands twice',
  ]);
});

test('the message holds every problem', () => {
  expect(() => readCoreSettings({})).toThrow(
    /SOURCE: is not set\n {2}THUMBNAIL_BUCKET: is not set\n {2}THUMBNAILS: is not set/,
  );
});

test('any settings within the contract come back as they were written', () => {
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
