/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/test/environment.js',
  runtime: '<rootDir>/test/runtime.js',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '\\.[jt]s$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } } }] },
  // thumbhash is published as ECMAScript modules only, which jest cannot load untransformed.
  transformIgnorePatterns: ['/node_modules/(?!thumbhash/)', '<rootDir>/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/dist/packages'],
  testTimeout: 600_000,
  maxWorkers: '100%',
  // The modules of completed test files stay in memory. A new worker replaces a worker above this limit.
  workerIdleMemoryLimit: '1GB',
};
