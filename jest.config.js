/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/test/environment.js',
  runtime: '<rootDir>/test/runtime.js',
  testSequencer: '<rootDir>/test/sequencer.js',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '\\.[jt]s$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } } }] },
  // thumbhash is published as ECMAScript modules only, which jest cannot load untransformed.
  transformIgnorePatterns: ['/node_modules/(?!thumbhash/)', '<rootDir>/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/dist/packages'],
  // In test files, each access to a global is slow. Therefore, Jest passes these globals to each module as parameters.
  sandboxInjectedGlobals: ['Array', 'Float32Array', 'JSON', 'Math', 'Number', 'Object', 'String', 'Uint8Array'],
  testTimeout: 600_000,
  maxWorkers: '100%',
  // Jest keeps about 10 MB of each finished test file. In a large heap, garbage collections slow all later test files down.
  workerIdleMemoryLimit: '700MB',
};
