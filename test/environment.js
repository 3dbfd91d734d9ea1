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
 * Creates an empty temporary directory for each test file, and deletes it afterwards together with the files of processes that
 * tests kill and the assemblies of apps without an output directory.
 *
 * test/runtime.js loads some packages outside the context of the test file. They have the same environment variables as the
 * test file, and print through the console of the test file.
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
    // Warnings of Node.js can occur after the last test of the file, when its console throws.
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
