const { createRequire, isBuiltin } = require('node:module');
const { default: Runtime } = require('jest-runtime');

/** Names of packages. thumbhash has only ECMAScript modules, which Node.js 20 cannot require. */
const PACKAGE = /^(?!node:|thumbhash$|@jest\/globals$)(?:@[\w-]+\/)?[\w-][\w.-]*(?:\/|$)/;

/**
 * Loads the CDK once per Jest worker, outside the context of the test file. Jest otherwise compiles and runs its modules for
 * each test file, and accesses to globals are slow in such a context.
 */
module.exports = class SharedModulesRuntime extends Runtime {
  requireModule(from, moduleName, ...rest) {
    const isPackage = moduleName !== undefined && PACKAGE.test(moduleName) && !isBuiltin(moduleName);
    return isPackage ? createRequire(from)(moduleName) : super.requireModule(from, moduleName, ...rest);
  }
};
