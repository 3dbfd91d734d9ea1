import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { oneThumbnail } from '../../unit/engine/rendering';
import { drawing } from './cases';

// The renderer must not read local files or network resources that an SVG references.

let folder: string;
let server: Server;
let url: string;
const asked: string[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-outside-'));
  writeFileSync(
    join(folder, 'secret.png'),
    await sharp({ create: { width: 80, height: 60, channels: 3, background: 'red' } })
      .png()
      .toBuffer(),
  );
  writeFileSync(
    join(folder, 'secret.svg'),
    '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="60"><rect id="a" width="80" height="60" fill="red"/></svg>',
  );
  writeFileSync(join(folder, 'secret.css'), 'rect { fill: red }');
  writeFileSync(
    join(folder, 'secret.txt'),
    '<rect xmlns="http://www.w3.org/2000/svg" width="80" height="60" fill="red"/>',
  );
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** References of an SVG to external resources. `BASE` is the location of the resource. */
const WAYS: Readonly<Record<string, readonly [content: string, start?: string]>> = {
  'an image element': ['<image xlink:href="BASE/secret.png" width="80" height="60"/>'],
  'an image element with href': ['<image href="BASE/secret.png" width="80" height="60"/>'],
  'an image element that refers to an SVG': ['<image xlink:href="BASE/secret.svg" width="80" height="60"/>'],
  'a use element that refers to another SVG': ['<use xlink:href="BASE/secret.svg#a"/>'],
  'a filter that refers to an image': [
    '<filter id="f"><feImage xlink:href="BASE/secret.png"/></filter><rect width="80" height="60" fill="none" filter="url(#f)"/>',
  ],
  'a style sheet': ['<rect width="80" height="60" fill="none"/>', '<?xml-stylesheet href="BASE/secret.css"?>'],
  'an imported style sheet': [
    '<style>@import url("BASE/secret.css");</style><rect width="80" height="60" fill="none"/>',
  ],
  'a font': [
    '<style>@font-face { font-family: f; src: url("BASE/secret.txt") }</style><text font-family="f" y="20"> </text>',
  ],
  'a pattern in another file': ['<rect width="80" height="60" fill="url(BASE/secret.svg#a)"/>'],
  'an external entity': ['&secret;', '<!DOCTYPE svg [<!ENTITY secret SYSTEM "BASE/secret.txt">]>'],
  'an external parameter entity': ['', '<!DOCTYPE svg [<!ENTITY % secret SYSTEM "BASE/secret.txt"> %secret;]>'],
  'an external document type definition': ['', '<!DOCTYPE svg SYSTEM "BASE/secret.txt">'],
  'an XInclude element': ['<xi:include href="BASE/secret.txt"/>'],
  'an XInclude element with parse="text"': ['<text y="20"><xi:include href="BASE/secret.txt" parse="text"/></text>'],
  'a script': ['<script xlink:href="BASE/secret.txt"/>'],
};

/** Returns whether the thumbnail contains red pixels, which show that the renderer has read a file. */
async function isRead(svg: Buffer): Promise<boolean> {
  const made = await oneThumbnail(svg, { allowSvg: true, width: 80, height: 60 }).catch(() => undefined);
  if (made === undefined) {
    return false;
  }
  const pixels = await sharp(made.body).ensureAlpha().raw().toBuffer();
  for (let at = 0; at < pixels.length; at += 4) {
    if ((pixels[at] ?? 0) > 200 && (pixels[at + 3] ?? 0) > 200 && (pixels[at + 1] ?? 0) < 100) {
      return true;
    }
  }
  return false;
}

test('the thumbnail shows a red shape of the SVG file itself', async () => {
  expect(await isRead(drawing('<rect width="80" height="60" fill="red"/>'))).toBe(true);
});

test.each(Object.entries(WAYS))('%s', async (_name, [content, start = '']) => {
  const places = [
    pathToFileURL(folder).href,
    folder,
    url,
    url.replace('http:', ''),
    '../../../../../../../..' + folder,
  ];
  for (const place of places) {
    const svg = drawing(content.replaceAll('BASE', place), start.replaceAll('BASE', place));
    expect(await isRead(svg)).toBe(false);
  }
  expect(asked).toEqual([]);
});
