// Checks the framework examples without their packages. `npm run examples:web` builds them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { loader, nuxtProvider } from '../../../client';
import { type ClientConfig, type LoaderRequest } from '../../../client';

const root = join(__dirname, '../../..');
const folder = join(root, 'examples/web');
const read = (path: string): string => readFileSync(join(folder, path), 'utf8');

/** Examples with their own lockfile. */
const examples = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'package-lock.json')));

jest.mock('cdk-thumbnails/client', () => jest.requireActual<object>('../../../client'), { virtual: true });
jest.mock(
  '@nuxt/image/runtime',
  () => ({
    defineProvider:
      <T>(provider: T) =>
      (): T =>
        provider,
  }),
  { virtual: true },
);

test('the script builds every example with a lockfile', () => {
  const [, names = ''] = /PAGES[^{]*\{([^}]*)\}/.exec(readFileSync(join(root, 'scripts/web-examples.ts'), 'utf8'))!;
  expect(Array.from(names.matchAll(/^ {2}(\w+):/gm), ([, name]) => name).toSorted()).toEqual(examples.toSorted());
});

describe.each(examples)('%s', (example) => {
  interface Manifest {
    readonly dependencies: Readonly<Record<string, string>>;
    readonly devDependencies: Readonly<Record<string, string>>;
  }
  const { dependencies, devDependencies } = JSON.parse(read(`${example}/package.json`)) as Manifest;

  test('the lockfile has the pinned versions without addresses of a registry', () => {
    const text = read(`${example}/package-lock.json`);
    const { packages } = JSON.parse(text) as { packages: Record<string, { readonly version?: string }> };
    for (const [name, pinned] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect([name, pinned]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
      expect([name, packages[`node_modules/${name}`]?.version]).toEqual([name, pinned]);
    }
    expect(text).not.toContain('"resolved"');
  });

  test('the README of the examples mentions the example', () => {
    expect(read('README.md')).toContain(`](${example})`);
  });
});

test.each(['react', 'nextjs', 'nuxt'])('%s has the thumbnails of the deployed example', (example) => {
  const { thumbnails } = JSON.parse(read(`${example}/thumbnails.json`)) as ClientConfig;
  const [, widths = ''] = /\[([\d, ]+)\]\.map/.exec(read('app.ts'))!;
  expect(thumbnails.map(({ name, width }) => [name, width])).toEqual(
    widths.split(', ').map((width) => [`w${width}`, Number(width)]),
  );
});

/** Returns the default export of a module. */
function defaultOf<T>(path: string): T {
  return jest.requireActual<{ readonly default: T }>(join(folder, path)).default;
}

test('the loader of Next.js maps the default widths of Next.js to thumbnails', () => {
  const load = defaultOf<ReturnType<typeof loader>>('nextjs/image-loader.ts');
  const names = [16, 320, 384, 640, 750, 1080, 1200, 1920, 3840].map((width) => {
    const { pathname } = new URL(load({ src: 'trip/my cat.jpg', width }));
    return /^\/thumbnails\/(\w+)\/trip\/my%20cat\.jpg$/.exec(pathname)?.[1];
  });
  expect(names).toEqual(['w320', 'w320', 'w640', 'w640', ...Array<string>(5).fill('w1280')]);
});

test('the provider of Nuxt Image maps a width and a format to a thumbnail', () => {
  const provider = defaultOf<() => ReturnType<typeof nuxtProvider>>('nuxt/providers/thumbnails.ts')();
  const modifiers: Omit<LoaderRequest, 'src'> = { width: 400, format: 'webp' };
  expect(provider.getImage('/trip/dog.jpg', { modifiers })).toEqual({
    url: 'https://images.example.com/thumbnails/w640/trip/dog.jpg?format=webp',
  });
});
