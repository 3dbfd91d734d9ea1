import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { ALLOCATOR_VARIABLES, DEFAULT_THUMBNAILS } from '../../../runtime/contract';
import { buildContainedProcess, ContainedProcess, type ContainedScript } from './containment';

// Renders many large images concurrently. The semaphore limits the sum of their memory.

const MEBIBYTE = 2 ** 20;
/** Memory limit of the process. */
const MEMORY = 512;
const COUNT = 16;

let program: ContainedScript;
let folder: string;
beforeAll(async () => {
  program = await buildContainedProcess();
  folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-several-'));
});
afterAll(() => {
  program.remove();
  rmSync(folder, { recursive: true });
});

/** Creates a progressive JPEG of 16 MP without chroma subsampling. Its coefficients take 100 MB. */
async function large(): Promise<string> {
  const picture = sharp({ create: { width: 4000, height: 4000, channels: 3, background: { r: 200, g: 30, b: 60 } } });
  const file = join(folder, 'large.jpg');
  writeFileSync(file, await picture.jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer());
  return file;
}

async function peakOf(environment: Readonly<Record<string, string>>): Promise<number> {
  const file = await large();
  const contained = new ContainedProcess(program.script, { ...environment, ...ALLOCATOR_VARIABLES });
  try {
    const task = { thumbnails: DEFAULT_THUMBNAILS, limits: { maxDurationSeconds: 60 }, allowSvg: false };
    const { results, peak } = await contained.run({ sources: Array.from({ length: COUNT }, () => file), ...task });
    expect(results.map(({ status }) => status)).toEqual(Array.from({ length: COUNT }, () => 'rendered'));
    return peak;
  } finally {
    contained.stop();
  }
}

test('sixteen concurrent renders exceed the memory limit of the process only without the semaphore', async () => {
  const bounded = await peakOf({ MEMORY_LIMIT_MIB: String(MEMORY) });
  const unbounded = await peakOf({ MEMORY_LIMIT_MIB: '100000' });
  expect(bounded).toBeLessThanOrEqual(MEMORY * MEBIBYTE);
  expect(unbounded).toBeGreaterThan(bounded);
}, 180_000);
