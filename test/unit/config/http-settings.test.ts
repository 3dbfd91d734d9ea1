import { readHttpSettings } from '../../../runtime/config/http-settings';
import { SettingsError } from '../../../runtime/config/parse-environment';
import { DEFAULT_LIMITS, UPLOAD_CONTENT_TYPES } from '../../../runtime/contract';

const KEYS = '{"k1":"0123456789abcdef0123456789abcdef"}';
const read = (environment: Readonly<Record<string, string>>, allowSvg = false) =>
  readHttpSettings(environment, { limits: DEFAULT_LIMITS, rules: [], allowSvg });

function problemsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    read(environment);
  } catch (error) {
    if (error instanceof SettingsError) {
      return error.problems;
    }
    throw error;
  }
  throw new Error('expected an error');
}

test('readHttpSettings() defaults to open read access and no write access', () => {
  expect(read({})).toEqual({
    readAccess: 'open',
    writeAccess: 'none',
    signing: undefined,
    linkHosts: [],
    maxLinkLifetimeSeconds: 604_800,
    corsOrigins: [],
    fallbackImage: undefined,
    distributionUrl: undefined,
    onlyThroughDistribution: false,
    uploads: {
      contentTypes: UPLOAD_CONTENT_TYPES,
      maxSizeBytes: DEFAULT_LIMITS.maxFileSizeBytes,
      keyTemplate: '{uuid}/{filename}',
    },
  });
  expect(read({}, true).uploads.contentTypes).toContain('image/svg+xml');
});

test('readHttpSettings() reads every variable', () => {
  const all = {
    READ_ACCESS: 'signed',
    WRITE_ACCESS: 'open',
    READ_KEY_PREFIX: 'users/{claim:sub}/',
    WRITE_KEY_PREFIX: '{context:user}/',
    DISTRIBUTION_SECRET: 'photos/distribution',
    ONLY_THROUGH_DISTRIBUTION: 'true',
    CDN_SIGNING_SECRET: 'photos/cdn',
    CDN_KEY_PAIR_IDS: '{"k1":"K2JCJMDEHXQW5F"}',
    CDN_LINK_LIFETIME_SECONDS: '600',
    SIGNING_SECRET: 'photos/links',
    LINK_HOSTS: '["img.example.com","localhost:3000"]',
    MAX_LINK_LIFETIME_SECONDS: '60',
    CORS_ORIGINS: '["https://example.com","http://localhost:8080"]',
    FALLBACK_IMAGE: 'none.png',
    DISTRIBUTION_URL: 'https://img.example.com/',
    UPLOAD_CONTENT_TYPES: '["image/png"]',
    UPLOAD_MAX_SIZE_BYTES: '1000',
    UPLOAD_KEY_TEMPLATE: 'up/{uuid}',
  };
  expect(read(all)).toEqual({
    readAccess: 'signed',
    writeAccess: 'open',
    readKeyPrefix: 'users/{claim:sub}/',
    writeKeyPrefix: '{context:user}/',
    distributionSecret: 'photos/distribution',
    onlyThroughDistribution: true,
    cdnSigning: {
      secret: 'photos/cdn',
      url: 'https://img.example.com',
      keyPairIds: { k1: 'K2JCJMDEHXQW5F' },
      lifetimeSeconds: 600,
    },
    signing: { secret: 'photos/links' },
    linkHosts: ['img.example.com', 'localhost:3000'],
    maxLinkLifetimeSeconds: 60,
    corsOrigins: ['https://example.com', 'http://localhost:8080'],
    fallbackImage: 'none.png',
    distributionUrl: 'https://img.example.com',
    uploads: { contentTypes: ['image/png'], maxSizeBytes: 1000, keyTemplate: 'up/{uuid}' },
  });
  expect(read({ WRITE_ACCESS: 'signed', SIGNING_KEYS: KEYS }).signing).toEqual({ keys: KEYS });
  expect(read({ SIGNING_KEYS: KEYS }).signing).toBeUndefined();
  expect(read({ UPLOAD_MAX_SIZE_BYTES: '999999999999' }).uploads.maxSizeBytes).toBe(DEFAULT_LIMITS.maxFileSizeBytes);
});

