import { CfnParameter } from 'aws-cdk-lib';
import { Thumbnail, ThumbnailFit, ThumbnailFormat, ThumbnailMetadata, ThumbnailPosition } from '../../../lib';
import { errorFor, problemsOf, synthesize, variablesOf } from '../../support/templates/stacks';

function settingsOf(thumbnail: Thumbnail): unknown {
  const { template } = synthesize({ thumbnails: [thumbnail] });
  return (JSON.parse(String(variablesOf(template)['THUMBNAILS'])) as unknown[])[0];
}

describe('settings of the runtime', () => {
  test('the settings of an inside() thumbnail contain a square box by default', () => {
    expect(settingsOf(Thumbnail.inside('small', 200))).toEqual({
      name: 'small',
      fit: 'inside',
      width: 200,
      height: 200,
      formats: [{ type: 'webp' }],
    });
    expect(settingsOf(Thumbnail.inside('banner', 1200, { height: 300 }))).toMatchObject({ width: 1200, height: 300 });
  });

  test('the settings of a cover() thumbnail omit the default position', () => {
    expect(settingsOf(Thumbnail.cover('tile', 320, 240))).toEqual({
      name: 'tile',
      fit: 'cover',
      width: 320,
      height: 240,
      formats: [{ type: 'webp' }],
    });
    expect(settingsOf(Thumbnail.cover('tile', 1, 1, { position: ThumbnailPosition.CENTRE }))).not.toHaveProperty(
      'position',
    );
    expect(settingsOf(Thumbnail.cover('tile', 1, 1, { position: ThumbnailPosition.ATTENTION }))).toMatchObject({
      position: 'attention',
    });
  });

  test('the settings of a contain() thumbnail contain all options', () => {
    const options = { background: '#00000080', enlarge: true, animated: true, formats: [ThumbnailFormat.gif()] };
    expect(settingsOf(Thumbnail.contain('card', 400, 300, options))).toEqual({
      name: 'card',
      fit: 'contain',
      width: 400,
      height: 300,
      formats: [{ type: 'gif' }],
      background: '#00000080',
      enlarge: true,
      animated: true,
    });
  });

  test('the settings of a thumbnail contain the names of the metadata fields to keep', () => {
    const { COPYRIGHT, ICC_PROFILE } = ThumbnailMetadata;
    expect(settingsOf(Thumbnail.inside('small', 10, { keepMetadata: [COPYRIGHT, ICC_PROFILE] }))).toMatchObject({
      keepMetadata: ['copyright', 'icc'],
    });
    expect(settingsOf(Thumbnail.inside('small', 10, { keepMetadata: [] }))).not.toHaveProperty('keepMetadata');
    const twice = Thumbnail.inside('small', 10, { keepMetadata: [COPYRIGHT, COPYRIGHT] });
    expect(problemsOf({ thumbnails: [twice] })).toEqual([errorFor('thumbnails[0].keepMetadata', 'copyright')]);
  });

  test('the settings of a thumbnail omit options that are false', () => {
    const settings = settingsOf(Thumbnail.inside('small', 10, { enlarge: false, animated: false }));
    expect(Object.keys(settings as object)).toEqual(['name', 'fit', 'width', 'height', 'formats']);
  });
});

describe('a preset equals its definition', () => {
  const position = ThumbnailPosition.ATTENTION;
  const formats = [ThumbnailFormat.avif(), ThumbnailFormat.jpeg()];
  test.each<[string, Thumbnail, Thumbnail]>([
    ['avatar', Thumbnail.avatar(), Thumbnail.cover('avatar', 192, 192, { position })],
    ['card', Thumbnail.card(), Thumbnail.cover('card', 640, 360, { position })],
    ['hero', Thumbnail.hero(), Thumbnail.inside('hero', 1920)],
    [
      'avatar with options',
      Thumbnail.avatar({ name: 'face', formats, enlarge: true }),
      Thumbnail.cover('face', 192, 192, { position, formats, enlarge: true }),
    ],
    [
      'hero with options',
      Thumbnail.hero({ name: 'top', animated: true, background: '#000000' }),
      Thumbnail.inside('top', 1920, { animated: true, background: '#000000' }),
    ],
  ])('%s', (_name, preset, definition) => {
    expect(settingsOf(preset)).toEqual(settingsOf(definition));
  });

  test('responsiveSet() creates one thumbnail for each width', () => {
    const named = (thumbnails: Thumbnail[]): unknown => thumbnails.map(settingsOf);
    expect(named(Thumbnail.responsiveSet())).toEqual(
      named(
        [320, 640, 960, 1280, 1920].map((width) => Thumbnail.inside(`responsive-${width}`, width, { height: 8192 })),
      ),
    );
    expect(named(Thumbnail.responsiveSet({ name: 'photo', widths: [100, 200], formats }))).toEqual(
      named([100, 200].map((width) => Thumbnail.inside(`photo-${width}`, width, { height: 8192, formats }))),
    );
  });

  test('a preset with invalid options causes an error', () => {
    expect(problemsOf({ thumbnails: [Thumbnail.card({ name: 'Card' })] })).toEqual([
      errorFor('thumbnails[0].name', '"Card"'),
    ]);
    expect(problemsOf({ thumbnails: Thumbnail.responsiveSet({ widths: [0, 640, 640] }) })).toEqual([
      errorFor('thumbnails[0].width', '0'),
      errorFor('thumbnails', 'responsive-640'),
    ]);
  });
});

