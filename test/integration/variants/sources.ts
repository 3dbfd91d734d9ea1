// The sources that every entry point receives, and the props of their thumbnails.
import sharp from 'sharp';
import { Thumbnail, ThumbnailFormat, type ThumbnailPipelineProps, ThumbnailPosition } from '../../../lib';
import type { PutOptions } from '../../../runtime/storage';
import { heic } from '../../support/heic';
import { animation, quadrants } from '../../support/images';

export const PROPS: ThumbnailPipelineProps = {
  cacheControl: 'public, max-age=60',
  thumbnails: [
    Thumbnail.inside('small', 90, { formats: [ThumbnailFormat.webp(), ThumbnailFormat.jpeg()] }),
    Thumbnail.cover('square', 48, 48, { position: ThumbnailPosition.ATTENTION, formats: [ThumbnailFormat.avif()] }),
    Thumbnail.contain('card', 64, 40, { background: '#336699', formats: [ThumbnailFormat.png()] }),
    Thumbnail.inside('moving', 60, { animated: true, formats: [ThumbnailFormat.gif(), ThumbnailFormat.webp()] }),
  ],
};

/** Sorted file names of the thumbnail set of a source that is not rejected. */
export const FILES = [
  'card.png',
  'manifest.json',
  'moving.gif',
  'moving.webp',
  'small.jpg',
  'small.webp',
  'square.avif',
];

/** An uploaded object. */
export interface Source {
  readonly key: string;
  readonly body: Buffer;
  readonly options: PutOptions;
  /** Error code in the manifest of a rejected source. */
  readonly rejection?: string;
}

/** Creates the sources. */
export async function createSources(): Promise<Source[]> {
  const photo = await quadrants({ width: 300, height: 200, orientation: 6 });
  const of = (key: string, contentType: string, body: Buffer, metadata: Record<string, string> = {}): Source => ({
    key,
    body,
    options: { contentType, metadata },
  });
  const rejected = (rejection: string, source: Source): Source => ({ ...source, rejection });
  const plain = { create: { width: 130, height: 90, channels: 3, background: '#369' } } as const;
  const colors = ['red', 'green', 'blue'] as const;
  const movement = { frames: colors, delay: [50, 100, 150], loop: 2 };
  const cut = photo.subarray(0, Math.floor(photo.length / 2));
  return [
    of('turned.jpg', 'image/jpeg', photo),
    of('trip/my été+1 100%.jpg', 'image/jpeg', photo, { 'focal-point': '0.9,0.1' }),
    of('progressive.jpg', 'image/jpeg', await quadrants({ width: 400, height: 260, progressive: true })),
    of('print.jpg', 'image/jpeg', await sharp(plain).toColourspace('cmyk').jpeg().toBuffer()),
    of('glass.png', 'image/png', await quadrants({ width: 120, height: 90, format: 'png', opacity: 120 })),
    of('deep.png', 'image/png', await sharp(plain).toColourspace('rgb16').png().toBuffer()),
    of('moving.gif', 'image/gif', await animation(movement)),
    of('moving.webp', 'image/webp', await animation({ ...movement, format: 'webp' })),
    of('still.webp', 'image/webp', await quadrants({ width: 200, height: 150, format: 'webp' })),
    of('phone.heic', 'image/heic', heic({ columns: 2, rows: 2, turns: 1 })),
    of('web.avif', 'image/avif', await quadrants({ width: 160, height: 120, format: 'avif' })),
    rejected('truncated', of('cut.jpg', 'image/jpeg', cut)),
    rejected('unsupported-format', of('notes.txt', 'text/plain', Buffer.from('not an image'))),
  ];
}
