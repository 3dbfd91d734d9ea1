import sharp from 'sharp';
import type { Format, ThumbnailMetadataField } from '../../../runtime/contract';
import { render } from '../../../runtime/engine';
import { exifOf, parseExifTexts } from '../../../runtime/engine/probe/exif-texts';
import { optionsFor } from './rendering';

const TEXTS = { Copyright: 'Zoe Example (2026)', Artist: 'Zoe Example', ImageDescription: 'A red square' };
/** Texts that no thumbnail may contain: GPS, camera, XMP and IPTC. */
const SECRETS = ['52/1', 'WGS-84', 'SECRET-MODEL', 'GPSLatitude', 'SECRET-XMP', 'SECRET-IPTC'];

/** Generates an image with EXIF texts, a GPS position, a camera model and XMP. JPEG also has an IPTC segment. */
async function source(format: 'jpeg' | 'png' | 'webp' | 'avif'): Promise<Buffer> {
  const xmp =
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
    '<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="52,31.2N" ' +
    'exif:UserComment="SECRET-XMP"/></rdf:RDF></x:xmpmeta>';
  const image = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'red' } })
    .withExif({
      // libvips removes the last group in parentheses from a text.
      IFD0: { ...TEXTS, Copyright: `${TEXTS.Copyright} ()`, Model: 'SECRET-MODEL' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 12/1', GPSMapDatum: 'WGS-84' },
    })
    .withXmp(xmp)
    [format]()
    .toBuffer();
  if (format !== 'jpeg') {
    return image;
  }
  const caption = Buffer.from('SECRET-IPTC');
  const record = Buffer.concat([Buffer.from([0x1c, 2, 120, 0, caption.length]), caption]);
  const padded = record.length % 2 === 0 ? record : Buffer.concat([record, Buffer.alloc(1)]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(record.length);
  const resource = Buffer.concat([Buffer.from('Photoshop 3.0\0' + '8BIM\x04\x04\0\0', 'latin1'), size, padded]);
  const header = Buffer.from([0xff, 0xed, 0, 0]);
  header.writeUInt16BE(resource.length + 2, 2);
  return Buffer.concat([image.subarray(0, 2), header, resource, image.subarray(2)]);
}

async function thumbnailOf(bytes: Buffer, type: Format, keepMetadata?: readonly ThumbnailMetadataField[]) {
  const settings = { name: 'a', fit: 'inside', width: 32, height: 32, formats: [{ type }], keepMetadata } as const;
  const { thumbnails } = await render(bytes, optionsFor([settings]));
  return thumbnails[0]!.body;
}

async function textsOf(body: Buffer): Promise<object> {
  const { exif } = await sharp(body).metadata();
  return exif ? parseExifTexts(exif) : {};
}

const ALL = ['copyright', 'artist', 'description', 'icc'] as const;

describe.each(['jpeg', 'png', 'webp', 'avif'] as const)('a %s source with EXIF, GPS and XMP', (from) => {
  test('the generated source contains the GPS position and all other private texts', async () => {
    const text = (await source(from)).toString('latin1');
    const expected = SECRETS.filter((secret) => secret !== '52/1' && (from === 'jpeg' || secret !== 'SECRET-IPTC'));
    // PNG compresses XMP.
    expect(expected.filter((secret) => !text.includes(secret) && from !== 'png')).toEqual([]);
    expect((await sharp(await source(from)).metadata()).exif?.includes('WGS-84')).toBe(true);
  });

  test.each(['jpeg', 'png', 'webp', 'avif', 'gif'] as const)(
    'no %s thumbnail contains private metadata',
    async (to) => {
      for (const keepMetadata of [undefined, [], ALL]) {
        const body = await thumbnailOf(await source(from), to, keepMetadata);
        const { exif, xmp, iptc, icc } = await sharp(body).metadata();
        const text = body.toString('latin1') + (exif?.toString('latin1') ?? '');
        expect(SECRETS.filter((secret) => text.includes(secret))).toEqual([]);
        expect([xmp, iptc]).toEqual([undefined, undefined]);
        const keeps = to !== 'gif' && keepMetadata === ALL;
        expect([exif !== undefined, icc !== undefined]).toEqual([keeps, keeps]);
        expect(await textsOf(body)).toEqual(
          keeps ? { copyright: TEXTS.Copyright, artist: TEXTS.Artist, description: TEXTS.ImageDescription } : {},
        );
        // Tag 0x8825 points to the GPS directory.
        expect(exif?.includes(Buffer.from([0x25, 0x88])) ?? false).toBe(false);
      }
    },
  );
});

test('a thumbnail contains only the selected fields', async () => {
  const bytes = await source('jpeg');
  expect(await textsOf(await thumbnailOf(bytes, 'webp', ['artist']))).toEqual({ artist: TEXTS.Artist });
  const { exif, icc } = await sharp(await thumbnailOf(bytes, 'webp', ['icc'])).metadata();
  expect([exif === undefined, icc !== undefined]).toEqual([true, true]);
});

test('the thumbnails of a source without EXIF contain no texts', async () => {
  const plain = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  expect((await sharp(await thumbnailOf(plain, 'jpeg', ['copyright'])).metadata()).exif).toBeUndefined();
});

test('the parser accepts every truncation and every changed byte', async () => {
  const { exif } = await sharp(await source('jpeg')).metadata();
  for (let at = 0; at < exif!.length; at++) {
    expect(() => parseExifTexts(exif!.subarray(0, at))).not.toThrow();
    const changed = Buffer.from(exif!);
    changed[at] = changed[at]! ^ 0xff;
    expect(() => parseExifTexts(changed)).not.toThrow();
  }
});

test('the parser joins the two parts of a copyright and removes control characters', () => {
  const text = Buffer.from('A\x07B\0C\0', 'latin1');
  const exif = Buffer.alloc(26 + text.length);
  exif.write('II*\0', 'latin1');
  exif.writeUInt32LE(8, 4);
  exif.writeUInt16LE(1, 8);
  exif.writeUInt16LE(0x8298, 10);
  exif.writeUInt16LE(2, 12);
  exif.writeUInt32LE(text.length, 14);
  exif.writeUInt32LE(26, 18);
  text.copy(exif, 26);
  expect(parseExifTexts(exif)).toEqual({ copyright: 'A B; C' });
  expect(exifOf({ copyright: 'A' }, ['artist'])).toBeUndefined();
});
