import * as z from 'zod';
import { FORMATS } from '../../contract';
import { REJECTION_CODES, type SourceFormat } from '../../engine';
import type { RejectedManifest, Manifest, ManifestSource, ManifestThumbnail, ReadyManifest } from './manifest';

/** Names every source format; the type makes a forgotten one an error. */
const SOURCE_FORMATS: { readonly [F in SourceFormat]: F } = {
  jpeg: 'jpeg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
  gif: 'gif',
  tiff: 'tiff',
  heic: 'heic',
  svg: 'svg',
};

const count = z.number().int().nonnegative();
const side = z.number().int().positive();
const fraction = z.number().min(0).max(1);

const source = z.object({
  key: z.string().min(1),
  etag: z.string(),
  bytes: count,
  focalPoint: z.object({ x: fraction, y: fraction }).optional(),
  warnings: z.array(z.string()).readonly().optional(),
}) satisfies z.ZodType<ManifestSource>;

const thumbnail = z.object({
  name: z.string().min(1),
  format: z.enum(FORMATS),
  contentType: z.string().min(1),
  width: side,
  height: side,
  frames: side,
  bytes: count,
  key: z.string().min(1),
  etag: z.string(),
}) satisfies z.ZodType<ManifestThumbnail>;

const base = { version: z.literal(1), source, fingerprint: z.string().min(1) };

const ready = z.object({
  ...base,
  status: z.literal('ready'),
  image: z.object({
    format: z.enum(SOURCE_FORMATS),
    width: side,
    height: side,
    frames: side,
    hasAlpha: z.boolean(),
    salvaged: z.string().optional(),
  }),
  thumbHash: z.string(),
  dominantColor: z.string(),
  thumbnails: z.array(thumbnail),
  srcset: z.partialRecord(z.enum(FORMATS), z.string()),
}) satisfies z.ZodType<ReadyManifest>;

const failed = z.object({
  ...base,
  status: z.literal('rejected'),
  rejection: z.object({ code: z.enum(REJECTION_CODES), message: z.string() }),
}) satisfies z.ZodType<RejectedManifest>;

const schema = z.discriminatedUnion('status', [ready, failed]);

/** The shapes of a manifest and its parts. */
export const manifestSchemas = { source, thumbnail, ready, failed } as const;

/** The manifest that bytes hold; undefined when they hold none, or one of another version. */
export function parseManifest(bytes: Buffer): Manifest | undefined {
  try {
    return schema.safeParse(JSON.parse(bytes.toString())).data;
  } catch {
    return undefined;
  }
}

/** The bytes of a manifest: the same for the same manifest. */
export function serializeManifest(manifest: Manifest): Buffer {
  return Buffer.from(`${JSON.stringify(manifest)}\n`);
}
