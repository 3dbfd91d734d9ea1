const { AsyncLocalStorage } = require('node:async_hooks');
const { randomUUID } = require('node:crypto');
const { mkdirSync, rmSync } = require('node:fs');
const { createRequire } = require('node:module');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const vm = require('node:vm');
const { TestEnvironment } = require('jest-environment-node');

/** Library with which aws-sdk-client-mock replaces methods of the AWS clients. */
const sinon = createRequire(require.resolve('aws-sdk-client-mock'))('sinon');

/** Variables that Node.js reads the temporary directory from: TMPDIR on POSIX, TEMP on Windows. */
const TEMPORARY_DIRECTORIES = ['TMPDIR', 'TEMP'];

/** Temporary directory of this Jest worker. Its name does not change, because the CDK reads the name once. */
const directory = join(tmpdir(), `cdk-thumbnails-${randomUUID().slice(0, 8)}`);

/** Represents the context of the Jest worker. Node.js has no object for this context: it is the default. */
const WORKER_CONTEXT = {};
const { compileFunction } = vm;
vm.compileFunction = (code, parameters, { parsingContext, ...options } = {}) =>
  compileFunction(code, parameters, parsingContext === WORKER_CONTEXT ? options : { ...options, parsingContext });

/** Storages that the test file has used. Node.js visits each enabled storage whenever a promise is created. */
const storages = new Set();
const { run } = AsyncLocalStorage.prototype;
AsyncLocalStorage.prototype.run = function (...values) {
  storages.add(this);
  return run.apply(this, values);
};

/**
 * Runs test files in the context of the Jest worker, in which accesses to globals are fast. Packages that test/runtime.js loads
 * once per worker therefore use the same classes and the same console as the test files.
 *
 * Creates an empty temporary directory for each test file, and deletes it afterwards together with the files of processes that
 * tests kill and the assemblies of apps without an output directory. Restores mocked methods, the environment variables and the
 * console after each test file.
 */
module.exports = class TestFileEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    // Jest stores functions that its reporters use, such as the original Date.now, under these symbols.
    for (const symbol of Object.getOwnPropertySymbols(this.global)) {
      globalThis[symbol] ??= this.global[symbol];
    }
    this.global = globalThis;
    this.moduleMocker = new this.moduleMocker.constructor(globalThis);
    this.fakeTimersModern = new this.fakeTimersModern.constructor({ config: config.projectConfig, global: globalThis });
    this.variables = { ...process.env };
    this.console = console;
    this.exit = process.exit;
    // Some tests run as another user, who must read this directory.
    mkdirSync(directory, { mode: 0o755 });
    for (const name of TEMPORARY_DIRECTORIES) {
      process.env[name] = directory;
    }
    // Disables the template validation of the CDK, which loads a WebAssembly engine of 9 MB in every Jest worker. Three test
    // files enable the validation.
    process.env['CDK_VALIDATION'] ??= 'false';
  }

  getVmContext() {
    return WORKER_CONTEXT;
  }

  async teardown() {
    this.moduleMocker.restoreAllMocks();
    sinon.restore();
    storages.forEach((storage) => storage.disable());
    storages.clear();
    await super.teardown();
    globalThis.console = this.console;
    process.exit = this.exit;
    for (const name of Object.keys(process.env)) {
      if (!(name in this.variables)) {
        delete process.env[name];
      }
    }
    Object.assign(process.env, this.variables);
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
  }
};
