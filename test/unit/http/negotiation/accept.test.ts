import fc from 'fast-check';
import { FORMATS, type Format, type ThumbnailSettings } from '../../../../runtime/contract';
import { parseAccept } from '../../../../runtime/http/negotiation/accept';
import { chooseFormat } from '../../../../runtime/http/negotiation/choose-format';
import { RUNS } from '../key-arbitrary';

fc.configureGlobal({ seed: 1 });

function thumbnail(...formats: readonly Format[]): ThumbnailSettings {
  return { name: 'small', fit: 'inside', width: 9, height: 9, formats: formats.map((type) => ({ type })) };
}

function choose(formats: readonly Format[], accept: string | undefined, format?: string) {
  return chooseFormat(thumbnail(...formats), { accept, format });
}

const ALL: readonly Format[] = ['jpeg', 'webp', 'avif'];

// Browsers send these Accept headers for an <img>.
const CHROME = 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8';
const FIREFOX_91 = 'image/avif,image/webp,*/*';
const FIREFOX_65 = 'image/webp,*/*';
const SAFARI_15 = 'image/webp,image/avif,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5';
const SAFARI_13 = 'image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5';

describe('the chosen format', () => {
  test.each([
    [CHROME, 'avif'],
    [FIREFOX_91, 'avif'],
    [FIREFOX_65, 'webp'],
    [SAFARI_15, 'avif'],
    [SAFARI_13, 'jpeg'],
    ['*/*', 'jpeg'],
    ['image/*', 'jpeg'],
    [undefined, 'jpeg'],
    ['', 'jpeg'],
    ['image/webp', 'webp'],
    ['IMAGE/WEBP', 'webp'],
    ['image/avif;q=0.5, image/webp;q=0.8', 'webp'],
    ['image/avif;q=0, image/webp;q=0.1, */*;q=0', 'webp'],
    ['image/avif;q=0, image/*', 'jpeg'],
    ['image/jpeg;q=0, image/*', 'webp'],
    ['image/jpeg;q=0.2, */*;q=0.5', 'webp'],
    ['image/*;q=0, */*', 'jpeg'],
    ['text/html', 'jpeg'],
    ['image/avif;q=1.5', 'jpeg'],
    ['image/avif;q=high, image/webp;q=0.001', 'webp'],
    ['image/avif ; q=0.9 , image/webp ;q=0.8', 'avif'],
    ['image/webp;level=1;q=0.9, image/avif;q=0.8', 'webp'],
    [',,;,image/webp,', 'webp'],
    ['webp', 'jpeg'],
  ])('%s: %s', (accept, format) => {
    expect(choose(ALL, accept)).toEqual({ format, varies: true });
  });

  test('the format equals the requested format and does not vary by Accept', () => {
    expect(choose(ALL, CHROME, 'jpeg')).toEqual({ format: 'jpeg', varies: false });
  });

  test('the format equals the only format of the thumbnail and does not vary by Accept', () => {
    expect(choose(['webp'], 'image/avif')).toEqual({ format: 'webp', varies: false });
    expect(choose(['webp'], 'image/webp;q=0')).toEqual({ format: 'webp', varies: false });
  });

  const formatsArbitrary = fc.uniqueArray(fc.constantFrom(...FORMATS), { minLength: 1 });
  const rangeArbitrary = fc.oneof(
    fc.constantFrom('*/*', 'image/*', 'text/*', 'text/html', ...FORMATS.map((format) => `image/${format}`)),
    fc.string({ maxLength: 12 }).filter((text) => !/[\r\n\0]/.test(text)),
  );
  const elementArbitrary = fc
    .tuple(rangeArbitrary, fc.option(fc.constantFrom('0', '0.0', '0.001', '0.3', '0.8', '1', '1.000', '2', 'x', '')))
    .map(([range, quality]) => (quality === null ? range : `${range};q=${quality}`));
  const headerArbitrary = fc
    .array(elementArbitrary, { maxLength: 12 })
    .map((elements) => Buffer.from(elements.join(', ')).toString('latin1'))
    // Characters that a header value can contain.
    .filter((header) => /^[\t\x20-\x7e\x80-\xff]*$/.test(header));

  test('the selected format has the highest quality in the Accept header among the formats of the thumbnail', () => {
    fc.assert(
      fc.property(formatsArbitrary, headerArbitrary, (formats, header) => {
        const { format } = choose(formats, header);
        const accepted = parseAccept(new Headers({ Accept: header }).get('Accept')!);
        const taken = formats.filter((each) => accepted(`image/${each}`).quality > 0);
        expect(formats).toContain(format);
        expect(taken.length === 0 ? [formats[0]] : taken).toContain(format);
        // No other format has a higher quality.
        const best = Math.max(...formats.map((each) => accepted(`image/${each}`).quality));
        expect(accepted(`image/${format}`).quality).toBe(best);
      }),
      RUNS,
    );
  });

  test('the format does not depend on the order of media ranges', () => {
    fc.assert(
      fc.property(formatsArbitrary, fc.array(elementArbitrary, { maxLength: 6 }), (formats, elements) => {
        const isHeader = (text: string) => /^[\t\x20-\x7e]*$/.test(text);
        fc.pre(elements.every(isHeader));
        expect(choose(formats, elements.join(',')).format).toBe(
          choose(formats, [...elements].reverse().join(',')).format,
        );
      }),
      RUNS,
    );
  });

  test.each([
    ['image/webp,'.repeat(745), 'webp'],
    [`${';q=0'.repeat(2000)},image/avif`, 'avif'],
    [`image/webp;${' '.repeat(8000)}q=1`, 'webp'],
    ['/'.repeat(8192), 'jpeg'],
    [`${'a'.repeat(8000)}/*, image/webp`, 'webp'],
  ])('the chosen format is found in a header of 8 KB', (accept, format) => {
    expect(accept.length).toBeGreaterThan(8000);
    expect(choose(ALL, accept).format).toBe(format);
  });
});
