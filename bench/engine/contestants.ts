import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { readProcessMemoryMiB } from '../../runtime/config/machine';
import { EFFORTS, type ThumbnailSettings } from '../../runtime/contract';
import { disableIncrementalMarking } from '../../runtime/program/heap';
import { renderWithinMemory } from '../../runtime/program/render-within-memory';
import { renderWithSharp, settingsOf, shaped } from '../bare-sharp';
import { ENGINE_OPTIONS } from './cases';

/** Renders the thumbnails of a photo. */
export type MakeThumbnails = (photo: string, thumbnails: readonly ThumbnailSettings[]) => Promise<Buffer[]>;

/** Library or command-line program in the comparison. */
export interface Contestant {
  readonly name: string;
  readonly title: string;
  /** Whether each call starts a command-line program. The benchmark then measures the CPU time of child processes. */
  readonly isProgram?: true;
  /** Prepares the contestant. `work` is the path of a temporary folder. `requireCompetitor` loads an npm package. */
  readonly prepare: (work: string, requireCompetitor: ReturnType<typeof createRequire>) => Promise<MakeThumbnails>;
}

const run = promisify(execFile);

/** Contestant that uses only sharp. Decodes the file once, and resizes the decoded image to each size. */
const bareSharp: Contestant = {
  name: 'sharp',
  title: 'sharp, bare',
  prepare: () => {
    sharp.concurrency(1);
    sharp.cache(false);
    return Promise.resolve((photo, thumbnails) => renderWithSharp(readFileSync(photo), thumbnails));
  },
};

/**
 * Contestant that decodes the file once for each size, with all sizes in parallel. The Firebase extension Resize Images
 * has the same algorithm: https://extensions.dev/extensions/firebase/storage-resize-images
 */
const decodePerSize: Contestant = {
  name: 'decode-per-size',
  title: 'a pipeline of sharp for each size',
  prepare: () => {
    sharp.concurrency(1);
    sharp.cache(false);
    // The import of this project's engine blocks all file loaders of sharp. This contestant needs the loader for JPEG
    // files.
    sharp.unblock({ operation: ['VipsForeignLoadJpegFile'] });
    return Promise.resolve((photo, thumbnails) =>
      Promise.all(thumbnails.map((settings) => shaped(sharp(photo, { autoOrient: true }), settings).toBuffer())),
    );
  },
};

/** Returns a contestant with this project's engine in the configuration of the service's worker processes. */
function engine(name: string, title: string, detectJpegCorruption: boolean): Contestant {
  return {
    name,
    title,
    prepare: () => {
      disableIncrementalMarking();
      const render = renderWithinMemory(readProcessMemoryMiB(process.env));
      return Promise.resolve(async (photo, thumbnails) => {
        const rendering = await render(readFileSync(photo), { ...ENGINE_OPTIONS, detectJpegCorruption, thumbnails });
        return rendering.thumbnails.map(({ body }) => body);
      });
    },
  };
}

/** This project without the scan for corrupt JPEG data. The competitors have no such scan. */
const ours = engine('ours', 'cdk-thumbnails', false);
/** This project with the scan for corrupt JPEG data. */
const verifying = engine('verifying', 'cdk-thumbnails, verifying JPEGs', true);

/** The part of https://github.com/unjs/ipx that the benchmark uses. */
interface IpxModule {
  readonly createIPX: (options: { readonly storage: unknown; readonly sharpOptions: object }) => IpxImages;
  readonly ipxFSStorage: (options: { readonly dir: string }) => unknown;
}
type IpxImages = (
  id: string,
  modifiers: Readonly<Record<string, string>>,
) => { process(): Promise<{ readonly data: Buffer }> };

