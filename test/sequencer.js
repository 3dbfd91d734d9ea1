const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Tests that allocate much memory in the Jest worker. In a worker that has run other test files before, they take up to six times
 * as long, because each garbage collection then visits a larger heap.
 */
const FIRST = /[\\/]test[\\/](?:robustness|unit[\\/]storage)[\\/]/;

/** Runs the test files that match `FIRST` before all other test files. */
module.exports = class MemoryFirstSequencer extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    return [...sorted.filter(({ path }) => FIRST.test(path)), ...sorted.filter(({ path }) => !FIRST.test(path))];
  }
};
