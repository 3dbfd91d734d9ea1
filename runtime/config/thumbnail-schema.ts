import * as z from 'zod';
import * as contract from '../contract';
import { received } from './parse-environment';

const side = z.number().int().min(1).max(contract.MAX_SIDE);
const positive = z.number().int().positive();

const formatSchema = z
  .strictObject({
    type: z.enum(contract.FORMATS),
    quality: z.number().int().min(1).max(100).optional(),
    effort: z.number().int().optional(),
    lossless: z.boolean().optional(),
  })
  .superRefine((format, context) => {
    const effort = format.type === 'jpeg' ? undefined : contract.EFFORTS[format.type];
    if (format.effort !== undefined && (!effort || format.effort < effort.min || format.effort > effort.max)) {
      const expected = effort ? `an integer from ${effort.min} to ${effort.max}` : 'no effort';
      context.addIssue({
        code: 'custom',
        path: ['effort'],
        message: received(format.effort, `${expected} for ${format.type}`),
      });
    }
    if (format.quality !== undefined && format.type === 'gif') {
      context.addIssue({ code: 'custom', path: ['quality'], message: 'gif has no quality; remove it' });
    }
    if (format.lossless && format.type !== 'webp' && format.type !== 'avif') {
      context.addIssue({
        code: 'custom',
        path: ['lossless'],
        message: `${format.type} has no lossless option; remove it`,
      });
    }
  });

const thumbnailSchema = z.strictObject({
  name: z
    .string()
    .regex(contract.NAME_PATTERN)
    .refine((name) => !contract.RESERVED_NAMES.includes(name), 'the name is reserved'),
  fit: z.enum(contract.FITS),
  width: side,
  height: side,
  formats: z.array(formatSchema).min(1).refine(distinctBy('type'), 'formats must be distinct'),
  position: z.enum(contract.POSITIONS).optional(),
  background: z.string().regex(contract.COLOR_PATTERN).optional(),
  enlarge: z.boolean().optional(),
  animated: z.boolean().optional(),
  keepMetadata: z
    .array(z.enum(contract.METADATA))
    .refine((fields) => new Set(fields).size === fields.length, 'metadata fields must be distinct')
    .optional(),
});

/** Schema of the limits of sources. A limit that is absent has its default value. */
export const limitsSchema = z
  .strictObject({
    maxFileSizeBytes: positive,
    maxPixels: positive,
    maxProgressivePixels: positive,
    maxAnimationPixels: positive,
    maxFrames: positive,
    maxDurationSeconds: z.number().positive(),
  } satisfies Record<keyof contract.Limits, z.ZodType<number>>)
  .partial();

/** Schema of the thumbnails of a source. */
export const thumbnailsSchema = z
  .array(thumbnailSchema)
  .min(1)
  .max(contract.MAX_THUMBNAILS)
  .refine(distinctBy('name'), 'names must be distinct');

/** Schema of the rules. A rule can omit its limits or its thumbnails. */
export const rulesSchema = z
  .array(
    z.strictObject({
      prefix: z.string().default(''),
      suffix: z.string().default(''),
      thumbnails: thumbnailsSchema.optional(),
      limits: limitsSchema.default({}),
    }),
  )
  .max(contract.MAX_RULES);

function distinctBy<K extends string>(property: K) {
  return (items: readonly Readonly<Record<K, unknown>>[]): boolean =>
    new Set(items.map((item) => item[property])).size === items.length;
}
