import { gzipSync } from 'node:zlib';
import { ascii, inserted, u16, u32 } from '../bytes';
import { noisy, SVG } from '../seeds';
import { cases, type HostileCase } from './case';

const jpeg = (): Promise<Buffer> => noisy().jpeg().toBuffer();
const png = (): Promise<Buffer> => noisy().png().toBuffer();
const zip = Buffer.concat([ascii('PK\x03\x04'), Buffer.alloc(60), ascii('PK\x05\x06'), Buffer.alloc(18)]);

function commented(image: Buffer, comment: string): Buffer {
  return inserted(image, 2, Buffer.concat([Buffer.from([0xff, 0xfe]), u16(comment.length + 2), ascii(comment)]));
}

/** Files whose name or first bytes suggest another format. The content determines the format. */
export const disguiseCases: readonly HostileCase[] = cases({
  nothing: [() => Buffer.alloc(0), 'empty-file'],
  'files of a few bytes': [
    () => [ascii('a'), ascii('\xff'), ascii('\xff\xd8'), ascii('GIF8'), ascii('RIFF'), ascii('II*'), ascii('<')],
    'unsupported-format',
  ],
  'files of only zeros, ones or spaces': [
    () => [Buffer.alloc(5000), Buffer.alloc(5000, 0xff), Buffer.alloc(5000, 32)],
    'unsupported-format',
  ],
  'text files and HTML pages': [
    () =>
      [
        'hello',
        '<!doctype html><html><body><script>alert(1)</script>',
        '<?php system($_GET["c"]); ?>',
        '{"a":1}',
        '<!--ftypavif--><script>',
      ].map(ascii),
    'unsupported-format',
  ],
  'documents, archives and programs': [
    () =>
      [
        '%PDF-1.7\n',
        '%!PS-Adobe-3.0 EPSF-3.0\n',
        'PK\x03\x04',
        '\x1f\x8b\x08',
        '\x7fELF',
        'MZ\x90\0',
        'SQLite format 3\0',
        'Rar!\x1a\x07',
      ].map((text) => Buffer.concat([ascii(text), Buffer.alloc(300, 7)])),
    'unsupported-format',
  ],
  'images of unsupported formats': [
    () =>
      [
        'BM',
        '8BPS\0\x01',
        '\0\0\x01\0\x01\0',
        'icns\0\0\0\0',
        '\0\0\0\x0cJXL \r\n\x87\n',
        '\xff\x0a',
        '\0\0\0\x0cjP  \r\n\x87\n',
        '\xff\x4f\xff\x51',
        'P6\n9 9\n255\n',
        'P1\n1 1\n1',
        '#?RADIANCE\n',
        'v/1\x01',
        'SIMPLE  =',
        'DDS ',
        'BLP2',
        '\x01\xda',
        'gimp xcf ',
        'push graphic-context\nviewbox 0 0 9 9\n',
        'MATLAB 5.0',
        '\x08\xf2\xa6\xb6',
      ].map((text) => Buffer.concat([ascii(text), Buffer.alloc(600, 9)])),
    'unsupported-format',
  ],
  'an icon file with entries of size zero': [
    () =>
      Buffer.concat([
        ascii('icns'),
        u32(5000),
        ...Array.from({ length: 500 }, () => Buffer.concat([ascii('ic07'), u32(0)])),
      ]),
    'unsupported-format',
  ],
  videos: [
    () =>
      ['isom', 'mp42', 'qt  ', 'M4V '].map((brand) =>
        Buffer.concat([u32(24), ascii('ftyp'), ascii(brand), u32(0), ascii(brand), ascii('iso2'), Buffer.alloc(500)]),
      ),
    'unsupported-format',
  ],
  'a compressed SVG': [() => gzipSync(SVG), 'unsupported-format'],
  'an SVG without allowSvg': [
    () => [
      ascii(SVG),
      ascii('<svg onload="alert(1)"/>'),
      Buffer.from(`\ufeff${SVG}`),
      Buffer.from(`\ufeff${SVG}`, 'utf16le'),
    ],
    'unsupported-format',
  ],
  'an HTML page that contains an SVG': [() => ascii(`<html><body>${SVG}</body></html>`), 'unsupported-format'],
  'a JPEG followed by a ZIP archive': [async () => Buffer.concat([await jpeg(), zip]), 'rendered'],
  'a JPEG that contains HTML': [
    async () => [
      Buffer.concat([await jpeg(), ascii('<script>alert(1)</script>')]),
      commented(await jpeg(), '<html><script>alert(1)</script></html>'),
    ],
    'rendered',
  ],
  'a JPEG that contains PHP or JavaScript': [
    async () => [
      commented(await jpeg(), '<?php system($_GET["c"]); __halt_compiler(); ?>'),
      commented(await jpeg(), '*/alert(1)/*'),
    ],
    'rendered',
  ],
  'a JPEG that contains a PDF': [
    async () => commented(await jpeg(), '%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj'),
    'rendered',
  ],
  'a GIF that is also valid JavaScript': [
    // As JavaScript, this file is GIF89a/*…*/=1. The width starts the JavaScript comment, and a GIF comment block ends it.
    () =>
      Buffer.concat([
        ascii('GIF89a/*\x01\0\0\0\0'),
        ascii('\x21\xfe\x0d*/=1;alert(1)/\0'),
        Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0x80, 255, 0, 0, 0, 0, 255, 2, 2, 0x44, 1, 0, 0x3b]),
      ]),
    'rendered',
    'corrupt',
    'truncated',
  ],
  'a PNG followed by HTML': [
    async () => Buffer.concat([await png(), ascii('<html><script>alert(1)</script></html>')]),
    'rendered',
  ],
  'an image followed by another image': [
    async () => [Buffer.concat([await jpeg(), await png()]), Buffer.concat([await png(), await jpeg()])],
    'rendered',
  ],
  'additional bytes before an image': [
    async () => [Buffer.concat([ascii('\n'), await jpeg()]), Buffer.concat([Buffer.alloc(16), await png()])],
    'unsupported-format',
  ],
  'the signature of one format and the content of another': [
    async () => [
      Buffer.concat([ascii('\xff\xd8\xff'), (await png()).subarray(3)]),
      Buffer.concat([ascii('\x89PNG\r\n\x1a\n'), (await jpeg()).subarray(8)]),
      Buffer.concat([ascii('GIF89a'), (await png()).subarray(6)]),
      Buffer.concat([ascii('RIFF\0\0\0\x01WEBP'), await jpeg()]),
      Buffer.concat([ascii('II*\0'), await jpeg()]),
    ],
    'corrupt',
    'truncated',
    'too-many-pixels',
    'rendered',
    'warned',
  ],
});
