import { Token } from 'aws-cdk-lib';
import { MAX_RULES } from '../../runtime/contract';
import { invalidValue, nested, outOfRange, quoted, validationError } from '../private/validation';
import { knownLimits, limitSettings, validateLimits } from './limit-validation';
import type { ThumbnailRule } from './thumbnail-rule';
import { validateThumbnails } from './thumbnail-validation';

/** Maximum length of a key in bytes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const MAX_KEY_BYTES = 1024;

/** Source keys of a pipeline. */
export interface RuleScope {
  readonly sourcePrefix?: string;
  readonly sourceSuffixes?: readonly string[];
}

/** Validates each rule. Compares each rule with the earlier rules and with the source keys of the pipeline. */
export function validateRules(rules: readonly ThumbnailRule[], scope: RuleScope): string[] {
  if (rules.length > MAX_RULES) {
    return [outOfRange('rules', `${rules.length} rules`, `at most ${MAX_RULES} rules`)];
  }
  return rules.flatMap((rule, index) => {
    const errors = [...validateMatch(rule), ...nested('options', validateOptions(rule))];
    return nested(`rules[${index}]`, errors.length > 0 ? errors : validateReach(rule, rules.slice(0, index), scope));
  });
}

function validateMatch({ _prefix: prefix, _suffix: suffix }: ThumbnailRule): string[] {
  const [prop, value] = suffix === '' ? ['prefix', prefix] : ['suffix', suffix];
  if (Token.isUnresolved(value)) {
    return [validationError(prop, 'the value is a token', 'expected a value that is known at synthesis')];
  }
  const bytes = Buffer.byteLength(value);
  if (bytes < 1 || bytes > MAX_KEY_BYTES) {
    return [outOfRange(prop, `${bytes} bytes`, `1 to ${MAX_KEY_BYTES} bytes`)];
  }
  return prefix.startsWith('/')
    ? [invalidValue(prop, quoted(prefix), 'the start of a key, without a leading slash')]
    : [];
}

function validateOptions({ _options: { thumbnails, limits } }: ThumbnailRule): string[] {
  if (!thumbnails && !limits) {
    return [validationError('thumbnails', 'the rule changes nothing', 'set thumbnails, limits or both')];
  }
  const known = Object.keys(knownLimits(limits ?? {}));
  const unknown = Object.keys(limitSettings(limits ?? {})).filter((limit) => !known.includes(limit));
  return [
    ...(thumbnails ? validateThumbnails(thumbnails) : []),
    ...nested('limits', [
      ...validateLimits(limits ?? {}),
      ...unknown.map((limit) =>
        validationError(limit, 'the value is a token', 'expected a value that is known at synthesis'),
      ),
    ]),
  ];
}

/** Validates that the rule can apply to at least one source key. */
function validateReach(rule: ThumbnailRule, earlier: readonly ThumbnailRule[], scope: RuleScope): string[] {
  const { _prefix: prefix, _suffix: suffix } = rule;
  const { sourcePrefix = '', sourceSuffixes = [] } = scope;
  const first = earlier.findIndex(
    (other) => prefix.startsWith(other._prefix) && suffix.toLowerCase().endsWith(other._suffix.toLowerCase()),
  );
  if (first >= 0) {
    const finding = `the rule never applies, because rules[${first}] applies to all of its keys`;
    return [
      validationError(
        prefix === '' ? 'suffix' : 'prefix',
        finding,
        `remove the rule or move it before rules[${first}]`,
      ),
    ];
  }
  const hasToken = [sourcePrefix, ...sourceSuffixes].some((text) => Token.isUnresolved(text));
  if (hasToken) {
    return [];
  }
  if (!prefix.startsWith(sourcePrefix) && !sourcePrefix.startsWith(prefix)) {
    return [invalidValue('prefix', quoted(prefix), `a prefix within sourcePrefix ${quoted(sourcePrefix)}`)];
  }
  const ends = sourceSuffixes.map((end) => end.toLowerCase());
  const end = suffix.toLowerCase();
  if (ends.length > 0 && !ends.some((each) => each.endsWith(end) || end.endsWith(each))) {
    return [invalidValue('suffix', quoted(suffix), `a suffix within sourceSuffixes: ${sourceSuffixes.join(', ')}`)];
  }
  return [];
}
