import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { blocksOf, read, root } from './blocks';

const text = read('CONTRIBUTING.md');
/** Texts in backticks outside of code blocks. */
const words = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, word]) => word!);

test('every named file and folder exists', () => {
  const paths = words.filter((word) =>
    /^(?:bench|bin|cli|container|docs|examples|lambda|lib|runtime|scripts|test)\/[\w./-]*$/.test(word),
  );
  expect(paths.length).toBeGreaterThanOrEqual(40);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test.each([
  ['compute', ['bindWorker', 'bindApi', 'visibilityTimeout', 'validate'], 'lib/compute/thumbnail-compute.ts'],
  ['format', ['FORMATS', 'EFFORTS'], 'runtime/contract/thumbnail-settings.ts'],
  ['route', ['/openapi.json'], 'runtime/contract/routes.ts'],
  ['route', ['getOpenApiDocument'], 'runtime/http/openapi/operations.ts'],
  ['prop', ['cacheControl'], 'runtime/pipeline/thumbnail-set/thumbnail-sets.ts'],
  ['prop', ['cacheControl'], 'lib/pipeline/pipeline-validation.ts'],
  ['prop', ['cacheControl'], 'cli/render/settings-file.ts'],
])('the guide for a new %s is current: %p in %s', (name, found, file) => {
  expect(text).toContain(`## How to add a ${name}`);
  expect(text).toContain(file);
  const source = read(file);
  expect(found.filter((word) => !source.includes(word))).toEqual([]);
});

test('the example compute implements every abstract method', () => {
  const required = [...read('lib/compute/thumbnail-compute.ts').matchAll(/public abstract (\w+)\(/g)].map(
    ([, method]) => method!,
  );
  const { code } = blocksOf('CONTRIBUTING.md').find(({ language }) => language === 'ts')!;
  expect(required.filter((method) => !code.includes(`public ${method}(`))).toEqual([]);
});
