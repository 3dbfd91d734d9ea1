import { join } from 'node:path';
import type { Component } from '../../../scripts/third-party/components';
import { checkLicenses, thirdPartyLicenses } from '../../../scripts/third-party/licenses';

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

test.each(['MIT', 'Apache-2.0', 'Zlib AND IJG AND BSD-3-Clause'])(
  'the licence check accepts bundled code under %s',
  (license) => {
    expect(() => checkLicenses([component({ license })])).not.toThrow();
  },
);

test('the licence check accepts LGPL code only in separate files', () => {
  expect(() => checkLicenses([component({ license: 'LGPL-3.0-or-later', isReplaceable: true })])).not.toThrow();
  expect(() => checkLicenses([component({ license: 'LGPL-3.0-or-later' })])).toThrow(
    /^part is under LGPL-3.0-or-later: /,
  );
});

test.each([
  'GPL-3.0-only',
  'AGPL-3.0-only',
  'SSPL-1.0',
  'UNLICENSED',
  'SEE LICENSE IN LICENSE',
  'MIT AND GPL-2.0-only',
])('the licence check rejects %s', (license) => {
  expect(() => thirdPartyLicenses([component({ license, isReplaceable: true })], texts)).toThrow(
    /part is under .*, an unknown licence/,
  );
});

test('the licence file contains each licence text once, with the names of its components', () => {
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

test('the licence file requires a licence text for each component', () => {
  expect(() => thirdPartyLicenses([component({ license: 'ISC' })], texts)).toThrow(/part includes no text of ISC/);
});
