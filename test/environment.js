const { randomUUID } = require('node:crypto');
const { mkdirSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { TestEnvironment } = require('jest-environment-node');

/** Variables that Node.js reads the temporary directory from: TMPDIR on POSIX, TEMP on Windows. */
const TEMPORARY_DIRECTORIES = ['TMPDIR', 'TEMP'];

/** Temporary directory of this Jest worker. Its name does not change, because the CDK reads the name once. */
const directory = join(tmpdir(), `cdk-thumbnails-${randomUUID().slice(0, 8)}`);

/**
 * Creates an empty temporary directory for each test file, and deletes it afterwards. Killed processes and apps without an output
 * directory leave files in this directory.
 *
 * test/runtime.js loads some packages outside the context of the test file. These packages share the environment variables and
 * the console of the test file.
 */
module.exports = class TestFileEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.variables = { ...process.env };
    this.printError = console.error;
    // Some tests run as another user, who must read this directory.
    mkdirSync(directory, { mode: 0o755 });
    for (const name of TEMPORARY_DIRECTORIES) {
      process.env[name] = directory;
    }
    // Disables the template validation of the CDK, which loads a WebAssembly engine of 9 MB in every Jest worker. Three test
    // files enable the validation.
    process.env['CDK_VALIDATION'] ??= 'false';
    this.global.process.env = process.env;
    // The console of a test file throws after the last test. Warnings of Node.js, which can occur later, use the original console.
    console.error = (...values) =>
      (/^\(node:\d+\)/.test(values[0]) ? this.printError : this.global.console.error)(...values);
  }

  async teardown() {
    console.error = this.printError;
    await super.teardown();
    for (const name of Object.keys(process.env)) {
      if (!(name in this.variables)) {
        delete process.env[name];
      }
    }
    Object.assign(process.env, this.variables);
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
  }
};
