/** Name of the variable that turns the hooks on when it is `1`. Never set in production: whoever can upload could end children. */
export const TEST_HOOKS = 'WORKER_TEST_HOOKS';

/**
 * What a child does to itself before a job, so that tests see a decoder's worst on demand: a key that ends with `.abort`
 * ends the process as a corrupt heap does, one that ends with `.hang` keeps it busy for good. Nothing without the variable.
 */
export function testHooks(environment: Readonly<Record<string, string | undefined>>): (key: string) => void {
  if (environment[TEST_HOOKS] !== '1') {
    return () => undefined;
  }
  return (key) => {
    if (key.endsWith('.abort')) {
      process.abort();
    }
    if (key.endsWith('.hang')) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    }
  };
}
