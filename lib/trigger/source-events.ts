import { Token } from 'aws-cdk-lib';
import { EventType, type NotificationKeyFilter } from 'aws-cdk-lib/aws-s3';
import { duplicates, invalidValue, outOfRange, quoted, validationError } from '../private/validation';

/** S3 events that can create, change or delete a source. */
export const SOURCE_EVENTS = [
  EventType.OBJECT_CREATED,
  EventType.OBJECT_REMOVED,
  EventType.LIFECYCLE_EXPIRATION,
  EventType.OBJECT_RESTORE_COMPLETED,
];

/**
 * EventBridge detail types that correspond to {@link SOURCE_EVENTS}. `Object Deleted` includes expiration by a lifecycle rule.
 */
export const SOURCE_DETAIL_TYPES = ['Object Created', 'Object Deleted', 'Object Restore Completed'];

/** Maximum number of notification configurations of a bucket: https://docs.aws.amazon.com/general/latest/gr/s3.html */
export const MAX_CONFIGURATIONS = 100;

/** Filter of the source keys: a key matches if it has the prefix and one of the suffixes. */
export interface SourceKeys {
  readonly prefix: string;
  /** Suffixes of matching keys. An empty list matches every key. */
  readonly suffixes: readonly string[];
}

/** Returns the key filters of S3 notifications. A filter has at most one prefix and one suffix. */
export function notificationFilters({ prefix, suffixes }: SourceKeys): NotificationKeyFilter[][] {
  const prefixRule = prefix === '' ? {} : { prefix: formEncoded(prefix) };
  if (suffixes.length === 0) {
    return [prefix === '' ? [] : [prefixRule]];
  }
  return suffixes.flatMap(spellings).map((suffix) => [{ ...prefixRule, suffix: formEncoded(suffix) }]);
}

/** Returns the key patterns of an EventBridge rule; an empty list matches every key. */
export function eventKeyPatterns({ prefix, suffixes }: SourceKeys): Record<string, string>[] {
  if (suffixes.length === 0) {
    return prefix === '' ? [] : [{ prefix }];
  }
  const spelled = suffixes.flatMap(spellings);
  if (prefix === '') {
    return spelled.map((suffix) => ({ suffix }));
  }
  // A rule matches if any pattern of the list matches. Therefore, each pattern must contain both prefix and suffix.
  return spelled.map((suffix) => ({ wildcard: `${escapeWildcard(prefix)}*${escapeWildcard(suffix)}` }));
}

/** Validates a list of suffixes. Rejects suffixes that match the same keys, because S3 rejects overlapping filters. */
export function validateSuffixes(prop: string, suffixes: readonly string[]): string[] {
  const known = suffixes.filter((suffix) => !Token.isUnresolved(suffix));
  const lower = known.map((suffix) => suffix.toLowerCase());
  const errors = known
    .filter((suffix) => suffix === '' || suffix.includes('*'))
    .map((suffix) => invalidValue(prop, quoted(suffix), "the end of a key without *, such as '.jpg'"));
  for (const suffix of duplicates(lower)) {
    errors.push(
      validationError(
        prop,
        `${quoted(suffix)} occurs twice`,
        'remove one, because suffixes match in lower and upper case',
      ),
    );
  }
  for (const longer of new Set(lower)) {
    const shorter = lower.find((suffix) => suffix !== '' && suffix !== longer && longer.endsWith(suffix));
    if (shorter) {
      errors.push(validationError(prop, `${quoted(longer)} is redundant`, `${quoted(shorter)} matches the same keys`));
    }
  }
  return errors;
}

/** Validates that the suffixes do not exceed the notification limit of a bucket. */
export function validateNotificationSuffixes(prop: string, suffixes: readonly string[]): string[] {
  if (notificationCount({ prefix: '', suffixes }) <= MAX_CONFIGURATIONS) {
    return [];
  }
  const max = Math.floor(MAX_CONFIGURATIONS / SOURCE_EVENTS.length / 2);
  const expected = `at most ${max}, the notification limit of a bucket, or trigger ThumbnailTrigger.eventBridge()`;
  return [outOfRange(prop, `${suffixes.length} suffixes`, expected)];
}

/** Returns the number of notification configurations. The CDK adds one configuration for each event and filter. */
export function notificationCount(keys: SourceKeys): number {
  return notificationFilters(keys).length * SOURCE_EVENTS.length;
}

/**
 * Returns the suffix as given, in lower case and in upper case, without duplicates. S3 filters are case-sensitive, and many
 * cameras write `.JPG`.
 */
function spellings(suffix: string): string[] {
  return Token.isUnresolved(suffix) ? [suffix] : [...new Set([suffix, suffix.toLowerCase(), suffix.toUpperCase()])];
}

/**
 * Encodes a filter value as S3 encodes the keys in its events.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
 */
function formEncoded(text: string): string {
  if (Token.isUnresolved(text)) {
    return text;
  }
  return text.split('/').map(encodeURIComponent).join('/').replaceAll('%20', '+').replaceAll('~', '%7E');
}

function escapeWildcard(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('*', '\\*');
}
