import { HOSTILE } from './cases';
import type { Result } from './contained-process';
import { buildContainedProcess, ContainedProcess, type ContainedScript } from './containment';
import { MEMORY_BOUND, SECONDS, THUMBNAILS } from './fuzz';

// Renders each image in a contained process. The result must be complete thumbnails or a rejection with a code. The
// process must survive and stay within its memory limit.

let program: ContainedScript;
let contained: ContainedProcess;
beforeAll(async () => {
  program = await buildContainedProcess();
  contained = new ContainedProcess(program.script);
});
afterAll(() => {
  contained.stop();
  program.remove();
});

function outcomeOf({ status, code, warnings, message }: Result): string {
  if (status === 'failed') {
    return `failed: ${message}`;
  }
  if (status === 'rejected') {
    return code ?? 'no code';
  }
  return warnings === undefined ? 'rendered' : 'warned';
}

describe.each(Object.entries(HOSTILE))('%s', (_format, hostile) => {
  test.each(hostile.map((one) => [one.name, one] as const))(
    '%s',
    async (_name, { make, expected, allowSvg = false, endless = false }) => {
      const made = await make();
      const images = Buffer.isBuffer(made) ? [made] : made;
      expect(images.length).toBeGreaterThan(0);
      for (const [index, image] of images.entries()) {
        const limits = { maxDurationSeconds: endless ? 1 : SECONDS };
        const answer = await contained.run({ sources: [image], thumbnails: THUMBNAILS, limits, allowSvg });
        const [result] = answer.results;
        const outcome = result && outcomeOf(result);
        expect(answer.alive).toBe(true);
        // The compared text contains the index of the image, so that a failure shows the index.
        expect(`${index}: ${outcome}`).toMatch(new RegExp(`^${index}: (?:${expected.join('|')})$`));
        if (endless) {
          contained.stop();
        } else {
          expect(answer.peak).toBeLessThanOrEqual(MEMORY_BOUND);
        }
      }
    },
  );
});
