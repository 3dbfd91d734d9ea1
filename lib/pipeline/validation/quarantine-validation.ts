import type { Construct } from 'constructs';
import { MAX_PREFIX_BYTES } from '../../../runtime/contract';
import { quoted, validatePrefix, validationError } from '../../private/validation';
import { isOverlap, isSameBucket, othersOf, type PipelineUsage } from './overlaps';

const PROP = 'trigger.quarantine.prefix';

/**
 * Validates that no pipeline of the app processes or serves objects in the quarantine of this pipeline. Also validates that
 * this pipeline neither processes nor serves objects in the quarantine of another pipeline.
 */
export function validateQuarantine(pipeline: Construct, usage: PipelineUsage): string[] {
  const others = othersOf(pipeline);
  return [
    ...(usage.quarantine ? validatePrefix(PROP, usage.quarantine.prefix, MAX_PREFIX_BYTES) : []),
    ...conflicts(usage, usage).map((keys) => quarantineError(usage, `overlaps with ${keys} in the same bucket`)),
    ...others.flatMap(({ pipeline: { node }, usage: theirs }) => [
      ...conflicts(usage, theirs).map((keys) =>
        quarantineError(usage, `overlaps with ${keys} of ${node.path} in the same bucket`),
      ),
      ...conflicts(theirs, usage).map((keys) =>
        validationError(
          keys.split(' ', 1)[0]!,
          `${keys} overlaps with the quarantine ${quoted(theirs.quarantine!.prefix)} of ${node.path} in the same bucket`,
          'use disjoint prefixes',
        ),
      ),
    ]),
  ];
}

/**
 * Returns the prefix props of `other`, with their values, that overlap with the quarantine of the first pipeline.
 */
function conflicts({ quarantine, sourceBucket }: PipelineUsage, other: PipelineUsage): string[] {
  if (!quarantine) {
    return [];
  }
  const { bucket = sourceBucket, prefix } = quarantine;
  // `isSameBucket` returns false for a source bucket that the pipeline creates later, because this bucket is still undefined.
  const isOwnSource = other.quarantine === quarantine && quarantine.bucket === undefined;
  return [
    ...((isOwnSource || isSameBucket(bucket, other.sourceBucket)) && isOverlap(prefix, other.sourcePrefix)
      ? [`sourcePrefix ${quoted(other.sourcePrefix)}`]
      : []),
    ...(isSameBucket(bucket, other.thumbnailBucket) && isOverlap(prefix, other.thumbnailPrefix)
      ? [`thumbnailPrefix ${quoted(other.thumbnailPrefix)}`]
      : []),
  ];
}

function quarantineError({ quarantine }: PipelineUsage, finding: string): string {
  const fix =
    "use disjoint prefixes such as sourcePrefix 'images/' and quarantine prefix 'quarantine/', or set trigger.quarantine.bucket";
  return validationError(PROP, `${quoted(quarantine!.prefix)} ${finding}`, fix);
}
