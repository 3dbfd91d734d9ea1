import * as v from 'valibot';
import * as contract from '../contract';
import { noArray, received } from './parse-environment';

const integer = v.pipe(v.number(), v.safeInteger());
const side = v.pipe(integer, v.minValue(1), v.maxValue(contract.MAX_SIDE));
const positive = v.pipe(integer, v.minValue(1));

const formatSchema = v.pipe(
  v.strictObject({
    type: v.picklist(contract.FORMATS),
    quality: v.optional(v.pipe(integer, v.minValue(1), v.maxValue(100))),
    effort: v.optional(integer),
    lossless: v.optional(v.boolean()),
  }),
  v.forward(
    v.check(
      ({ type, effort }) => {
        const range = effortsOf(type);
        return effort === undefined || (range !== undefined && effort >= range.min && effort <= range.max);
      },
      ({ input: { type, effort } }) => {
        const range = effortsOf(type);
        const expected = range ? `an integer from ${range.min} to ${range.max}` : 'no effort';
        return received(effort, `${expected} for ${type}`);
      },
    ),
    ['effort'],
  ),
  v.forward(
    v.check(({ type, quality }) => quality === undefined || type !== 'gif', 'gif has no quality; remove it'),
    ['quality'],
  ),
  v.forward(
    v.check(
      ({ type, lossless }) => !lossless || type === 'webp' || type === 'avif',
      ({ input: { type } }) => `${type} has no lossless option; remove it`,
    ),
    ['lossless'],
  ),
);

const thumbnailSchema = v.strictObject({
  name: v.pipe(
    v.string(),
    v.regex(contract.NAME_PATTERN),
    v.check((name) => !contract.RESERVED_NAMES.includes(name), 'the name is reserved'),
  ),
  fit: v.picklist(contract.FITS),
  width: side,
  height: side,
  formats: v.pipe(
    v.array(formatSchema),
    v.minLength(1),
    v.check((formats) => isDistinct(formats.map(({ type }) => type)), 'formats must be distinct'),
  ),
  position: v.optional(v.picklist(contract.POSITIONS)),
  background: v.optional(v.pipe(v.string(), v.regex(contract.COLOR_PATTERN))),
  enlarge: v.optional(v.boolean()),
  animated: v.optional(v.boolean()),
  keepMetadata: v.optional(
    v.pipe(
      v.array(v.picklist(contract.METADATA)),
      v.check((fields) => isDistinct(fields), 'metadata fields must be distinct'),
    ),
  ),
});

/** Schema of the limits of sources. A limit that is absent has its default value. */
export const limitsSchema = noArray(
  v.partial(
    v.strictObject({
      maxFileSizeBytes: positive,
      maxPixels: positive,
      maxProgressivePixels: positive,
      maxAnimationPixels: positive,
      maxFrames: positive,
      maxDurationSeconds: v.pipe(v.number(), v.finite(), v.gtValue(0)),
    } satisfies Record<keyof contract.Limits, v.GenericSchema<number>>),
  ),
);

/** Schema of the thumbnails of a source. */
export const thumbnailsSchema = v.pipe(
  v.array(thumbnailSchema),
  v.minLength(1),
  v.maxLength(contract.MAX_THUMBNAILS),
  v.check((thumbnails) => isDistinct(thumbnails.map(({ name }) => name)), 'names must be distinct'),
);

/** Schema of the rules. A rule can omit its limits or its thumbnails. */
export const rulesSchema = v.pipe(
  v.array(
    noArray(
      v.strictObject({
        prefix: v.optional(v.string(), ''),
        suffix: v.optional(v.string(), ''),
        thumbnails: v.optional(thumbnailsSchema),
        limits: v.optional(limitsSchema, {}),
      }),
    ),
  ),
  v.maxLength(contract.MAX_RULES),
);

function effortsOf(type: contract.Format): { readonly min: number; readonly max: number } | undefined {
  return type === 'jpeg' ? undefined : contract.EFFORTS[type];
}

function isDistinct(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}
