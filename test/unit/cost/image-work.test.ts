import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_THUMBNAILS, imageWork, type Format } from '../../../cost';
import * as contract from '../../../runtime/contract';

const performance = readFileSync(join(__dirname, '../../../docs/explanation/performance.md'), 'utf8');
const PHOTO = { megapixels: 10, bytes: 3_000_000 };
const one = (type: Format) => [{ width: 640, height: 640, formats: [{ type }] }];
const three = (type: Format) => DEFAULT_THUMBNAILS.map((thumbnail) => ({ ...thumbnail, formats: [{ type }] }));

test('the default thumbnails of the cost model equal the default thumbnails of the construct', () => {
  const sizes = contract.DEFAULT_THUMBNAILS.map(({ fit, width, height, formats }) => ({ fit, width, height, formats }));
  expect(DEFAULT_THUMBNAILS).toEqual(sizes);
});

test('the lower bound of the CPU time equals the measured time of the engine', () => {
  const [, ...measured] =
    /\*\*cdk-thumbnails, without scan\*\* +\| +(\d+) ms \| +(\d+) ms \| +(\d+) ms \| +(\d+) ms/.exec(performance)!;
  const modelled = [one('jpeg'), one('webp'), three('jpeg'), three('webp')].map(
    (thumbnails) => imageWork(thumbnails, PHOTO).cpuSeconds.low * 1000,
  );
  modelled.forEach((milliseconds, index) => {
    const difference = milliseconds / Number(measured[index]);
    expect(difference).toBeGreaterThan(0.95);
    expect(difference).toBeLessThan(1.05);
  });
});

test('the expected CPU time equals the measured time of the command render', () => {
  const [, cpu] = /16 camera photos of 4 to 16 megapixels\s*\| 16 rendered\s*\| [\d.]+ s\s*\| ([\d.]+) s/.exec(
    performance,
  )!;
  expect(imageWork(DEFAULT_THUMBNAILS, PHOTO).cpuSeconds.expected).toBeCloseTo(Number(cpu) / 16, 2);
});

test('the measured time of twenty thumbnails is within the uncertainty range', () => {
  const [, measured] = /\| CPU time of all thumbnails, ms +\| +205 \| 207 \| 423 \| 799 \| ([\d,]+) \|/.exec(
    performance,
  )!;
  const thumbnails = Array.from({ length: 20 }, (_, index) => {
    const side = Math.round(100 + (index * 1500) / 19);
    return { width: side, height: side, formats: [{ type: 'webp' as const }] };
  });
  const { low, high } = imageWork(thumbnails, PHOTO).cpuSeconds;
  expect(Number(measured!.replace(',', '')) / 1000).toBeGreaterThan(low * 0.9);
  expect(Number(measured!.replace(',', '')) / 1000).toBeLessThan(high);
});

test('the size of JPEG thumbnails equals the measured size', () => {
  for (const [width, kilobytes] of [
    [320, 16.1],
    [640, 53.3],
    [1600, 259.5],
  ] as const) {
    const thumbnails = [{ width, height: width, formats: [{ type: 'jpeg' as const }] }];
    expect((imageWork(thumbnails, PHOTO).storedBytes - 2000) / 1000 / kilobytes).toBeCloseTo(1, 1);
  }
});

test('no thumbnail is larger than its source', () => {
  const original = { megapixels: 1, bytes: 300_000 };
  const bytes = (side: number) =>
    imageWork([{ width: side, height: side, formats: [{ type: 'webp' }] }], original).storedBytes;
  expect(bytes(8000)).toBe(bytes(4000));
  expect(bytes(8000)).toBeGreaterThan(bytes(500));
});

test('every thumbnail file and the manifest require one PUT request each', () => {
  const formats = [{ type: 'avif' }, { type: 'jpeg' }] as const;
  const { s3Puts } = imageWork([{ width: 10, height: 10, formats }, ...DEFAULT_THUMBNAILS], PHOTO);
  expect(s3Puts).toBe(2 + 3 + 1);
});
