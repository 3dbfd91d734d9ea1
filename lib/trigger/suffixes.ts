import { Token } from 'aws-cdk-lib';
import { invalidValue, quoted, duplicates } from '../private/validation';
import { SOURCE_EVENTS } from './source-events';

/** S3 takes this many notification configurations for a bucket. */
const MAX_CONFIGURATIONS = 100;

/**
 * The spellings of a suffix that events are asked for. S3 and EventBridge tell case apart and cameras write `.JPG`, so
 * each suffix is asked for as it is given, in lower case and in upper case.
 */
export function spellings(suffix: string): string[] {
  return Token.isUnresolved(suffix) ? [suffix] : [...new Set([suffix, suffix.toLowerCase(), suffix.toUpperCase()])];
}

/** What is wrong with a list of suffixes. */
export function suffixProblems(prop: string, suffixes: readonly string[]): string[] {
  const known = suffixes.filter((suffix) => !Token.isUnresolved(suffix));
  const lower = known.map((suffix) => suffix.toLowerCase());
  const problems = known
    .filter((suffix) => suffix === '' || suffix.includes('*'))
    .map((suffix) =>
      invalidValue(prop, quoted(suffix), "the plain end of a key such as '.jpg', not empty and without *"),
    );
  for (const suffix of duplicates(lower)) {
    problems.push(invalidValue(prop, `${quoted(suffix)} twice`, 'every suffix once, in any case'));
  }
  for (const longer of new Set(lower)) {
    const shorter = lower.find((suffix) => suffix !== '' && suffix !== longer && longer.endsWith(suffix));
    if (shorter) {
      problems.push(
        invalidValue(prop, quoted(longer), `left out: every key that ends with it ends with ${quoted(shorter)}`),
      );
    }
  }
  const configurations = suffixes.flatMap(spellings).length * SOURCE_EVENTS.length;
  if (configurations > MAX_CONFIGURATIONS) {
    const most = Math.floor(MAX_CONFIGURATIONS / SOURCE_EVENTS.length / 2);
    problems.push(
      invalidValue(prop, `${suffixes.length} suffixes`, `at most ${most}, which is what a bucket can notify of`),
    );
  }
  return problems;
}
