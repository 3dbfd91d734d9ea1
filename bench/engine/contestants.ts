import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import sharp, { type Sharp } from 'sharp';
import { DEFAULT_QUALITY, EFFORTS, type ThumbnailSettings } from '../../runtime/contract';
import { collectInOneGo } from '../../runtime/program/heap';
import { memoryOf, renderWithinMemory } from '../../runtime/program/render-within-memory';
import { ENGINE_OPTIONS } from './cases';

/** Makes thumbnails of the file of a photo; those that stay files are read by who compares. */
export type RenderOnce = (photo: string, thumbnails: readonly ThumbnailSettings[]) => Promise<Buffer[]>;

/** Who takes part, and how it is made ready. `work` is a folder for files, `requirePeer` loads what is compared with. */
export interface Contestant {
  readonly name: string;
  readonly title: string;
  /** A program of its own for each call: its CPU time is that of the children. */
  readonly isProgram?: true;
  readonly prepare: (work: string, requirePeer: ReturnType<typeof createRequire>) => Promise<RenderOnce>;
}

const run = promisify(execFile);

/** Only JPEG and WebP are compared, at the default quality of each. */
function settingsOf({ formats: [format] }: ThumbnailSettings): {
  readonly type: 'jpeg' | 'webp';
  readonly quality: number;
} {
  if (format?.type !== 'jpeg' && format?.type !== 'webp') {
    throw new TypeError('only jpeg and webp are compared');
  }
  return { type: format.type, quality: DEFAULT_QUALITY[format.type] };
}

/** The thumbnail as one writes it in sharp. */
function shaped(pipeline: Sharp, settings: ThumbnailSettings): Sharp {
  const { width, height } = settings;
  const { type, quality } = settingsOf(settings);
  const fit = settings.fit === 'cover' ? 'cover' : 'inside';
  const resized = pipeline.resize(width, height, { fit, withoutEnlargement: true });
  return type === 'jpeg' ? resized.jpeg({ quality }) : resized.webp({ quality, effort: EFFORTS.webp.default });
}

/** The limit: what sharp alone takes for the same pixels, with nothing around it. Several sizes come from one decoding. */
const bareSharp: Contestant = {
  name: 'sharp',
  title: 'sharp, bare',
  prepare: () => {
    sharp.concurrency(1);
    sharp.cache(false);
    return Promise.resolve(async (photo, thumbnails) => {
      const bytes = readFileSync(photo);
      const largest = thumbnails.reduce((one, other) => (one.width > other.width ? one : other));
      if (thumbnails.length === 1) {
        return [await shaped(sharp(bytes, { autoOrient: true }), largest).toBuffer()];
      }
      const { data, info } = await sharp(bytes, { autoOrient: true })
        .resize(largest.width, largest.height, { fit: 'inside', withoutEnlargement: true })
        .raw()
        .toBuffer({ resolveWithObject: true });
      const { width, height, channels } = info;
      return Promise.all(
        thumbnails.map((settings) => shaped(sharp(data, { raw: { width, height, channels } }), settings).toBuffer()),
      );
    });
  },
};

/** A whole pipeline from the file for each size, all at once, as Firebase's extension does: https://extensions.dev/extensions/firebase/storage-resize-images */
const decodePerSize: Contestant = {
  name: 'decode-per-size',
  title: 'a pipeline of sharp for each size',
  prepare: () => {
    sharp.concurrency(1);
    sharp.cache(false);
    // Our engine is in this file too, and closes what reads files.
    sharp.unblock({ operation: ['VipsForeignLoadJpegFile'] });
    return Promise.resolve((photo, thumbnails) =>
      Promise.all(thumbnails.map((settings) => shaped(sharp(photo, { autoOrient: true }), settings).toBuffer())),
    );
  },
};

/** The engine as the children of the service run it. */
function engine(name: string, title: string, verifyJpegs: boolean): Contestant {
  return {
    name,
    title,
    prepare: () => {
      collectInOneGo();
      const render = renderWithinMemory(memoryOf(process.env));
      return Promise.resolve(async (photo, thumbnails) => {
        const rendering = await render(readFileSync(photo), { ...ENGINE_OPTIONS, verifyJpegs, thumbnails });
        return rendering.thumbnails.map(({ body }) => body);
      });
    },
  };
}

/** Doing what all others do: none of them looks whether a JPEG is damaged beyond what libjpeg warns of. */
const ours = engine('ours', 'cdk-thumbnails', false);
/** As it is by default. */
const verifying = engine('verifying', 'cdk-thumbnails, verifying JPEGs', true);

/** https://github.com/unjs/ipx, as far as it is used here. */
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
  prepare: async (_work, requirePeer) => {
    const peerSharp = requirePeer('sharp') as typeof sharp;
    peerSharp.concurrency(1);
    peerSharp.cache(false);
    const { createIPX, ipxFSStorage } = (await import(pathToFileURL(requirePeer.resolve('ipx')).href)) as IpxModule;
    const folders = new Map<string, IpxImages>();
    return (photo, thumbnails) => {
      const dir = dirname(photo);
      // Not progressive, as all others: that costs it CPU.
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

/** The words of a command that makes a thumbnail of a photo and writes it to a file. */
type Command = (photo: string, settings: ThumbnailSettings, out: string) => string[];

/** A program of the command line, called once for each thumbnail. */
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

/** ImageMagick and GraphicsMagick, told to let the decoder shrink to twice the size, as their manuals advise. */
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

/** Everybody, us first. */
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

/** The command by which a program can be asked for its version; it is missing where that fails. */
export const VERSION_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  vipsthumbnail: ['vipsthumbnail', '--vips-version'],
  imagemagick: ['convert', '-version'],
  graphicsmagick: ['gm', 'version'],
};
