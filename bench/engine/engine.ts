import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { ThumbnailSettings } from '../../runtime/contract';
import { COMPETITORS, competitorVersion } from '../competitors';
import { dssim } from '../dssim';
import { peakMemory, treeMemory } from '../processes';
import type { Findings, Plot, Table } from '../report';
import { fixed, mean, median, times } from '../statistics';
import { buildScript, ROOT, type Bench } from '../workspace';
import { CASES, type Case } from './cases';
import type { Round, RoundResult } from './contestant-process';
import { CONTESTANTS, VERSION_COMMANDS, type Contestant } from './contestants';

/** Number of rounds for each photo and contestant. Slow command-line programs run fewer rounds. */
const ROUNDS = 5;
const PROGRAM_ROUNDS = 1;
/** Number of photos for which the benchmark compares the thumbnails with a reference. */
const COMPARED_PHOTOS = 4;

/** Measurements of one contestant in one case. */
interface Score {
  readonly contestant: Contestant;
  /** CPU time in ms: for each photo, a list with one value per round. */
  readonly cpu: number[][];
  readonly wall: number[][];
  /** Total size of all thumbnails in bytes. */
  bytes: number;
  /** Peak memory in MiB. */
  memory: number;
  readonly dssims: number[];
}

/**
 * Compares the engine with sharp and the competitors. All contestants render equal photos with equal sizes, qualities
 * and efforts. Only one contestant runs at a time.
 */
export async function engine(bench: Bench): Promise<Findings> {
  const script = await buildScript(bench.work, join(ROOT, 'bench/engine/contestant-process.ts'));
  const here = CONTESTANTS.filter(isInstalled);
  const tables: Table[] = [];
  const plots: Plot[] = [];
  const figures: Record<string, number> = {};
  for (const each of CASES) {
    const scores = await compare(each, here, script, bench);
    tables.push(tableOf(each, scores, bench.photos.length));
    plots.push(plotOf(each, scores));
    const [ours, ...others] = scores;
    for (const other of others) {
      figures[`${each.name}: CPU of ${other.contestant.name} / ours`] = ratio(other.cpu, ours!.cpu);
    }
    figures[`${each.name}: peak memory of ours, MiB`] = ours!.memory;
  }
  return { tables, plots, figures };
}

async function compare(
  { name, thumbnails }: Case,
  contestants: readonly Contestant[],
  script: string,
  { work, photos, say }: Bench,
): Promise<Score[]> {
  const scores = contestants.map((contestant): Score => ({
    contestant,
    cpu: photos.map(() => []),
    wall: photos.map(() => []),
    bytes: 0,
    memory: 0,
    dssims: [],
  }));
  const children = contestants.map((contestant) =>
    fork(script, [contestant.name, work, COMPETITORS], { execArgv: [] }),
  );
  try {
    await Promise.all(children.map((child) => once(child, 'message')));
    for (const child of children) {
      await ask(child, { photo: photos[0]!, thumbnails });
    }
    for (let round = 0; round < ROUNDS; round++) {
      say(`engine: ${name}, round ${round + 1} of ${ROUNDS}`);
      for (const [index, photo] of photos.entries()) {
        // The order of contestants rotates, because the position in the order influences caches and the CPU clock.
        const order = scores.map((_, place) => (place + round + index) % scores.length);
        for (const place of order) {
          const score = scores[place]!;
          if (score.contestant.isProgram && round >= PROGRAM_ROUNDS) {
            continue;
          }
          const keep = round === 0 ? join(work, name, score.contestant.name, String(index)) : undefined;
          const result = await ask(children[place]!, { photo, thumbnails, ...(keep !== undefined && { keep }) });
          score.cpu[index]!.push(result.cpu);
          score.wall[index]!.push(result.wall);
          if (round === 0) {
            score.bytes += result.bytes;
          }
          score.memory = Math.max(score.memory, result.memory);
        }
      }
    }
  } finally {
    children.forEach((child) => child.kill());
  }
  say(`engine: ${name}, comparing the thumbnails with the reference`);
  await compareWithReference(name, scores, thumbnails, { work, photos });
  return scores;
}

async function ask(
  child: ChildProcess,
  round: Round,
): Promise<Extract<RoundResult, { cpu: number }> & { memory: number }> {
  const response = once(child, 'message');
  child.send(round);
  // Measures the memory repeatedly, because the memory of a command-line program is only readable while the program runs.
  let memory = 0;
  const watch = setInterval(() => (memory = Math.max(memory, treeMemory(child.pid!))), 20);
  const [result] = (await response) as [RoundResult];
  clearInterval(watch);
  if ('error' in result) {
    throw new Error(`${child.spawnargs.at(-3)}: ${round.photo}: ${result.error}`);
  }
  return { ...result, memory: Math.max(memory, peakMemory(child.pid!)) };
}

