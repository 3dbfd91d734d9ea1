import fc from 'fast-check';
import {
  DEFAULT_BACKGROUND,
  DEFAULT_LIMITS,
  DEFAULT_QUALITY,
  EFFORTS,
  FITS,
  FORMATS,
  type FormatSettings,
  type ThumbnailSettings,
} from '../../../../runtime/contract';
import {
  thumbnailHash,
  fingerprint,
  settingsHash,
  type SetSettings,
} from '../../../../runtime/pipeline/thumbnail-set/fingerprint';

const PARAMETERS = { seed: 13, numRuns: 500 };
const BASE: ThumbnailSettings = { name: 'small', fit: 'cover', width: 100, height: 80, formats: [{ type: 'webp' }] };
const SETTINGS: SetSettings = {
  thumbnails: [BASE],
  limits: DEFAULT_LIMITS,
  allowSvg: false,
  detectJpegCorruption: true,
  cacheControl: 'public',
};

/** Returns a thumbnail with all defaults as explicit values. */
function spelledOut(thumbnail: ThumbnailSettings): ThumbnailSettings {
  return {
    position: 'centre',
    background: DEFAULT_BACKGROUND,
    enlarge: false,
    animated: false,
    ...thumbnail,
    formats: thumbnail.formats.map((format) => ({
      ...(format.type !== 'gif' && { quality: DEFAULT_QUALITY[format.type] }),
      ...(format.type !== 'jpeg' && { effort: EFFORTS[format.type].default }),
      lossless: false,
      ...format,
    })),
  };
}

/** Returns a value with its properties in the opposite order. */
function turnedRound<T extends object>(value: T): T {
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, item]: [string, unknown]) => [name, isRecord(item) ? turnedRound(item) : item]),
  ) as T;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const format: fc.Arbitrary<FormatSettings> = fc.record(
  { type: fc.constantFrom(...FORMATS), quality: fc.integer({ min: 1, max: 100 }), lossless: fc.boolean() },
  { requiredKeys: ['type'] },
);
const thumbnail: fc.Arbitrary<ThumbnailSettings> = fc.record(
  {
    name: fc.constantFrom('small', 'large'),
    fit: fc.constantFrom(...FITS),
    width: fc.integer({ min: 1, max: 8192 }),
    height: fc.integer({ min: 1, max: 8192 }),
    formats: fc.uniqueArray(format, { selector: ({ type }) => type, minLength: 1 }),
    position: fc.constantFrom('centre', 'attention'),
    background: fc.constantFrom('#ffffff', '#00000080'),
    enlarge: fc.boolean(),
    animated: fc.boolean(),
  },
  { requiredKeys: ['name', 'fit', 'width', 'height', 'formats'] },
);

describe('settingsHash', () => {
  test('settingsHash() depends neither on the order of properties nor on explicit defaults', () => {
    fc.assert(
      fc.property(fc.array(thumbnail, { minLength: 1, maxLength: 4 }), (thumbnails) => {
        const hash = settingsHash({ ...SETTINGS, thumbnails }, 'ready');
        expect(settingsHash(turnedRound({ ...SETTINGS, thumbnails: thumbnails.map(turnedRound) }), 'ready')).toBe(hash);
        expect(settingsHash({ ...SETTINGS, thumbnails: thumbnails.map(spelledOut) }, 'ready')).toBe(hash);
      }),
      PARAMETERS,
    );
  });

  test.each<[string, Partial<SetSettings>]>([
    ['a name', { thumbnails: [{ ...BASE, name: 'other' }] }],
    ['a further thumbnail', { thumbnails: [BASE, { ...BASE, name: 'other' }] }],
    ['no thumbnail', { thumbnails: [] }],
    ['a further format', { thumbnails: [{ ...BASE, formats: [{ type: 'webp' }, { type: 'jpeg' }] }] }],
    ['SVG', { allowSvg: true }],
    ['the cache control', { cacheControl: 'private' }],
  ])('settingsHash() changes with %s', (_, change) => {
    expect(settingsHash({ ...SETTINGS, ...change }, 'ready')).not.toBe(settingsHash(SETTINGS, 'ready'));
    expect(settingsHash({ ...SETTINGS, ...change }, 'rejected')).not.toBe(settingsHash(SETTINGS, 'rejected'));
  });

  test.each(['maxFileSizeBytes', 'maxPixels', 'maxProgressivePixels', 'maxAnimationPixels', 'maxFrames'] as const)(
    'settingsHash() depends on %s only for rejected images',
    (limit) => {
      const changed = { ...SETTINGS, limits: { ...DEFAULT_LIMITS, [limit]: 1 } };
      expect(settingsHash(changed, 'ready')).toBe(settingsHash(SETTINGS, 'ready'));
      expect(settingsHash(changed, 'rejected')).not.toBe(settingsHash(SETTINGS, 'rejected'));
    },
  );

  test('settingsHash() depends on corruption detection only for rejected images', () => {
    const changed = { ...SETTINGS, detectJpegCorruption: false };
    expect(settingsHash(changed, 'ready')).toBe(settingsHash(SETTINGS, 'ready'));
    expect(settingsHash(changed, 'rejected')).not.toBe(settingsHash(SETTINGS, 'rejected'));
  });

  test('settingsHash() ignores maxDurationSeconds', () => {
    const changed = { ...SETTINGS, limits: { ...DEFAULT_LIMITS, maxDurationSeconds: 1 } };
    expect(settingsHash(changed, 'rejected')).toBe(settingsHash(SETTINGS, 'rejected'));
  });
});

