import { compileFunction } from 'node:vm';
import { pythonCode, settingsJson, typescriptCode } from '../../../../cli/studio/page/design/code';
import * as lib from '../../../../lib';
import type { ThumbnailSettings } from '../../../../runtime/contract';

const THUMBNAILS: readonly ThumbnailSettings[] = [
  { name: 'small', fit: 'inside', width: 200, height: 200, formats: [{ type: 'webp' }] },
  { name: 'banner', fit: 'inside', width: 800, height: 200, formats: [{ type: 'webp', quality: 60, effort: 6 }] },
  {
    name: 'square',
    fit: 'cover',
    width: 320,
    height: 320,
    formats: [{ type: 'avif', lossless: true }, { type: 'jpeg', quality: 70 }, { type: 'gif' }],
    position: 'attention',
    background: '#102030',
    animated: true,
  },
  { name: 'box', fit: 'contain', width: 300, height: 100, formats: [{ type: 'png' }], enlarge: true },
  {
    name: 'credited',
    fit: 'inside',
    width: 90,
    height: 90,
    formats: [{ type: 'webp' }],
    keepMetadata: ['copyright', 'artist', 'description', 'icc'],
  },
];

/** Evaluates the `thumbnails` prop with the classes of the library. */
function evaluate(code: string): readonly lib.Thumbnail[] {
  const names = ['Thumbnail', 'ThumbnailFormat', 'ThumbnailPosition', 'ThumbnailMetadata'] as const;
  const run = compileFunction(`return ({ ${code} }).thumbnails;`, [...names]) as (
    ...classes: unknown[]
  ) => readonly lib.Thumbnail[];
  return run(...names.map((name) => lib[name]));
}

test('the TypeScript code creates the thumbnails', () => {
  const thumbnails = evaluate(typescriptCode(THUMBNAILS));
  expect(thumbnails.map((thumbnail) => thumbnail._settings())).toEqual(THUMBNAILS);
});

test('the Python code passes options as keyword arguments in snake case', () => {
  expect(pythonCode(THUMBNAILS).split('\n')).toEqual([
    'thumbnails=[',
    '    Thumbnail.inside("small", 200),',
    '    Thumbnail.inside("banner", 800, height=200, formats=[ThumbnailFormat.webp(quality=60, effort=6)]),',
    '    Thumbnail.cover("square", 320, 320, formats=[ThumbnailFormat.avif(lossless=True), ' +
      'ThumbnailFormat.jpeg(quality=70), ThumbnailFormat.gif()], position=ThumbnailPosition.ATTENTION, ' +
      'background="#102030", animated=True),',
    '    Thumbnail.contain("box", 300, 100, formats=[ThumbnailFormat.png()], enlarge=True),',
    '    Thumbnail.inside("credited", 90, keep_metadata=[ThumbnailMetadata.COPYRIGHT, ThumbnailMetadata.ARTIST, ' +
      'ThumbnailMetadata.DESCRIPTION, ThumbnailMetadata.ICC_PROFILE]),',
    '],',
  ]);
});

test('the settings file contains only the thumbnails', () => {
  expect(JSON.parse(settingsJson(THUMBNAILS))).toEqual({ thumbnails: THUMBNAILS });
});