test('a thumbnail exposes name, fit, size and formats', () => {
  const thumbnail = Thumbnail.cover('tile', 320, 240, { formats: [ThumbnailFormat.avif(), ThumbnailFormat.jpeg()] });
  expect(thumbnail).toMatchObject({ name: 'tile', fit: ThumbnailFit.COVER, width: 320, height: 240 });
  expect(thumbnail.formats.map((format) => format.name)).toEqual(['avif', 'jpeg']);
});

describe('reports the prop, the value and the allowed values', () => {
  const cases: [string, Thumbnail, unknown[]][] = [
    [
      'a name with a space',
      Thumbnail.inside('Small Photo', 10),
      [errorFor('thumbnails[0].name', '"Small Photo"', '1 to 64 lower-case letters')],
    ],
    [
      'the name of the manifest',
      Thumbnail.inside('manifest', 10),
      [errorFor('thumbnails[0].name', '"manifest"', 'reserved')],
    ],
    [
      'sides out of range',
      Thumbnail.cover('tile', 0, 8193),
      [errorFor('thumbnails[0].width', '0', '1 to 8,192'), errorFor('thumbnails[0].height', '8,193', '1 to 8,192')],
    ],
    [
      'a fractional side',
      Thumbnail.inside('tile', 10.5, { height: 10 }),
      [errorFor('thumbnails[0].width', '10.5', 'an integer from 1 to 8,192')],
    ],
    ['no formats', Thumbnail.inside('tile', 1, { formats: [] }), [errorFor('thumbnails[0].formats', 'at least one')]],
    [
      'a duplicate format',
      Thumbnail.inside('tile', 1, { formats: [ThumbnailFormat.webp(), ThumbnailFormat.webp({ quality: 10 })] }),
      [errorFor('thumbnails[0].formats', 'webp')],
    ],
    [
      'the name of a color',
      Thumbnail.contain('tile', 1, 1, { background: 'white' }),
      [errorFor('thumbnails[0].background', '"white"', '#rrggbb or #rrggbbaa')],
    ],
    [
      'animation without an animated format',
      Thumbnail.inside('tile', 1, { animated: true, formats: [ThumbnailFormat.jpeg(), ThumbnailFormat.avif()] }),
      [errorFor('thumbnails[0].animated', 'true', 'webp or gif')],
    ],
    [
      'quality and effort out of range',
      Thumbnail.inside('tile', 1, {
        formats: [
          ThumbnailFormat.jpeg({ quality: 0 }),
          ThumbnailFormat.png({ effort: 0 }),
          ThumbnailFormat.webp({ effort: 7 }),
          ThumbnailFormat.avif({ quality: 101, effort: 10 }),
          ThumbnailFormat.gif({ effort: 11 }),
        ],
      }),
      [
        errorFor('thumbnails[0].formats[0].quality', '0', '1 to 100'),
        errorFor('thumbnails[0].formats[1].effort', '0', '1 to 10'),
        errorFor('thumbnails[0].formats[2].effort', '7', '0 to 6'),
        errorFor('thumbnails[0].formats[3].quality', '101', '1 to 100'),
        errorFor('thumbnails[0].formats[3].effort', '10', '0 to 9'),
        errorFor('thumbnails[0].formats[4].effort', '11', '1 to 10'),
      ],
    ],
  ];
  test.each(cases)('%s', (_case, thumbnail, errors) => {
    expect(problemsOf({ thumbnails: [thumbnail] })).toEqual(errors);
  });
});

test('a thumbnail accepts tokens', () => {
  const { template } = synthesize((stack) => {
    const side = new CfnParameter(stack, 'Side', { type: 'Number' }).valueAsNumber;
    const text = new CfnParameter(stack, 'Text').valueAsString;
    return {
      thumbnails: [
        Thumbnail.cover(text, side, side, { background: text, formats: [ThumbnailFormat.webp({ quality: side })] }),
      ],
    };
  });
  expect(variablesOf(template)['THUMBNAILS']).toEqual({
    'Fn::Join': [
      '',
      [
        '[{"name":"',
        { Ref: 'Text' },
        '","fit":"cover","width":',
        { Ref: 'Side' },
        ',"height":',
        { Ref: 'Side' },
        ',"formats":[{"type":"webp","quality":',
        { Ref: 'Side' },
        '}],"background":"',
        { Ref: 'Text' },
        '"}]',
      ],
    ],
  });
});
