import { blocksOf, read } from './blocks';

const text = read('CONTRIBUTING.md');

test.each([
  ['compute', ['bindWorker', 'bindApi', 'visibilityTimeout', 'validate'], 'lib/compute/thumbnail-compute.ts'],
  ['format', ['FORMATS', 'EFFORTS'], 'runtime/contract/thumbnail-settings.ts'],
  ['route', ['/openapi.json'], 'runtime/contract/routes.ts'],
  ['route', ['getOpenApiDocument'], 'runtime/http/openapi/operations.ts'],
  ['prop', ['cacheControl'], 'runtime/pipeline/thumbnail-set/thumbnail-sets.ts'],
  ['prop', ['cacheControl'], 'lib/pipeline/validation/pipeline-validation.ts'],
  ['prop', ['cacheControl'], 'cli/render/settings-file.ts'],
])('the guide for a new %s is current: %p in %s', (name, found, file) => {
  expect(text).toContain(`## How to add a ${name}`);
  expect(text).toContain(file);
  const source = read(file);
  expect(found.filter((word) => !source.includes(word))).toEqual([]);
});

test('the example of a custom compute type implements every abstract method', () => {
  const required = [...read('lib/compute/thumbnail-compute.ts').matchAll(/public abstract (\w+)\(/g)].map(
    ([, method]) => method!,
  );
  const { code } = blocksOf('CONTRIBUTING.md').find(({ language }) => language === 'ts')!;
  expect(required.filter((method) => !code.includes(`public ${method}(`))).toEqual([]);
});