test.each([
  ['READ_ACCESS', 'none'],
  ['WRITE_ACCESS', 'all'],
  ['LINK_HOSTS', '["https://img.example.com"]'],
  ['LINK_HOSTS', '["IMG.example.com"]'],
  ['LINK_HOSTS', 'img.example.com'],
  ['MAX_LINK_LIFETIME_SECONDS', '0'],
  ['MAX_LINK_LIFETIME_SECONDS', '1h'],
  ['CORS_ORIGINS', '["https://example.com/"]'],
  ['CORS_ORIGINS', '["example.com"]'],
  ['FALLBACK_IMAGE', ''],
  ['DISTRIBUTION_URL', 'img.example.com'],
  ['UPLOAD_CONTENT_TYPES', '[]'],
  ['UPLOAD_CONTENT_TYPES', '["text/html"]'],
  ['UPLOAD_MAX_SIZE_BYTES', '-1'],
  ['UPLOAD_KEY_TEMPLATE', '{filename}'],
  ['UPLOAD_KEY_TEMPLATE', '{uuid}/{name}'],
])('readHttpSettings() reports %s if it is %s', (name, value) => {
  const problems = problemsOf({ [name]: value });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(new RegExp(`^${name}`));
});

test('READ_ACCESS=none requires write access', () => {
  expect(read({ READ_ACCESS: 'none', WRITE_ACCESS: 'open' })).toMatchObject({
    readAccess: 'none',
    writeAccess: 'open',
    signing: undefined,
  });
  expect(problemsOf({ READ_ACCESS: 'none', WRITE_ACCESS: 'none' })[0]).toContain('WRITE_ACCESS');
});

test('with READ_ACCESS=signed, exactly one of SIGNING_SECRET and SIGNING_KEYS is required, and errors contain no keys', () => {
  expect(problemsOf({ READ_ACCESS: 'signed' })[0]).toMatch(/^SIGNING_SECRET/);
  const both = problemsOf({ READ_ACCESS: 'signed', SIGNING_SECRET: 'a', SIGNING_KEYS: KEYS });
  expect(both[0]).toMatch(/^SIGNING_SECRET/);
  expect(both.join()).not.toContain('0123456789abcdef');
});

test.each(['{sub}/', '{claim:sub}', '/{claim:sub}/', '{claim:a}{claim:b}/', `${'a'.repeat(250)}{claim:sub}/`])(
  'readHttpSettings() rejects the key prefix %j',
  (prefix) => {
    expect(problemsOf({ READ_KEY_PREFIX: prefix })).toEqual([expect.stringMatching(/^READ_KEY_PREFIX: /)]);
    expect(problemsOf({ WRITE_KEY_PREFIX: prefix })).toEqual([expect.stringMatching(/^WRITE_KEY_PREFIX: /)]);
  },
);

test('readHttpSettings() requires DISTRIBUTION_SECRET with ONLY_THROUGH_DISTRIBUTION', () => {
  expect(problemsOf({ ONLY_THROUGH_DISTRIBUTION: 'true' })).toEqual([expect.stringMatching(/^DISTRIBUTION_SECRET: /)]);
});

test('readHttpSettings() requires DISTRIBUTION_URL and CDN_KEY_PAIR_IDS with CDN_SIGNING_SECRET', () => {
  const secret = { CDN_SIGNING_SECRET: 'photos/cdn' };
  const incomplete: Record<string, string>[] = [
    {},
    { DISTRIBUTION_URL: 'https://img.example.com' },
    { CDN_KEY_PAIR_IDS: '{"k1":"K1"}' },
  ];
  for (const others of incomplete) {
    expect(problemsOf({ ...secret, ...others })).toEqual([expect.stringMatching(/^CDN_SIGNING_SECRET: /)]);
  }
});
