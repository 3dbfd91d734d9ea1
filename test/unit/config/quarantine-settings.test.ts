import { readQuarantineSettings } from '../../../runtime/config/quarantine-settings';

test('infected sources remain in the source bucket by default', () => {
  expect(readQuarantineSettings({ REQUIRE_MALWARE_SCAN: 'true' })).toBeUndefined();
});

test('the quarantine has a bucket and a prefix', () => {
  const environment = { REQUIRE_MALWARE_SCAN: 'true', QUARANTINE_BUCKET: 'infected', QUARANTINE_PREFIX: 'q/' };
  expect(readQuarantineSettings(environment)).toEqual({ bucket: 'infected', prefix: 'q/' });
  expect(readQuarantineSettings({ ...environment, QUARANTINE_PREFIX: undefined })).toMatchObject({ prefix: '' });
});

test.each([
  ['QUARANTINE_BUCKET', { QUARANTINE_BUCKET: 'infected' }],
  ['QUARANTINE_PREFIX', { REQUIRE_MALWARE_SCAN: 'true', QUARANTINE_BUCKET: 'b', QUARANTINE_PREFIX: '/q/' }],
])('an invalid %s is an error', (variable, environment) => {
  expect(() => readQuarantineSettings(environment)).toThrow(`${variable}: `);
});
