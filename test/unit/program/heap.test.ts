import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

// In processes of their own: the flags of V8 are those of all that runs in one.

const source = join(__dirname, '../../../runtime/program/heap.ts');
const heap = buildSync({ entryPoints: [source], bundle: true, platform: 'node', format: 'cjs', write: false });
const code = heap.outputFiles[0]!.text;

/** MiB of buffers that were held when 24 had been made and dropped, and that are held at the end of the program. */
function heldAround(program: string): { readonly before: number; readonly after: number } {
  const held = 'Math.round(process.memoryUsage().arrayBuffers / 2 ** 20)';
  const text = `${code}
    const drop = () => { for (let index = 0; index < 24; index++) Buffer.alloc(2 ** 20, 1); };
    const mine = Buffer.alloc(2 ** 20, 7);
    ${program}
    drop();
    const before = ${held};
    freeBuffers();
    // They are given back beside the program, and the next look sees that it is done.
    freeBuffers();
    if (!mine.every((byte) => byte === 7)) throw new Error('what is held was given back');
    console.log(JSON.stringify({ before, after: ${held} }));`;
  return JSON.parse(execFileSync(process.execPath, ['-e', text], { encoding: 'utf8' })) as ReturnType<
    typeof heldAround
  >;
}

test('frees unreferenced buffers', () => {
  const { before, after } = heldAround('disableIncrementalMarking();');
  expect([before, after]).toEqual([25, 1]);
});

test('does nothing unless enabled', () => {
  const { before, after } = heldAround('');
  expect(after).toBe(before);
});
