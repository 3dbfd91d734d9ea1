const { createRequire } = require('node:module');
const { default: Runtime } = require('jest-runtime');

/** Packages that are loaded once per Jest worker. The list must include all packages that depend on one of them. */
const SHARED = /^(?:aws-cdk-lib|constructs|cdk-nag|@aws-cdk\/[\w-]+|typescript|jsii-rosetta)(?:\/|$)/;

/**
 * Loads large packages once per Jest worker, outside the context of the test file. Otherwise, Jest compiles and runs their modules
 * for each test file. They also run slower, because accesses to globals are slow in the context of a test file.
 */
module.exports = class SharedModulesRuntime extends Runtime {
  requireModule(from, moduleName, ...rest) {
    return SHARED.test(moduleName) ? createRequire(from)(moduleName) : super.requireModule(from, moduleName, ...rest);
  }
};
