import fc from 'fast-check';
import { rgbaToThumbHash, thumbHashToDataURL } from 'thumbhash';
import { pictureAttributes, type ReadyImage } from '../../../client';
import { placeholderUrl } from '../../../client/placeholder';
import { contentTypeOf } from '../../../runtime/engine';
import { pictureElement } from '../../../runtime/http/routes/picture-element';

fc.configureGlobal({ seed: 1 });

const FORMATS = ['avif', 'webp', 'png', 'gif', 'jpeg'] as const;

/** Returns the part of a manifest that the client reads. */
function imageOf(formats: readonly (typeof FORMATS)[number][], widths: readonly number[]): ReadyImage {
  const url = (format: string, width: number): string => `/thumbnails/w${width}/a%2Cb.jpg?format=${format}&v=abc`;
  return {
    thumbnails: formats.flatMap((format) =>
      widths.map((width) => ({
        ...{ format, width, height: width, contentType: contentTypeOf(format), url: url(format, width) },
      })),
    ),
    srcset: Object.fromEntries(
      formats.map((format) => [format, widths.map((width) => `${url(format, width)} ${width}w`).join(', ')]),
    ),
  };
}

/** Returns the attributes as a `picture` element, in the format of the HTTP API. */
function elementOf(image: ReadyImage): string {
  const { sources, img } = pictureAttributes({ url: '' }, image, { alt: '' });
  const text = (value: string): string => value.replaceAll('&', '&amp;');
  const elements = sources.map(
    ({ type, srcset, sizes }) => `<source type="${type}" srcset="${text(srcset)}" sizes="${sizes}">`,
  );
  const { src, srcset, sizes, width, height, alt } = img;
  return `<picture>${elements.join('')}<img src="${text(src)}" srcset="${text(srcset)}" sizes="${sizes}" width="${width}" height="${height}" alt="${alt}"></picture>`;
}

test('the client returns the attributes of the picture element in the manifest', () => {
  const formats = fc.uniqueArray(fc.constantFrom(...FORMATS), { minLength: 1 });
  const widths = fc.uniqueArray(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(formats, widths, (someFormats, someWidths) => {
      const image = imageOf(someFormats, someWidths);
      expect(elementOf(image)).toBe(pictureElement(image.srcset, image.thumbnails));
    }),
  );
});

test('the client returns the given alt and sizes, and adds the URL of the API to paths', () => {
  const image = imageOf(['webp', 'jpeg'], [100, 200]);
  const { sources, img } = pictureAttributes({ url: 'https://img.example.com/' }, image, {
    alt: 'A "cat"',
    sizes: '50vw',
  });
  expect(img).toMatchObject({ alt: 'A "cat"', sizes: '50vw', width: 200, height: 200 });
  expect(img.src).toMatch(/^https:\/\/img\.example\.com\/thumbnails\/w200\//);
  expect(sources[0]!.srcset.split(', ').map((candidate) => new URL(candidate.split(' ')[0]!).origin)).toEqual([
    'https://img.example.com',
    'https://img.example.com',
  ]);
});

test('the client does not change complete URLs', () => {
  const image = JSON.parse(
    JSON.stringify(imageOf(['webp'], [100])).replaceAll('/thumb', 'https://a/thumb'),
  ) as ReadyImage;
  expect(pictureAttributes({ url: 'https://img.example.com' }, image, { alt: '' }).img.src).toMatch(/^https:\/\/a\//);
});

test('the client rejects a manifest without thumbnails', () => {
  expect(() => pictureAttributes({ url: '' }, { thumbnails: [], srcset: {} }, { alt: '' })).toThrow('image.srcset');
});

test('the client returns the same data URL as the package thumbhash', () => {
  const pixels = fc.uint8Array({ minLength: 16 * 12 * 4, maxLength: 16 * 12 * 4 });
  fc.assert(
    fc.property(pixels, (rgba) => {
      const hash = rgbaToThumbHash(16, 12, rgba);
      const url = placeholderUrl(Buffer.from(hash).toString('base64'));
      expect(url).toBe(thumbHashToDataURL(hash));
    }),
    { numRuns: 20 },
  );
});
