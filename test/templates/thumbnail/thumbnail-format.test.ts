import { Thumbnail, ThumbnailFormat } from '../../../lib';
import { synthesize, variablesOf } from '../../support/templates/stacks';

function settingsOf(...formats: ThumbnailFormat[]): unknown {
  const { template } = synthesize({ thumbnails: [Thumbnail.inside('t', 1, { formats })] });
  return (JSON.parse(String(variablesOf(template)['THUMBNAILS'])) as { formats: unknown }[])[0]?.formats;
}

test('the settings of a format omit undefined options', () => {
  const formats = [
    ThumbnailFormat.avif(),
    ThumbnailFormat.webp(),
    ThumbnailFormat.jpeg(),
    ThumbnailFormat.png(),
    ThumbnailFormat.gif(),
  ];
  expect(settingsOf(...formats)).toEqual(['avif', 'webp', 'jpeg', 'png', 'gif'].map((type) => ({ type })));
  expect(formats.map(({ name }) => name)).toEqual(['avif', 'webp', 'jpeg', 'png', 'gif']);
});

test('the runtime receives the format options of a thumbnail in the order of its formats', () => {
  expect(
    settingsOf(
      ThumbnailFormat.webp({ quality: 1, effort: 0, lossless: true }),
      ThumbnailFormat.jpeg({ quality: 100 }),
      ThumbnailFormat.png({ quality: 50, effort: 10 }),
      ThumbnailFormat.avif({ quality: 40, effort: 9, lossless: false }),
      ThumbnailFormat.gif({ effort: 1 }),
    ),
  ).toEqual([
    { type: 'webp', quality: 1, effort: 0, lossless: true },
    { type: 'jpeg', quality: 100 },
    { type: 'png', quality: 50, effort: 10 },
    { type: 'avif', quality: 40, effort: 9 },
    { type: 'gif', effort: 1 },
  ]);
});
