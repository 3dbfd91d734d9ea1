import fc from 'fast-check';
import { FORMATS } from '../../../../runtime/contract';
import { REJECTION_CODES } from '../../../../runtime/engine';
import type { RejectedManifest, Manifest, ManifestSource, ReadyManifest } from '../../../../runtime/pipeline';
import { parseManifest, serializeManifest } from '../../../../runtime/pipeline/thumbnail-set/manifest-schema';

const side = fc.integer({ min: 1, max: 100_000 });
const fraction = fc.integer({ min: 0, max: 100 }).map((hundredths) => hundredths / 100);
const text = fc.string({ unit: 'binary', minLength: 1 });

const source: fc.Arbitrary<ManifestSource> = fc.record(
  {
    key: text,
    etag: fc.string(),
    bytes: fc.nat(),
    focalPoint: fc.record({ x: fraction, y: fraction }),
    warnings: fc.array(fc.string()),
  },
  { requiredKeys: ['key', 'etag', 'bytes'] },
);
const base = { version: fc.constant(1 as const), source, fingerprint: text };
const ready: fc.Arbitrary<ReadyManifest> = fc.record({
  ...base,
  status: fc.constant('ready' as const),
  image: fc.record(
    {
      format: fc.constantFrom('jpeg', 'png', 'webp', 'avif', 'gif', 'tiff', 'heic', 'svg'),
      width: side,
      height: side,
      frames: side,
      hasAlpha: fc.boolean(),
      salvaged: fc.string(),
    },
    { requiredKeys: ['format', 'width', 'height', 'frames', 'hasAlpha'] },
  ),
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
const failed: fc.Arbitrary<RejectedManifest> = fc.record({
  ...base,
  status: fc.constant('rejected' as const),
  rejection: fc.record({ code: fc.constantFrom(...REJECTION_CODES), message: fc.string() }),
});
const manifest: fc.Arbitrary<Manifest> = fc.oneof(ready, failed);

const FAILED: RejectedManifest = {
  version: 1,
  status: 'rejected',
  source: { key: 'a.jpg', etag: 'e', bytes: 3 },
  fingerprint: 'f',
  rejection: { code: 'corrupt', message: 'damaged' },
};

function parse(value: unknown): Manifest | undefined {
  return parseManifest(Buffer.from(JSON.stringify(value)));
}

test('what was written is read', () => {
  fc.assert(
    fc.property(manifest, (written) => {
      expect(parseManifest(serializeManifest(written))).toEqual(written);
    }),
    { seed: 29, numRuns: 500 },
  );
});

test('the same manifest has the same bytes', () => {
  fc.assert(
    fc.property(manifest, (written) => {
      const read = parseManifest(serializeManifest(written))!;
      expect(serializeManifest(read).equals(serializeManifest(structuredClone(read)))).toBe(true);
    }),
    { seed: 31, numRuns: 200 },
  );
});

test('members that a later version may add are passed over', () => {
  expect(parse({ ...FAILED, more: 1 })).toEqual(FAILED);
});

test.each<[string, unknown]>([
  ['of another version', { ...FAILED, version: 2 }],
  ['of another status', { ...FAILED, status: 'pending' }],
  ['with another rejection', { ...FAILED, rejection: { code: 'no', message: '' } }],
  ['without a source', { ...FAILED, source: undefined }],
  ['without a fingerprint', { ...FAILED, fingerprint: '' }],
  ['that is a web app’s', { name: 'App', icons: [{ src: 'icon.png', sizes: '192x192' }] }],
  ['that is a list', []],
  ['that is null', null],
])('a manifest %s counts as none', (_, value) => {
  expect(parse(value)).toBeUndefined();
});

test.each(['', '{', '\u0000', '{"version":1'])('%j is no manifest', (bytes) => {
  expect(parseManifest(Buffer.from(bytes))).toBeUndefined();
});