/**
 * Calculates the DSSIM of the thumbnails. The reference of a thumbnail is the photo, decoded at full size and resized
 * once with a Lanczos kernel.
 */
async function compareWithReference(
  name: string,
  scores: readonly Score[],
  thumbnails: readonly ThumbnailSettings[],
  { work, photos }: Pick<Bench, 'work' | 'photos'>,
): Promise<void> {
  const step = Math.max(1, Math.floor(photos.length / COMPARED_PHOTOS));
  for (const [index, photo] of photos.entries()) {
    if (index % step !== 0) {
      continue;
    }
    const whole = await sharp(readFileSync(photo), { autoOrient: true })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = whole.info;
    for (const thumbnail of thumbnails) {
      // Skips cropped thumbnails. The crops of two contestants can differ by half a pixel, which changes the DSSIM more than
      // the encoders do.
      if (thumbnail.fit === 'cover') {
        continue;
      }
      const reference = await sharp(whole.data, { raw: { width, height, channels } })
        .resize(thumbnail.width, thumbnail.height, { fit: thumbnail.fit, withoutEnlargement: true })
        .png({ compressionLevel: 0 })
        .toBuffer();
      for (const { contestant, dssims } of scores) {
        const made = readFileSync(join(work, name, contestant.name, String(index), thumbnail.name));
        // Skips thumbnails whose size differs from the size of the reference, because some libraries round sizes differently,
        // and resizing would change the DSSIM.
        if (await haveSameSize(made, reference)) {
          dssims.push(await dssim(made, reference));
        }
      }
    }
  }
}

async function haveSameSize(one: Buffer, other: Buffer): Promise<boolean> {
  const [a, b] = await Promise.all([sharp(one).metadata(), sharp(other).metadata()]);
  return a.width === b.width && a.height === b.height;
}

/**
 * Returns the median of the ratios `one / other`. Each ratio compares the values of two contestants for one photo in one round.
 */
function ratio(one: readonly number[][], other: readonly number[][]): number {
  return median(
    one.flatMap((rounds, photo) => rounds.map((value, round) => value / (other[photo]?.[round] ?? Number.NaN))),
  );
}

function perPhoto(photos: readonly number[][]): number {
  return mean(photos.map(median));
}

function tableOf({ title }: Case, scores: readonly Score[], photos: number): Table {
  const [ours] = scores;
  return {
    title: `${title}, of ${photos} photos`,
    note:
      'Milliseconds: the median over the rounds of each photo, and the mean of these medians. Ratios: the median over all ' +
      'photos and rounds. DSSIM compares each thumbnail with the photo, decoded at full size and resized once; lower is better.',
    columns: ['contestant', 'CPU ms', 'relative to ours', 'wall ms', 'relative to ours', 'peak MiB', 'KiB', 'DSSIM'],
    rows: scores.map((score) => [
      titleOf(score.contestant),
      fixed(perPhoto(score.cpu), 1),
      times(ratio(score.cpu, ours!.cpu)),
      fixed(perPhoto(score.wall), 1),
      times(ratio(score.wall, ours!.wall)),
      fixed(score.memory),
      fixed(score.bytes / photos / 1024, 1),
      fixed(mean(score.dssims), 4),
    ]),
  };
}

function plotOf({ name, title }: Case, scores: readonly Score[]): Plot {
  return {
    name: `engine-${name}`,
    title,
    unit: 'CPU ms a photo',
    bars: scores.map(({ contestant, cpu }) => ({
      label: contestant.title,
      value: perPhoto(cpu),
      ours: contestant.name === 'ours',
    })),
  };
}

const versions = new Map<string, string | undefined>();

/** Returns the installed version of a contestant; undefined if its program is not installed. */
function versionOf({ name }: Contestant): string | undefined {
  if (!versions.has(name)) {
    versions.set(name, lookUpVersion(name));
  }
  return versions.get(name);
}

function lookUpVersion(name: string): string | undefined {
  const [command, ...words] = VERSION_COMMANDS[name] ?? [];
  if (command === undefined) {
    return competitorVersion(name === 'ipx' ? 'ipx' : 'sharp');
  }
  try {
    const output = execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return /\d+\.\d+[\d.-]*/.exec(output)?.[0];
  } catch {
    return undefined;
  }
}

function isInstalled(contestant: Contestant): boolean {
  return versionOf(contestant) !== undefined;
}

function titleOf(contestant: Contestant): string {
  return contestant.title.startsWith('cdk-thumbnails')
    ? contestant.title
    : `${contestant.title} ${versionOf(contestant)}`;
}
