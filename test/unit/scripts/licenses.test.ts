import { join } from 'node:path';
import type { Component } from '../../../scripts/components';
import { checkLicenses, thirdPartyLicenses } from '../../../scripts/licenses';

const texts = join(__dirname, '../../../licenses');
const component = (part: Partial<Component>): Component => ({
  name: 'part',
  version: '1.0.0',
  license: 'MIT',
  texts: [],
  source: 'https://example.com/part',
  kind: 'npm',
  isReplaceable: false,
  ...part,
});

test.each(['MIT', 'Apache-2.0', 'Zlib AND IJG AND BSD-3-Clause'])('%s may be bundled', (license) => {
  expect(() => checkLicenses([component({ license })])).not.toThrow();
});

test('what must stay replaceable may be a file of its own, and no part of a bundle', () => {
  expect(() => checkLicenses([component({ license: 'LGPL-3.0-or-later', isReplaceable: true })])).not.toThrow();
  expect(() => checkLicenses([component({ license: 'LGPL-3.0-or-later' })])).toThrow(
    'part is LGPL-3.0-or-later: keep it out of the bundles, as a file that can be replaced',
  );
});

test.each([
  'GPL-3.0-only',
  'AGPL-3.0-only',
  'SSPL-1.0',
  'UNLICENSED',
  'SEE LICENSE IN LICENSE',
  'MIT AND GPL-2.0-only',
])('%s ends the build', (license) => {
  expect(() => thirdPartyLicenses([component({ license, isReplaceable: true })], texts)).toThrow(
    'which is not known to allow this',
  );
});

test('every text is there once, under all that it is of', () => {
  const text = thirdPartyLicenses(
    [
      component({ name: 'one', texts: ['Some licence\r\nof two\n\n'] }),
      component({ name: 'two', version: undefined, texts: ['Some licence\nof two'] }),
      component({ name: 'three', author: 'Ada', inside: 'two' }),
    ],
    texts,
  );
  expect(text).toContain('one 1.0.0: MIT\n  https://example.com/part\ntwo: MIT\n');
  expect(text.match(/Some licence\nof two\n/g)).toHaveLength(1);
  expect(text).toContain(`${'='.repeat(80)}\none 1.0.0\ntwo\n${'-'.repeat(80)}\nSome licence`);
  expect(text).toContain(`three 1.0.0 (inside two)\n${'-'.repeat(80)}\nCopyright Ada\n\nMIT License`);
});

test('a text that is nowhere ends the build', () => {
  expect(() => thirdPartyLicenses([component({ license: 'ISC' })], texts)).toThrow('part brings no text of ISC');
});
