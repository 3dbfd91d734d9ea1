import fc from 'fast-check';
import { srcsets, type SrcsetCandidate } from '../../../../runtime/pipeline/thumbnail-set/srcset';

function candidate(key: string, width: number, height: number, format: SrcsetCandidate['format'] = 'webp') {
  return { key, width, height, format };
}

test('srcsets() lists the thumbnails of each format in order of width', () => {
  const thumbnails = [
    candidate('a/cat.jpg/large.webp', 1600, 1200),
    candidate('a/cat.jpg/large.jpg', 1600, 1200, 'jpeg'),
    candidate('a/cat.jpg/small.webp', 200, 150),
  ];
  expect(srcsets({ width: 4000, height: 3000 }, thumbnails)).toEqual({
    webp: '/a/cat.jpg/small.webp 200w, /a/cat.jpg/large.webp 1600w',
    jpeg: '/a/cat.jpg/large.jpg 1600w',
  });
});

test('srcsets() lists each width once', () => {
  const thumbnails = [candidate('first', 90, 60), candidate('second', 90, 60)];
  expect(srcsets({ width: 90, height: 60 }, thumbnails)).toEqual({ webp: '/first 90w' });
});

test('srcsets() omits cropped thumbnails if uncropped thumbnails exist', () => {
  const thumbnails = [candidate('small', 200, 133), candidate('square', 320, 320), candidate('large', 1600, 1064)];
  expect(srcsets({ width: 6016, height: 4000 }, thumbnails)).toEqual({ webp: '/small 200w, /large 1600w' });
});

test('srcsets() lists cropped thumbnails of one aspect ratio if no uncropped thumbnails exist', () => {
  const thumbnails = [candidate('small', 160, 160), candidate('wide', 320, 90), candidate('large', 640, 640)];
  expect(srcsets({ width: 4000, height: 3000 }, thumbnails)).toEqual({ webp: '/small 160w, /large 640w' });
});

test('srcsets() returns an empty object without thumbnails', () => {
  expect(srcsets({ width: 10, height: 10 }, [])).toEqual({});
});

test('srcsets() lists every scaled thumbnail, regardless of rounding', () => {
  const side = fc.integer({ min: 1, max: 10_000 });
  fc.assert(
    fc.property(side, side, fc.integer({ min: 1, max: 2000 }), fc.boolean(), (width, height, box, up) => {
      const scale = Math.min(1, box / width, box / height);
      const round = (length: number) => Math.max(1, up ? Math.ceil(length - 1e-9) : Math.floor(length + 1e-9));
      const size = { width: round(width * scale), height: round(height * scale) };
      const crop = candidate('crop', 7777, 3);
      const listed = srcsets({ width, height }, [crop, candidate('scaled', size.width, size.height)]).webp;
      expect(listed).toContain(`/scaled ${size.width}w`);
    }),
    { seed: 19, numRuns: 1000 },
  );
});

test('srcsets() encodes keys so that parsers read separate candidates with the original keys', () => {
  const key = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !/(^|\/)(\.{1,2})?(\/|$)/.test(text));
  fc.assert(
    fc.property(key, (text) => {
      const listed = srcsets({ width: 1, height: 1 }, [candidate(text, 1, 1)]).webp!;
      const [url, descriptor, ...rest] = listed.split(/[ ,]/);
      expect([descriptor, rest]).toEqual(['1w', []]);
      const { pathname, search, hash } = new URL(url!, 'https://example.com');
      expect([decodeURIComponent(pathname.slice(1)), search, hash]).toEqual([text, '', '']);
    }),
    { seed: 23, numRuns: 1000 },
  );
});
