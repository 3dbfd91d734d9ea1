import * as z from 'zod';
import { FORMATS } from '../../contract';
import { REJECTION_CODES, type SourceFormat } from '../../engine';
import { WARNING_CODES, type Warning, type WarningCode } from '../../errors/warning-codes';
import { SCAN_CODES, type ScanCode } from '../../storage';

/** Names of all source formats. The type ensures that the list is complete. */
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

const focalPoint = z
  .strictObject({
    x: fraction.describe('Fraction of the width from the left, from 0 to 1'),
    y: fraction.describe('Fraction of the height from the top, from 0 to 1'),
  })
  .describe('Point that crops keep visible: fractions from the left and from the top of the upright image');

const source = z.object({
  key: z.string().min(1).describe('Key of the source in the source bucket'),
  etag: z.string().describe('ETag of the source, without quotes'),
  bytes: count.describe('Size of the source in bytes'),
  focalPoint: focalPoint.optional(),
  scan: z
    .enum(Object.values(SCAN_CODES) as [ScanCode, ...ScanCode[]])
    .optional()
    .describe('Code of the malware scan that blocks the source'),
});

const thumbnail = z.object({
  name: z.string().min(1).describe('Name of the thumbnail in the configuration'),
  format: z.enum(FORMATS).describe('Format of the file, such as webp'),
  contentType: z.string().min(1).describe('Media type of the file, such as image/webp'),
  width: side.describe('Width of one frame in pixels'),
  height: side.describe('Height of one frame in pixels'),
  frames: side.describe('Number of frames; 1 for a still image'),
  bytes: count.describe('Size of the file in bytes'),
  key: z.string().min(1).describe('Key in the thumbnail bucket'),
  etag: z
    .string()
    .describe('ETag that the object store returned. A different ETag reveals that the object was replaced'),
});

const warning = z.object({
  code: z.enum(Object.keys(WARNING_CODES) as [WarningCode, ...WarningCode[]]),
  message: z.string().describe('Description for people'),
}) satisfies z.ZodType<Warning>;

const analysis = z.object({
  settings: z.string().min(1).describe('Hash of the settings of the analysis'),
  verdict: z.enum(['allow', 'reject']),
  reason: z.string().optional().describe('Reason of a rejection'),
  focalPoint: focalPoint.optional().describe('Focal point that the analysis determined'),
  labels: z
    .array(z.object({ name: z.string(), confidence: z.number().describe('Confidence in percent') }))
    .readonly()
    .optional()
    .describe('Labels of the content moderation; only if the pipeline stores them'),
  tags: z.record(z.string(), z.string()).optional().describe('Tags of a custom check'),
});

const base = {
  version: z.literal(1).describe('Version of the manifest format'),
  source,
  fingerprint: z.string().min(1).describe('Hash of the source and the settings'),
  warnings: z.array(warning).readonly().describe('Unusual properties of the source that do not prevent thumbnails'),
  analysis: analysis.optional().describe('Result of the analysis; missing if the pipeline analyses no images'),
};

const ready = z.object({
  ...base,
  status: z.literal('ready'),
  image: z
    .object({
      format: z.enum(SOURCE_FORMATS).describe('Format of the source, such as jpeg'),
      width: side.describe('Width of the upright image in pixels'),
      height: side.describe('Height of the upright image in pixels'),
      frames: side.describe('Number of frames of the source; 1 for a still image'),
      hasAlpha: z.boolean().describe('Whether the source has an alpha channel'),
    })
    .describe('Properties of the source image'),
  thumbHash: z.string().describe('ThumbHash placeholder, base64'),
  dominantColor: z.string().describe('Dominant colour, #rrggbb'),
  thumbnails: z.array(thumbnail).readonly().describe('Stored files of all thumbnails'),
  srcset: z
    .partialRecord(z.enum(FORMATS), z.string())
    .describe('srcset attribute per format, with thumbnails of one aspect ratio'),
});

const rejected = z.object({
  ...base,
  status: z.literal('rejected'),
  rejection: z
    .object({
      code: z.enum(REJECTION_CODES).describe('Stable error code of the rejection'),
      message: z.string().describe('Description of the rejection for people'),
    })
    .describe('Reason of the rejection'),
});

const schema = z.discriminatedUnion('status', [ready, rejected]);

/** Schemas of a manifest and its parts. The HTTP API extends these schemas. */
export const manifestSchemas = { focalPoint, source, thumbnail, ready, rejected } as const;

/** Entry of a stored thumbnail in a manifest. */
export type ManifestThumbnail = Readonly<z.output<typeof thumbnail>>;

/** Properties of the source in a manifest. */
export type ManifestSource = Readonly<z.output<typeof source>>;

/** Result of an analysis in a manifest. */
export type ManifestAnalysis = Readonly<z.output<typeof analysis>>;

/** Manifest of a source whose thumbnails are all stored. */
export type ReadyManifest = Readonly<z.output<typeof ready>>;

/** Manifest of a rejected source. */
export type RejectedManifest = Readonly<z.output<typeof rejected>>;

/** Content of `manifest.json`. The pipeline writes the manifest after all thumbnails of a source. */
export type Manifest = ReadyManifest | RejectedManifest;

/** Parses a manifest. Returns undefined if the bytes are not a manifest of this version. */
export function parseManifest(bytes: Buffer): Manifest | undefined {
  try {
    return schema.safeParse(JSON.parse(bytes.toString())).data;
  } catch {
    return undefined;
  }
}

/** Serializes a manifest. Equal manifests have equal bytes. */
export function serializeManifest(manifest: Manifest): Buffer {
  return Buffer.from(`${JSON.stringify(manifest)}\n`);
}
