import fc from 'fast-check';
import { sniff } from '../../../../runtime/engine';
import { describe as describeContent } from '../../../../runtime/engine/probe/sniff';
import { heic } from '../../../support/heic';
import { quadrants, type ImageFormat } from '../../../support/images';

fc.configureGlobal({ seed: 1 });

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>';

describe('detects', () => {
  test.each(['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] satisfies ImageFormat[])('%s', async (format) => {
    expect(sniff(await quadrants({ format }))).toBe(format);
  });

  test.each([
    ['its major brand', heic()],
    ['another HEIC brand', heic({ brands: ['heix', 'mif1'] })],
    ['a generic major brand and a HEIC brand', heic({ brands: ['mif1', 'heic'] })],
    ['generic brands only', heic({ brands: ['mif1', 'miaf'] })],
  ])('heic with %s', (_name, bytes) => {
    expect(sniff(bytes)).toBe('heic');
  });

  test('sniff() detects an AVIF with only generic brands', async () => {
    const bytes = await quadrants({ format: 'avif' });
    for (const brand of ['avif', 'avis']) {
      for (let at = bytes.indexOf(brand); at >= 0 && at < 40; at = bytes.indexOf(brand)) {
        bytes.write('mif1', at);
      }
    }
    expect(sniff(bytes)).toBe('avif');
  });

  test('sniff() detects big-endian TIFF and BigTIFF', () => {
    for (const start of ['4d4d002a', '4d4d002b', '49492a00', '49492b00']) {
      expect(sniff(Buffer.from(`${start}00000008`, 'hex'))).toBe('tiff');
    }
  });

  test.each([
    SVG,
    `\ufeff  ${SVG}`,
    `<?xml version="1.0"?>\n<!-- <b>drawn</b> by hand -->\n${SVG}`,
    `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">${SVG}`,
    `<!DOCTYPE svg [ <!ENTITY a "b"> ]>${SVG}`,
    '<svg:svg xmlns:svg="http://www.w3.org/2000/svg"/>',
  ])('svg: %s', (text) => {
    expect(sniff(Buffer.from(text))).toBe('svg');
    expect(sniff(Buffer.from(`\ufeff${text.replace('\ufeff', '')}`, 'utf16le'))).toBe('svg');
  });
});

describe('unsupported content', () => {
  test.each([
    [`<!doctype html><body>${SVG}</body>`, 'an HTML page'],
    [`<html>${SVG}</html>`, 'an HTML page'],
    ['%PDF-1.7', 'a PDF'],
    ['BM\0\0\0\0', 'a BMP'],
    ['8BPS\0\x01', 'a Photoshop document'],
    ['\0\0\0\x0cjP  \r\n', 'a JPEG 2000'],
    ['\0\0\0\x0cJXL \r\n', 'a JPEG XL'],
    ['\0\0\0\x1cftypisom\0\0\0\0isommp42', 'a video or another ISO media file'],
    ['\x1f\x8b\x08', 'compressed with gzip'],
    ['FUJIFILMCCD-RAW 0201', 'a camera raw file (RAF)'],
    ['IIRO\x08\0\0\0', 'a camera raw file (ORF)'],
    ['IIU\0\x08\0\0\0', 'a camera raw file (RW2)'],
    ['\0\0\0\x18ftypcrx \0\0\0\x01crx isom', 'a camera raw file (CR3)'],
    ['<!--ftypavif-->', 'of an unknown format (first bytes 3c 21 2d 2d 66 74 79 70)'],
    ['GIF', 'of an unknown format (first bytes 47 49 46)'],
  ])('unsupported content is described: %j', (text, name) => {
    const bytes = Buffer.from(text, 'latin1');
    expect(sniff(bytes)).toBeUndefined();
    expect(describeContent(bytes)).toBe(name);
  });

  test('sniff() accepts any content without an exception', () => {
    const start = fc.constantFrom('', '\xff\xd8\xff', '\0\0\0\x18ftypmif1', 'RIFF', '<svg', '<!--', '<?xml ', 'II*\0');
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 200 }), (head, tail) => {
        const bytes = Buffer.concat([Buffer.from(head, 'latin1'), tail]);
        sniff(bytes);
        expect(describeContent(bytes)).not.toBe('');
      }),
    );
  });
});
