import { CfnParameter } from 'aws-cdk-lib';
import { Thumbnail, ThumbnailFit, ThumbnailFormat, ThumbnailPosition } from '../../../lib';
import { problemsOf, synthesize, variablesOf } from '../../support/stacks';

function settingsOf(thumbnail: Thumbnail): unknown {
  const { template } = synthesize({ thumbnails: [thumbnail] });
  return (JSON.parse(String(variablesOf(template)['THUMBNAILS'])) as unknown[])[0];
}

describe('what the program is told', () => {
  test('inside, in a square box unless a height is given', () => {
    expect(settingsOf(Thumbnail.inside('small', 200))).toEqual({
      name: 'small',
      fit: 'inside',
      width: 200,
      height: 200,
      formats: [{ type: 'webp' }],
    });
    expect(settingsOf(Thumbnail.inside('banner', 1200, { height: 300 }))).toMatchObject({ width: 1200, height: 300 });
  });

  test('cover, with a position only where it is not the default', () => {
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

  test('contain, with every option', () => {
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

  test('options that are false are left out', () => {
    const settings = settingsOf(Thumbnail.inside('small', 10, { enlarge: false, animated: false }));
    expect(Object.keys(settings as object)).toEqual(['name', 'fit', 'width', 'height', 'formats']);
  });
});

describe('a preset is the same as what one could write', () => {
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
  ])('%s', (_name, preset, written) => {
    expect(settingsOf(preset)).toEqual(settingsOf(written));
  });

  test('responsive set', () => {
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

  test('with what is wrong in it told as of any other', () => {
    expect(problemsOf({ thumbnails: [Thumbnail.card({ name: 'Card' })] })).toEqual([
      expect.stringMatching(/^thumbnails\[0\]\.name: "Card" is invalid; expected 1 to 64 lower-case letters/),
    ]);
    expect(problemsOf({ thumbnails: Thumbnail.responsiveSet({ widths: [0, 640, 640] }) })).toEqual([
      expect.stringContaining('thumbnails[0].width: 0 is out of range'),
      expect.stringContaining('responsive-640 twice'),
    ]);
  });
});

test('a thumbnail tells what it is', () => {
  const thumbnail = Thumbnail.cover('tile', 320, 240, { formats: [ThumbnailFormat.avif(), ThumbnailFormat.jpeg()] });
  expect(thumbnail).toMatchObject({ name: 'tile', fit: ThumbnailFit.COVER, width: 320, height: 240 });
  expect(thumbnail.formats.map((format) => format.name)).toEqual(['avif', 'jpeg']);
});

describe('fails with a message about', () => {
  const cases: [string, Thumbnail, string[]][] = [
    [
      'a name that is no part of a key',
      Thumbnail.inside('Small Photo', 10),
      ['thumbnails[0].name: "Small Photo" is invalid; expected 1 to 64 lower-case letters, digits and inner hyphens'],
    ],
    [
      'the name of the manifest',
      Thumbnail.inside('manifest', 10),
      [
        'thumbnails[0].name: "manifest" is invalid; expected another name: this one is the key of the list of thumbnails',
      ],
    ],
    [
      'sides out of range',
      Thumbnail.cover('tile', 0, 8193),
      [
        'thumbnails[0].width: 0 is out of range; expected an integer from 1 to 8,192',
        'thumbnails[0].height: 8,193 is out of range; expected an integer from 1 to 8,192',
      ],
    ],
    [
      'a side that is no whole number',
      Thumbnail.inside('tile', 10.5, { height: 10 }),
      ['thumbnails[0].width: 10.5 is out of range; expected an integer from 1 to 8,192'],
    ],
    [
      'no format',
      Thumbnail.inside('tile', 1, { formats: [] }),
      ['thumbnails[0].formats: none is invalid; expected at least one format'],
    ],
    [
      'a format twice',
      Thumbnail.inside('tile', 1, { formats: [ThumbnailFormat.webp(), ThumbnailFormat.webp({ quality: 10 })] }),
      ['thumbnails[0].formats: webp twice is invalid; expected every format once'],
    ],
    [
      'a colour that is none',
      Thumbnail.contain('tile', 1, 1, { background: 'white' }),
      ['thumbnails[0].background: "white" is invalid; expected a colour as #rrggbb or #rrggbbaa'],
    ],
    [
      'movement that no format can keep',
      Thumbnail.inside('tile', 1, { animated: true, formats: [ThumbnailFormat.jpeg(), ThumbnailFormat.avif()] }),
      [
        'thumbnails[0].animated: true with jpeg, avif is invalid; expected false, or have webp or gif among its formats',
      ],
    ],
    [
      'qualities and efforts out of range, in each format',
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
        'thumbnails[0].formats[0].quality: 0 is out of range; expected an integer from 1 to 100',
        'thumbnails[0].formats[1].effort: 0 is out of range; expected an integer from 1 to 10',
        'thumbnails[0].formats[2].effort: 7 is out of range; expected an integer from 0 to 6',
        'thumbnails[0].formats[3].quality: 101 is out of range; expected an integer from 1 to 100',
        'thumbnails[0].formats[3].effort: 10 is out of range; expected an integer from 0 to 9',
        'thumbnails[0].formats[4].effort: 11 is out of range; expected an integer from 1 to 10',
      ],
    ],
  ];
  test.each(cases)('%s', (_what, thumbnail, messages) => {
    expect(problemsOf({ thumbnails: [thumbnail] })).toEqual(messages);
  });
});

test('values that only the deployment knows pass', () => {
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
