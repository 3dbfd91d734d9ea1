import fc from 'fast-check';
import { FORMATS } from '../../../../runtime/contract';
import { REJECTION_CODES } from '../../../../runtime/engine';
import type { Manifest, ManifestSource, ReadyManifest, RejectedManifest } from '../../../../runtime/pipeline';
import { parseManifest, serializeManifest } from '../../../../runtime/pipeline/thumbnail-set/manifest';

const side = fc.integer({ min: 1, max: 100_000 });
const fraction = fc.integer({ min: 0, max: 100 }).map((hundredths) => hundredths / 100);
const text = fc.string({ unit: 'binary', minLength: 1 });

const source: fc.Arbitrary<ManifestSource> = fc.record(
  {
    key: text,
    etag: fc.string(),
    bytes: fc.nat(),
    focalPoint: fc.record({ x: fraction, y: fraction }),
  },
  { requiredKeys: ['key', 'etag', 'bytes'] },
);
const warning = fc.record({
  code: fc.constantFrom('truncated' as const, 'corrupt' as const, 'invalid-focal-point' as const),
  message: fc.string(),
});
const base = { version: fc.constant(1 as const), source, fingerprint: text, warnings: fc.array(warning) };
const ready: fc.Arbitrary<ReadyManifest> = fc.record({
  ...base,
  status: fc.constant('ready' as const),
  image: fc.record({
    format: fc.constantFrom('jpeg', 'png', 'webp', 'avif', 'gif', 'tiff', 'heic', 'svg'),
    width: side,
    height: side,
    frames: side,
    hasAlpha: fc.boolean(),
  }),
  thumbHash: fc.base64String(),
  dominantColor: fc.constant('#a0b0c0'),
  thumbnails: fc.array(
    fc.record({
      name: fc.constant('small'),
      format: fc.constantFrom(...FORMATS),
      contentType: fc.constant('image/webp'),
      width: side,
      height: side,
      frames: side,
      bytes: fc.nat(),
      key: text,
      etag: fc.string(),
    }),
  ),
  srcset: fc.dictionary(fc.constantFrom(...FORMATS), text, { noNullPrototype: true }),
});
const rejected: fc.Arbitrary<RejectedManifest> = fc.record({
  ...base,
  status: fc.constant('rejected' as const),
  rejection: fc.record({ code: fc.constantFrom(...REJECTION_CODES), message: fc.string() }),
});
const manifest: fc.Arbitrary<Manifest> = fc.oneof(ready, rejected);

const REJECTED: RejectedManifest = {
  version: 1,
  status: 'rejected',
  source: { key: 'a.jpg', etag: 'e', bytes: 3 },
  fingerprint: 'f',
  warnings: [],
  rejection: { code: 'corrupt', message: 'damaged' },
};

function parse(value: unknown): Manifest | undefined {
  return parseManifest(Buffer.from(JSON.stringify(value)));
}

test('parseManifest() parses a serialized manifest', () => {
  fc.assert(
    fc.property(manifest, (written) => {
      expect(parseManifest(serializeManifest(written))).toEqual(written);
    }),
    { seed: 29, numRuns: 500 },
  );
});

test('serializeManifest() serializes equal manifests to equal bytes', () => {
  fc.assert(
    fc.property(manifest, (written) => {
      const read = parseManifest(serializeManifest(written))!;
      expect(serializeManifest(read).equals(serializeManifest(structuredClone(read)))).toBe(true);
    }),
    { seed: 31, numRuns: 200 },
  );
});

test('parseManifest() ignores unknown properties', () => {
  expect(parse({ ...REJECTED, more: 1 })).toEqual(REJECTED);
});

test.each<[string, unknown]>([
  ['of another version', { ...REJECTED, version: 2 }],
  ['of another status', { ...REJECTED, status: 'pending' }],
  ['with an unknown rejection code', { ...REJECTED, rejection: { code: 'no', message: '' } }],
  ['without a source', { ...REJECTED, source: undefined }],
  ['with an unknown warning code', { ...REJECTED, warnings: [{ code: 'no', message: '' }] }],
  ['without warnings', { ...REJECTED, warnings: undefined }],
  ['without a fingerprint', { ...REJECTED, fingerprint: '' }],
  ['of a web app', { name: 'App', icons: [{ src: 'icon.png', sizes: '192x192' }] }],
  ['that is a list', []],
  ['that is null', null],
])('parseManifest() does not parse a manifest %s', (_, value) => {
  expect(parse(value)).toBeUndefined();
});

test.each(['', '{', '\u0000', '{"version":1'])('parseManifest() returns undefined for %j', (bytes) => {
  expect(parseManifest(Buffer.from(bytes))).toBeUndefined();
});
