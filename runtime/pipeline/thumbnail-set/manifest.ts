import * as v from 'valibot';
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

const integer = v.pipe(v.number(), v.integer());
const count = v.pipe(integer, v.minValue(0));
const side = v.pipe(integer, v.minValue(1));
const fraction = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const text = v.pipe(v.string(), v.minLength(1));

const focalPoint = v.pipe(
  v.strictObject({
    x: v.pipe(fraction, v.description('Fraction of the width from the left, from 0 to 1')),
    y: v.pipe(fraction, v.description('Fraction of the height from the top, from 0 to 1')),
  }),
  v.description('Point that crops keep visible: fractions from the left and from the top of the upright image'),
);

const source = v.object({
  key: v.pipe(text, v.description('Key of the source in the source bucket')),
  etag: v.pipe(v.string(), v.description('ETag of the source, without quotes')),
  bytes: v.pipe(count, v.description('Size of the source in bytes')),
  focalPoint: v.optional(focalPoint),
  scan: v.optional(
    v.pipe(
      v.picklist(Object.values(SCAN_CODES) as [ScanCode, ...ScanCode[]]),
      v.description('Code of the malware scan result that blocks the source'),
    ),
  ),
});

const thumbnail = v.object({
  name: v.pipe(text, v.description('Name of the thumbnail in the configuration')),
  format: v.pipe(v.picklist(FORMATS), v.description('Format of the file, such as webp')),
  contentType: v.pipe(text, v.description('Media type of the file, such as image/webp')),
  width: v.pipe(side, v.description('Width of one frame in pixels')),
  height: v.pipe(side, v.description('Height of one frame in pixels')),
  frames: v.pipe(side, v.description('Number of frames; 1 for a still image')),
  bytes: v.pipe(count, v.description('Size of the file in bytes')),
  key: v.pipe(text, v.description('Key in the thumbnail bucket')),
  etag: v.pipe(
    v.string(),
    v.description('ETag that the object store returned. A different ETag reveals that the object was replaced'),
  ),
});

const warning = v.object({
  code: v.picklist(Object.keys(WARNING_CODES) as [WarningCode, ...WarningCode[]]),
  message: v.pipe(v.string(), v.description('Description for people')),
}) satisfies v.GenericSchema<Warning>;

const analysis = v.object({
  settings: v.pipe(text, v.description('Hash of the settings of the analysis')),
  verdict: v.picklist(['allow', 'reject']),
  reason: v.optional(v.pipe(v.string(), v.description('Reason of a rejection'))),
  focalPoint: v.optional(v.pipe(focalPoint, v.description('Focal point that the analysis determined'))),
  labels: v.optional(
    v.pipe(
      v.array(v.object({ name: v.string(), confidence: v.pipe(v.number(), v.description('Confidence in percent')) })),
      v.readonly(),
      v.description('Labels of the content moderation; only if the pipeline stores them'),
    ),
  ),
  tags: v.optional(v.pipe(v.record(v.string(), v.string()), v.description('Tags of a custom check'))),
});

const base = {
  version: v.pipe(v.literal(1), v.description('Version of the manifest format')),
  source,
  fingerprint: v.pipe(text, v.description('Hash of the source and the settings')),
  warnings: v.pipe(
    v.array(warning),
    v.readonly(),
    v.description('Unusual properties of the source that do not prevent thumbnails'),
  ),
  analysis: v.optional(
    v.pipe(analysis, v.description('Result of the analysis; missing if the pipeline analyses no images')),
  ),
};

const ready = v.object({
  ...base,
  status: v.literal('ready'),
  image: v.pipe(
    v.object({
      format: v.pipe(v.picklist(Object.values(SOURCE_FORMATS)), v.description('Format of the source, such as jpeg')),
      width: v.pipe(side, v.description('Width of the upright image in pixels')),
      height: v.pipe(side, v.description('Height of the upright image in pixels')),
      frames: v.pipe(side, v.description('Number of frames of the source; 1 for a still image')),
      hasAlpha: v.pipe(v.boolean(), v.description('Whether the source has an alpha channel')),
    }),
    v.description('Properties of the source image'),
  ),
  thumbHash: v.pipe(v.string(), v.description('ThumbHash placeholder, base64')),
  dominantColor: v.pipe(v.string(), v.description('Dominant colour, #rrggbb')),
  thumbnails: v.pipe(v.array(thumbnail), v.readonly(), v.description('Stored files of all thumbnails')),
  srcset: v.pipe(
    v.record(v.picklist(FORMATS), v.string()),
    v.description('srcset attribute per format, with thumbnails of one aspect ratio'),
  ),
});

const rejected = v.object({
  ...base,
  status: v.literal('rejected'),
  rejection: v.pipe(
    v.object({
      code: v.pipe(v.picklist(REJECTION_CODES), v.description('Stable error code of the rejection')),
      message: v.pipe(v.string(), v.description('Human-readable description of the rejection')),
    }),
    v.description('Reason of the rejection'),
  ),
});

const schema = v.variant('status', [ready, rejected]);

/** Schemas of a manifest and its parts. The HTTP API extends these schemas. */
export const manifestSchemas = { focalPoint, source, thumbnail, ready, rejected } as const;

/** Entry of a stored thumbnail in a manifest. */
export type ManifestThumbnail = Readonly<v.InferOutput<typeof thumbnail>>;

/** Properties of the source in a manifest. */
export type ManifestSource = Readonly<v.InferOutput<typeof source>>;

/** Result of an analysis in a manifest. */
export type ManifestAnalysis = Readonly<v.InferOutput<typeof analysis>>;

/** Manifest of a source whose thumbnails are all stored. */
export type ReadyManifest = Readonly<v.InferOutput<typeof ready>>;

/** Manifest of a rejected source. */
export type RejectedManifest = Readonly<v.InferOutput<typeof rejected>>;

/** Content of `manifest.json`. The pipeline writes the manifest after all thumbnails of a source. */
export type Manifest = ReadyManifest | RejectedManifest;

/** Parses a manifest. Returns undefined if the bytes are not a manifest of this version. */
export function parseManifest(bytes: Buffer): Manifest | undefined {
  try {
    const parsed = v.safeParse(schema, JSON.parse(bytes.toString()));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** Serializes a manifest. Equal manifests have equal bytes. */
export function serializeManifest(manifest: Manifest): Buffer {
  return Buffer.from(`${JSON.stringify(manifest)}\n`);
}
