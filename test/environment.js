const { chmodSync, mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { TestEnvironment } = require('jest-environment-node');

/** Variables that Node.js reads the temporary directory from: TMPDIR on POSIX, TEMP on Windows. */
const VARIABLES = ['TMPDIR', 'TEMP'];

/**
 * Gives each test file a temporary directory of its own and deletes it afterwards, together with the files of processes that
 * tests kill and the assemblies of apps without an output directory.
 */
module.exports = class TemporaryDirectoryEnvironment extends TestEnvironment {
  constructor(config, context) {
    const saved = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));
    const directory = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-'));
    // Some tests run as another user.
    chmodSync(directory, 0o755);
    for (const name of VARIABLES) {
      process.env[name] = directory;
    }
    // Copies the variables for the sandbox.
    super(config, context);
    this.saved = saved;
    this.directory = directory;
  }

  async teardown() {
    await super.teardown();
    for (const name of VARIABLES) {
      if (this.saved[name] === undefined) {
        delete process.env[name];
      } else {
        process.env[name] = this.saved[name];
      }
    }
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 10 });
  }
};
