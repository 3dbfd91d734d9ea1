import { Validation } from '@cyclonedx/cyclonedx-library';
import { billOfMaterials, SPECIFICATION } from '../../../scripts/third-party/bill-of-materials';
import type { Component } from '../../../scripts/third-party/components';

const subject = { name: 'whole', version: '2.0.0', license: 'Apache-2.0', description: 'all of it' };
const parts: Component[] = [
  {
    name: '@scope/part',
    version: '1.0.0',
    license: 'MIT',
    texts: ['text'],
    source: 'https://example.com/part',
    kind: 'npm',
    isReplaceable: true,
    sha512: Buffer.alloc(64, 7).toString('base64'),
  },
  {
    name: 'inner',
    version: undefined,
    license: 'Zlib AND IJG',
    texts: [],
    source: 'https://example.com/inner',
    kind: 'native',
    isReplaceable: true,
    inside: '@scope/part',
  },
];

test('the bill of materials is valid against the strict CycloneDX schema', async () => {
  const validator = new Validation.JsonStrictValidator(SPECIFICATION.version);
  expect(await validator.validate(billOfMaterials(subject, parts))).toBeNull();
  expect(await validator.validate('{"bomFormat":"CycloneDX","specVersion":"1.6","version":"one"}')).not.toBeNull();
});

test('the bill of materials contains nested components, hashes and licences', () => {
  const bill = JSON.parse(billOfMaterials(subject, parts)) as Record<string, unknown>;
  expect(bill).toMatchObject({
    metadata: { component: { name: 'whole', version: '2.0.0', purl: 'pkg:npm/whole@2.0.0' } },
    components: [
      {
        group: '@scope',
        name: 'part',
        purl: 'pkg:npm/%40scope/part@1.0.0',
        hashes: [{ alg: 'SHA-512', content: '07'.repeat(64) }],
        licenses: [{ license: { id: 'MIT' } }],
      },
      { name: 'inner', purl: 'pkg:generic/inner', licenses: [{ expression: 'Zlib AND IJG' }] },
    ],
    dependencies: [
      { ref: 'whole@2.0.0', dependsOn: ['@scope/part@1.0.0'] },
      { ref: '@scope/part@1.0.0', dependsOn: ['@scope/part/inner@unknown'] },
      { ref: '@scope/part/inner@unknown' },
    ],
  });
});

test('the bytes of the bill of materials depend neither on the date nor on the order of components', () => {
  const bill = billOfMaterials(subject, parts);
  expect(bill).not.toMatch(/timestamp|serialNumber/);
  expect(billOfMaterials(subject, [...parts].reverse())).toBe(bill);
});
