const { createRequire } = require('node:module');
const { default: Runtime } = require('jest-runtime');

/** Packages that are loaded once per Jest worker. Packages that depend on one of them belong to the list. */
const SHARED = /^(?:aws-cdk-lib|constructs|cdk-nag|@aws-cdk\/[\w-]+)(?:\/|$)/;

/**
 * Loads the CDK once per Jest worker, outside the context of the test file. Jest otherwise compiles and runs its modules for
 * each test file, and accesses to globals are slow in such a context.
 */
module.exports = class SharedModulesRuntime extends Runtime {
  requireModule(from, moduleName, ...rest) {
    return SHARED.test(moduleName) ? createRequire(from)(moduleName) : super.requireModule(from, moduleName, ...rest);
  }
};
