// Finds the WebP and AVIF qualities that have the same DSSIM as JPEG at the default quality. Reports file sizes in bytes.
//   npm ci --prefix bench && npx ts-node -T bench/quality.ts folder-of-photos --widths 320,640,1600
// The engine renders all images. Each DSSIM compares an image with a PNG that the engine renders at the same size.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_LIMITS, DEFAULT_QUALITY, type ThumbnailSettings } from '../runtime/contract';
import { render } from '../runtime/engine';
import { checkCompetitors } from './competitors';
import { dssim } from './dssim';

/** Formats to compare with JPEG, and the qualities to measure. */
const QUALITIES = { webp: [70, 75, 80, 85, 90, 95], avif: [40, 50, 55, 60, 70, 80] } as const;
type Rival = keyof typeof QUALITIES;
const RIVALS = Object.keys(QUALITIES) as Rival[];

/** One encoding of one photo. */
interface Sample {
  readonly quality: number;
  readonly bytes: number;
  readonly dssim: number;
}

/** Measurements of one photo. */
interface Measurement {
  readonly jpeg: Sample;
  readonly rivals: Readonly<Record<Rival, readonly Sample[]>>;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { widths: { type: 'string', default: '320,640,1600' } },
  });
  const [folder] = positionals;
  const widths = values.widths.split(',').map(Number);
  if (folder === undefined || positionals.length > 1 || !widths.every((width) => width >= 16 && width <= 8192)) {
    throw new Error('usage: quality.ts folder-of-photos [--widths 320,640,1600]');
  }
  checkCompetitors();
  const photos = readdirSync(folder).filter((name) => /\.(?:jpe?g|png|tiff?|webp)$/i.test(name));
  for (const width of widths) {
    const measured: Measurement[] = [];
    for (const photo of photos) {
      process.stderr.write(`${width} ${photo}\n`);
      try {
        measured.push(await measure(readFileSync(join(folder, photo)), width));
      } catch (error) {
        // Skips a photo that the engine cannot render, and continues with the next photo.
        process.stderr.write(`${photo} is skipped: ${String(error)}\n`);
      }
    }
    report(width, measured);
  }
}

async function measure(photo: Buffer, side: number): Promise<Measurement> {
  const of = (name: string, format: ThumbnailSettings['formats'][number]): ThumbnailSettings => ({
    name,
    fit: 'inside',
    width: side,
    height: side,
    formats: [format],
  });
  const { thumbnails } = await render(photo, {
    limits: { ...DEFAULT_LIMITS, maxDurationSeconds: 600 },
    allowSvg: false,
    thumbnails: [
      of('reference', { type: 'png' }),
      of('jpeg', { type: 'jpeg' }),
      ...RIVALS.flatMap((type) => QUALITIES[type].map((quality) => of(`${type}-${quality}`, { type, quality }))),
    ],
  });
  const bodyOf = (name: string): Buffer => thumbnails.find((thumbnail) => thumbnail.name === name)!.body;
  const reference = bodyOf('reference');
  const sample = async (name: string, quality: number): Promise<Sample> => {
    const body = bodyOf(name);
    return { quality, bytes: body.length, dssim: await dssim(body, reference) };
  };
  const jpeg = await sample('jpeg', DEFAULT_QUALITY.jpeg);
  const rivals: Record<Rival, Sample[]> = { webp: [], avif: [] };
  for (const rival of RIVALS) {
    for (const quality of QUALITIES[rival]) {
      rivals[rival].push(await sample(`${rival}-${quality}`, quality));
    }
  }
  return { jpeg, rivals };
}

function report(width: number, measured: readonly Measurement[]): void {
  const jpegBytes = sum(measured.map(({ jpeg }) => jpeg.bytes));
  const rows = RIVALS.map((rival) => {
    const equal = measured.map(({ jpeg, rivals }) => at(rivals[rival], 'dssim', jpeg.dssim));
    const byDefault = measured.map(({ rivals }) => at(rivals[rival], 'quality', DEFAULT_QUALITY[rival]));
    const qualities = equal.map(({ quality }) => quality);
    return {
      format: rival,
      'equal quality': median(qualities).toFixed(0),
      'of photos': `${Math.min(...qualities).toFixed(0)} to ${Math.max(...qualities).toFixed(0)}`,
      'bytes then': share(sum(equal.map(({ bytes }) => bytes)), jpegBytes),
      default: DEFAULT_QUALITY[rival],
      'bytes by default': share(sum(byDefault.map(({ bytes }) => bytes)), jpegBytes),
      'DSSIM by default': mean(byDefault).toFixed(5),
    };
  });
  const { jpeg } = DEFAULT_QUALITY;
  console.log(
    `${width} pixels, ${measured.length} photos, JPEG at ${jpeg}: ${Math.round(jpegBytes / measured.length)} bytes each, ` +
      `DSSIM ${mean(measured.map((each) => each.jpeg)).toFixed(5)}`,
  );
  console.table(rows);
  for (const rival of RIVALS) {
    const grid = QUALITIES[rival].map((quality, index) => {
      const samples = measured.map(({ rivals }) => rivals[rival][index]!);
      const bytes = share(sum(samples.map((sample) => sample.bytes)), jpegBytes);
      return `${quality}: ${bytes} of the JPEG bytes, DSSIM ${mean(samples).toFixed(5)}`;
    });
    console.log([rival, ...grid].join('\n  '));
  }
}

/**
 * Interpolates a sample at a quality or a DSSIM. DSSIM and file size are nearly exponential functions of the quality.
 * Therefore, the function interpolates their logarithms linearly. Extrapolates values beyond the last sample.
 */
function at(samples: readonly Sample[], axis: 'quality' | 'dssim', wanted: number): Sample {
  const position = (sample: Sample): number => (axis === 'quality' ? sample.quality : -Math.log(sample.dssim));
  const x = axis === 'quality' ? wanted : -Math.log(wanted);
  const next = samples.findIndex((sample) => position(sample) >= x);
  const upper = next < 0 ? samples.length - 1 : Math.max(next, 1);
  const [low, high] = [samples[upper - 1]!, samples[upper]!];
  const part = (x - position(low)) / (position(high) - position(low));
  const between = (one: number, other: number): number => one + part * (other - one);
  return {
    quality: between(low.quality, high.quality),
    bytes: Math.exp(between(Math.log(low.bytes), Math.log(high.bytes))),
    dssim: Math.exp(between(Math.log(low.dssim), Math.log(high.dssim))),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(samples: readonly Sample[]): number {
  return sum(samples.map((sample) => sample.dssim)) / samples.length;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

function share(bytes: number, all: number): string {
  return `${Math.round((100 * bytes) / all)} %`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
