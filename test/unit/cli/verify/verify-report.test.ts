import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { heicSample } from '../../../../cli/verify/sample-images';
import { verify, type VerifyOptions } from '../../../../cli/verify/verify-command';
import { markdownOf } from '../../../../cli/verify/verify-report';
import { heic } from '../../../support/heic';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'verify-'));
  ['photos', 'thumbnails'].forEach((name) => mkdirSync(join(directory, name)));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Runs the verify command on directories, without a worker that creates thumbnails. */
async function run(options: VerifyOptions, isInterrupted = false): Promise<{ code: number; output: string }> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const environment = {
    STORAGE: 'directory',
    SOURCE_DIRECTORY: join(directory, 'photos'),
    THUMBNAIL_DIRECTORY: join(directory, 'thumbnails'),
    THUMBNAILS: JSON.stringify([{ name: 's', fit: 'inside', width: 9, height: 9, formats: [{ type: 'webp' }] }]),
  };
  const report = join(directory, 'report');
  const signal = isInterrupted ? AbortSignal.abort() : new AbortController().signal;
  const code = await verify({ report, ...options }, environment, { out, err }, { signal, intervalMs: 100 });
  return { code, output: String(out.read()) };
}

test('without a worker, the verify command fails, deletes its files and writes a JSON and a Markdown report', async () => {
  const { code, output } = await run({ timeout: '1' });
  expect(code).toBe(1);
  expect(output).toMatch(/^failed {2}source-upload: .*has the state missing; expected current \(waited 1 s\)/m);
  expect(output).toMatch(/^skipped source-multipart: the object store is a directory/m);
  const report = JSON.parse(readFileSync(join(directory, 'report.json'), 'utf8')) as Record<string, unknown>;
  expect(report).toMatchObject({ passed: 0, remaining: [] });
  expect(report['deleted']).toBeGreaterThan(0);
  expect(existsSync(join(directory, 'photos', 'cdk-thumbnails-verify'))).toBe(false);
  expect(readFileSync(join(directory, 'report.md'), 'utf8')).toContain('| `source-upload` |');
}, 60_000);

test('an interrupted verify command returns exit code 130 and prints its report', async () => {
  const { code, output } = await run({ json: true }, true);
  expect(code).toBe(130);
  expect(JSON.parse(output)).toMatchObject({ passed: 0, failed: 0, deleted: 0 });
});

test.each(['0', '1.5', '3601', 'long'])('the timeout %s is invalid', async (timeout) => {
  await expect(run({ timeout })).rejects.toThrow(/^--timeout: got .*; expected an integer from 1 to 3600, in seconds$/);
});

test('the report escapes the cells of its table', () => {
  const markdown = markdownOf({
    stack: 'Stack',
    pipeline: 'Stack/Photos',
    version: '1.2.3',
    started: '2026-11-28T00:00:00.000Z',
    milliseconds: 1500,
    prefix: 'cdk-thumbnails-verify/1/',
    passed: 0,
    failed: 1,
    skipped: 0,
    checks: [{ id: 'alarms', title: 'Title', status: 'failed', message: 'a|b\n<c>', milliseconds: 1234 }],
    deleted: 2,
    remaining: ['key: denied'],
  });
  expect(markdown).toContain('| `alarms` | Title | failed | a\\|b\\\\u000a\\<c\\> | 1.2 s |');
  expect(markdown).toContain('  - key: denied');
});

test('the HEIC sample equals the HEIC image of the test support', () => {
  expect(heicSample().equals(heic())).toBe(true);
});
