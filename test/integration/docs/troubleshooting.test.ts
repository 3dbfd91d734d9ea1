import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerErrorCode } from '../../../container/workers/worker-error';
import { DEFAULT_LIMITS } from '../../../runtime/contract';
import { ERROR_CODES, type ErrorCode } from '../../../runtime/errors/error-codes';
import { REJECTION_CODES } from '../../../runtime/engine/rejection';
import { OBJECT_STORE_ERROR_CODES } from '../../../runtime/storage';

const root = join(__dirname, '../../..');
const text = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8');

/** The rows of the table below a heading, each a list of its cells. */
function rows(heading: string): string[][] {
  const section = text.split(/^## /m).find((part) => part.startsWith(heading));
  const lines = section?.split('\n').filter((line) => line.startsWith('| ')) ?? [];
  return lines.slice(2).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The codes in the first column. */
const codes = (heading: string): string[] => rows(heading).map(([code]) => code!.replaceAll('`', ''));

test('every code of an image that is refused is there, once, and no other', () => {
  expect(codes('Images that are refused').toSorted()).toEqual([...REJECTION_CODES].toSorted());
});

test('every code of an answer is there, once, and no other', () => {
  const told = [...codes('Images that are refused'), ...codes('Answers of the API')];
  expect(told.toSorted()).toEqual(Object.keys(ERROR_CODES).toSorted());
});

test('every code has the status that it is answered with', () => {
  const told = [...rows('Images that are refused'), ...rows('Answers of the API')];
  const statuses = Object.fromEntries(told.map(([code, status]) => [code!.replaceAll('`', ''), Number(status)]));
  expect(statuses).toEqual(Object.fromEntries(Object.entries(ERROR_CODES).map(([code, { status }]) => [code, status])));
});

test('every code of a store is there, once, and no other', () => {
  expect(codes('Failures of the store').toSorted()).toEqual([...OBJECT_STORE_ERROR_CODES].toSorted());
});

test('the codes of a child that ended are answers', () => {
  const all = {
    'worker-crashed': true,
    timeout: true,
    'out-of-memory': true,
    'shutting-down': true,
  } satisfies Record<WorkerErrorCode, true> satisfies Partial<Record<ErrorCode, true>>;
  expect(Object.keys(ERROR_CODES)).toEqual(expect.arrayContaining(Object.keys(all)));
});

test('every warning of the constructs is there, once, and no other', () => {
  const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const warnings = sources.flatMap((path) =>
    [
      ...readFileSync(join(root, 'lib', path), 'utf8').matchAll(/\b(?:addWarningV2|warn)\((?:scope,)?\s*'([^']+)'/g),
    ].map(([, id]) => id!),
  );
  expect(codes('Warnings at synthesis').toSorted()).toEqual([...new Set(warnings)].toSorted());
  expect(warnings.every((id) => /^cdk-thumbnails:[a-z][A-Za-z]+$/.test(id))).toBe(true);
});

test('the limits that are named are those that there are', () => {
  const { maxBytes, maxPixels, maxProgressivePixels, maxAnimationPixels, maxFrames, maxDurationSeconds } =
    DEFAULT_LIMITS;
  const told = rows('Images that are refused').join(' ');
  for (const words of [
    `maxFileSize\` (${maxBytes / 2 ** 20} MiB)`,
    `maxPixels\` (${maxPixels / 1e6} million)`,
    `maxProgressivePixels\` (${maxProgressivePixels / 1e6} million)`,
    `maxAnimationPixels\` (${maxAnimationPixels / 1e6} million)`,
    `maxFrames\` (${maxFrames})`,
    `maxDuration\` (${maxDurationSeconds} s)`,
  ]) {
    expect(told).toContain(words);
  }
});
