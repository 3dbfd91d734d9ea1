import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

// Each test runs in a separate process, because V8 flags apply to the whole process.

const source = join(__dirname, '../../../runtime/program/heap.ts');
const heap = buildSync({ entryPoints: [source], bundle: true, platform: 'node', format: 'cjs', write: false });
const code = heap.outputFiles[0]!.text;

/** Returns the memory of buffers in MiB before and after `freeBuffers`. 24 of the buffers are unreferenced. */
function heldAround(script: string): { readonly before: number; readonly after: number } {
  const held = 'Math.round(process.memoryUsage().arrayBuffers / 2 ** 20)';
  const text = `${code}
    const drop = () => { for (let index = 0; index < 24; index++) Buffer.alloc(2 ** 20, 1); };
    const mine = Buffer.alloc(2 ** 20, 7);
    ${script}
    drop();
    const before = ${held};
    freeBuffers();
    // V8 frees buffers on another thread. The second call waits for this thread.
    freeBuffers();
    if (!mine.every((byte) => byte === 7)) throw new Error('a referenced buffer was freed');
    console.log(JSON.stringify({ before, after: ${held} }));`;
  return JSON.parse(execFileSync(process.execPath, ['-e', text], { encoding: 'utf8' })) as ReturnType<
    typeof heldAround
  >;
}

test('freeBuffers() frees unreferenced buffers', () => {
  const { before, after } = heldAround('disableIncrementalMarking();');
  expect([before, after]).toEqual([25, 1]);
});

test('freeBuffers() does nothing unless enabled', () => {
  const { before, after } = heldAround('');
  expect(after).toBe(before);
});
