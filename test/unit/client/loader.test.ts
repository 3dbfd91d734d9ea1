import { type ClientConfig, type ClientThumbnail, loader, nuxtProvider, unpicTransformer } from '../../../client';

const inside = (width: number): ClientThumbnail => ({
  name: `w${width}`,
  width,
  height: width,
  fit: 'inside',
  formats: ['avif', 'webp'],
});
const cover = (name: string, width: number, height: number): ClientThumbnail => ({
  ...{ name, width, height, fit: 'cover', formats: ['webp'] },
});
const configOf = (...thumbnails: ClientThumbnail[]): ClientConfig => ({ url: 'https://img.example.com', thumbnails });
const CONFIG = configOf(inside(640), cover('square', 320, 320), inside(200), inside(1600));
const nameIn = (url: string): string => new URL(url).pathname.split('/')[2]!;

test.each([
  [1, 'w200'],
  [200, 'w200'],
  [201, 'w640'],
  ['640', 'w640'],
  [1601, 'w1600'],
  [undefined, 'w1600'],
])('the loader maps the width %p to the thumbnail %s', (width, name) => {
  expect(nameIn(loader(CONFIG)({ src: 'cat.jpg', width }))).toBe(name);
});

test('the loader encodes the key and removes one slash at the start of the key', () => {
  const load = loader(CONFIG);
  expect(load({ src: '/a/my cat.jpg', width: 1 })).toBe('https://img.example.com/thumbnails/w200/a/my%20cat.jpg');
  expect(load({ src: '100%.jpg', width: 1 })).toBe('https://img.example.com/thumbnails/w200?key=100%25.jpg');
});

test('the loader requests a format only if the thumbnail has this format', () => {
  const load = loader(CONFIG);
  expect(load({ src: 'cat.jpg', width: 1, format: 'webp' })).toMatch(/\?format=webp$/);
  expect(load({ src: 'cat.jpg', width: 1, format: 'jpeg' })).not.toContain('format=');
  expect(load({ src: 'cat.jpg', width: 1, format: 'auto' })).not.toContain('format=');
});

test('the loader selects only thumbnails that the option `names` lists', () => {
  const config = configOf(inside(100), cover('square', 320, 320), cover('square-2x', 640, 640));
  const load = loader(config, { names: ['square-2x', 'square'] });
  expect([1, 321].map((width) => nameIn(load({ src: 'cat.jpg', width })))).toEqual(['square', 'square-2x']);
});

test('without an inside() thumbnail, the loader selects only thumbnails with the aspect ratio of the first thumbnail', () => {
  const config = configOf(cover('wide', 400, 225), cover('square', 100, 100), cover('hero', 1600, 900));
  const load = loader(config);
  expect([1, 401].map((width) => nameIn(load({ src: 'cat.jpg', width })))).toEqual(['wide', 'hero']);
});

test.each([
  ['an unknown name', CONFIG, ['w200', 'nothing'], 'names: nothing is invalid'],
  ['an empty list of names', CONFIG, [], 'names: no thumbnail is invalid'],
  ['a configuration without thumbnails', configOf(), undefined, 'names: no thumbnail is invalid'],
])('the loader rejects %s', (_case, config, names, message) => {
  expect(() => loader(config, { names })).toThrow(message);
});

test('the loader has adapters for Unpic and Nuxt Image', () => {
  const url = loader(CONFIG)({ src: 'cat.jpg', width: 300, format: 'webp' });
  const operations = { width: 300, height: 200, format: 'webp', quality: 80 };
  expect(unpicTransformer(CONFIG)('cat.jpg', operations)).toBe(url);
  expect(nuxtProvider(CONFIG).getImage('/cat.jpg', { modifiers: operations })).toEqual({ url });
  expect(nuxtProvider(CONFIG).getImage('/cat.jpg', {})).toEqual({ url: loader(CONFIG)({ src: 'cat.jpg' }) });
});

test('the loader selects thumbnails of the rule that applies to the key', () => {
  const config: ClientConfig = {
    ...CONFIG,
    rules: [
      { prefix: 'avatars/', thumbnails: [cover('face', 96, 96), cover('face-2x', 192, 192)] },
      { suffix: '.gif' },
      { suffix: '.png', thumbnails: [inside(300)] },
    ],
  };
  const load = loader(config);
  const nameFor = (src: string, width: number) => nameIn(load({ src, width }));
  expect(nameFor('avatars/ann.png', 100)).toBe('face-2x');
  expect(nameFor('/avatars/ann.png', 9)).toBe('face');
  expect(nameFor('a.gif', 100)).toBe('w200');
  expect(nameFor('a.PNG', 100)).toBe('w300');
  const named = loader(config, { names: ['w640', 'face'] });
  expect([named({ src: 'avatars/a', width: 500 }), named({ src: 'b', width: 1 })].map(nameIn)).toEqual([
    'face',
    'w640',
  ]);
});