describe('thumbnailHash', () => {
  const webp: FormatSettings = { type: 'webp' };
  const hash = thumbnailHash(BASE, webp);

  test.each<[string, Partial<ThumbnailSettings>]>([
    ['the fit', { fit: 'contain' }],
    ['the width', { width: 101 }],
    ['the height', { height: 81 }],
    ['the position', { position: 'attention' }],
    ['the background', { background: '#000000' }],
    ['the background’s opacity', { background: '#ffffff00' }],
    ['enlargement', { enlarge: true }],
    ['movement', { animated: true }],
    ['metadata', { keepMetadata: ['copyright'] }],
  ])('thumbnailHash() changes with %s', (_, change) => {
    expect(thumbnailHash({ ...BASE, ...change }, webp)).not.toBe(hash);
  });

  test.each<[string, FormatSettings]>([
    ['the format', { type: 'avif' }],
    ['the quality', { type: 'webp', quality: 81 }],
    ['the effort', { type: 'webp', effort: 6 }],
    ['losslessness', { type: 'webp', lossless: true }],
  ])('thumbnailHash() changes with %s', (_, changed) => {
    expect(thumbnailHash(BASE, changed)).not.toBe(hash);
  });

  test.each<[string, Partial<ThumbnailSettings>]>([
    ['a name', { name: 'other' }],
    ['other formats', { formats: [{ type: 'webp' }, { type: 'png' }] }],
    ['a colour in upper case', { background: '#FFFFFF' }],
    ['an opacity in words', { background: '#ffffffFF' }],
    ['an empty list of metadata', { keepMetadata: [] }],
  ])('thumbnailHash() does not change with %s', (_, change) => {
    expect(thumbnailHash({ ...BASE, ...change }, webp)).toBe(hash);
  });

  test('thumbnailHash() does not depend on the order of metadata fields, or on metadata of a GIF', () => {
    const [one, other] = [
      ['copyright', 'icc'],
      ['icc', 'copyright'],
    ] as const;
    expect(thumbnailHash({ ...BASE, keepMetadata: one }, webp)).toBe(
      thumbnailHash({ ...BASE, keepMetadata: other }, webp),
    );
    expect(thumbnailHash({ ...BASE, keepMetadata: one }, { type: 'gif' })).toBe(thumbnailHash(BASE, { type: 'gif' }));
  });

  test('thumbnailHash() does not depend on settings without effect', () => {
    const inside: ThumbnailSettings = { ...BASE, fit: 'inside' };
    expect(thumbnailHash({ ...inside, position: 'attention' }, webp)).toBe(thumbnailHash(inside, webp));
    expect(thumbnailHash({ ...BASE, animated: true }, { type: 'jpeg' })).toBe(thumbnailHash(BASE, { type: 'jpeg' }));
  });
});

describe('fingerprint', () => {
  const source = { etag: 'e1', focalPoint: { x: 0.1, y: 0.9 } };
  const before = fingerprint(source, [], 'settings');
  const warning = { code: 'invalid-focal-point', message: 'wrong' } as const;

  test.each([
    ['bytes', { ...source, etag: 'e2' }, [], 'settings'],
    ['a focal point', { etag: 'e1', focalPoint: { x: 0.9, y: 0.1 } }, [], 'settings'],
    ['no focal point', { etag: 'e1' }, [], 'settings'],
    ['a warning', source, [warning], 'settings'],
    ['settings', source, [], 'others'],
  ])('the fingerprint changes with %s', (_, changed, warnings, settings) => {
    expect(fingerprint(changed, warnings, settings)).not.toBe(before);
  });

  test('the fingerprint is equal for equal input', () => {
    expect(fingerprint({ ...source }, [], 'settings')).toBe(before);
    expect(before).toMatch(/^[0-9a-f]{32}$/);
  });
});