const ipx: Contestant = {
  name: 'ipx',
  title: 'ipx',
  prepare: async (_work, requireCompetitor) => {
    const ipxSharp = requireCompetitor('sharp') as typeof sharp;
    ipxSharp.concurrency(1);
    ipxSharp.cache(false);
    const { createIPX, ipxFSStorage } = (await import(
      pathToFileURL(requireCompetitor.resolve('ipx')).href
    )) as IpxModule;
    const folders = new Map<string, IpxImages>();
    return (photo, thumbnails) => {
      const dir = dirname(photo);
      // Disables progressive JPEG, which requires more CPU time, because all other contestants write baseline JPEG.
      const images =
        folders.get(dir) ?? createIPX({ storage: ipxFSStorage({ dir }), sharpOptions: { jpegProgressive: false } });
      folders.set(dir, images);
      return Promise.all(
        thumbnails.map(async (settings) => {
          const { type, quality } = settingsOf(settings);
          const { data } = await images(basename(photo), {
            autoorient: 'true',
            fit: settings.fit,
            resize: `${settings.width}x${settings.height}`,
            format: type,
            quality: String(quality),
          }).process();
          return Buffer.from(data);
        }),
      );
    };
  },
};

/** Returns the command, including its arguments, that writes one thumbnail of a photo to the file `out`. */
type Command = (photo: string, settings: ThumbnailSettings, out: string) => string[];

/** Returns a contestant that runs a command-line program once for each thumbnail. */
function program(name: string, title: string, words: Command): Contestant {
  return {
    name,
    title,
    isProgram: true,
    prepare: (work) =>
      Promise.resolve(async (photo, thumbnails) => {
        const made: Buffer[] = [];
        for (const settings of thumbnails) {
          const out = join(work, `${name}-${settings.name}.${settingsOf(settings).type}`);
          const [command = '', ...rest] = words(photo, settings, out);
          await run(command, rest, {
            env: { ...process.env, VIPS_CONCURRENCY: '1', MAGICK_THREAD_LIMIT: '1', OMP_NUM_THREADS: '1' },
          });
          made.push(readFileSync(out));
        }
        return made;
      }),
  };
}

const vipsthumbnail = program('vipsthumbnail', 'vipsthumbnail', (photo, settings, out) => {
  const { width, height, fit } = settings;
  const { type, quality } = settingsOf(settings);
  const encoder = type === 'jpeg' ? `Q=${quality},optimize_coding` : `Q=${quality},effort=${EFFORTS.webp.default}`;
  const size = fit === 'cover' ? [`--size=${width}x${height}`, '--smartcrop=centre'] : [`--size=${width}x${height}>`];
  return ['vipsthumbnail', photo, ...size, '--eprofile=srgb', `--output=${out}[${encoder},strip]`];
});

/**
 * Returns the command of ImageMagick or GraphicsMagick. The arguments of `hint` make the program decode a JPEG file at
 * a reduced size. As their manuals recommend, the reduced size is twice the size of the thumbnail.
 */
function magick(command: readonly string[], hint: (size: string) => string[], strip: readonly string[]): Command {
  return (photo, settings, out) => {
    const { width, height, fit } = settings;
    const { type, quality } = settingsOf(settings);
    const resize =
      fit === 'cover'
        ? ['-resize', `${width}x${height}^`, '-gravity', 'center', '-extent', `${width}x${height}`]
        : ['-resize', `${width}x${height}>`];
    const effort = type === 'webp' ? ['-define', `webp:method=${EFFORTS.webp.default}`] : [];
    const decoding = hint(`${2 * width}x${2 * height}`);
    return [
      ...command,
      ...decoding,
      photo,
      '-auto-orient',
      ...resize,
      ...strip,
      '-quality',
      String(quality),
      ...effort,
      out,
    ];
  };
}

const imageMagick = program(
  'imagemagick',
  'ImageMagick',
  magick(['convert'], (size) => ['-define', `jpeg:size=${size}`], ['-strip']),
);
const graphicsMagick = program(
  'graphicsmagick',
  'GraphicsMagick',
  magick(['gm', 'convert'], (size) => ['-size', size], ['+profile', '*']),
);

/** All contestants, this project first. */
export const CONTESTANTS: readonly Contestant[] = [
  ours,
  verifying,
  bareSharp,
  decodePerSize,
  ipx,
  vipsthumbnail,
  imageMagick,
  graphicsMagick,
];

/** Commands that print the version of each program. If a command fails, the program is not installed. */
export const VERSION_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  vipsthumbnail: ['vipsthumbnail', '--vips-version'],
  imagemagick: ['convert', '-version'],
  graphicsmagick: ['gm', 'version'],
};
