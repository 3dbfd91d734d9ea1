import { Size } from 'aws-cdk-lib';
import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import { validateInteger, validatePattern, validateSize, validationError } from '../../private/validation';
import { validateUsEast1 } from '../us-east-1';
import { ThumbnailManagedRules, type ThumbnailWebAclOptions } from './thumbnail-web-acl-options';

/**
 * Range of a rate limit in requests per 5 minutes.
 *
 * @see https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-high-level-settings.html
 */
const RATE_LIMITS = { min: 10, max: 2_000_000_000 };
const WINDOW_SECONDS = 300;
const DEFAULT_MAX_REQUESTS = 10_000;
/**
 * Number of bytes of a body that AWS WAF inspects by default for CloudFront. The inspection of more bytes would cost more per
 * request.
 *
 * @see https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-setting-body-inspection-limit.html
 */
const MAX_BODY_BYTES = 16_384;
const DEFAULT_BODY_SIZE = Size.kibibytes(8);
const DEFAULT_HEADER = 'Authorization';
/** Pattern of a header name: a token of RFC 9110, section 5.6.2. AWS WAF supports names of up to 64 characters. */
const HEADER_PATTERN = /^[\w!#$%&'*+.^`|~-]{1,64}$/;
/** Managed rule groups: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html */
const MANAGED_GROUPS = ['AWSManagedRulesCommonRuleSet', 'AWSManagedRulesKnownBadInputsRuleSet'];

/** Validates the options of a web ACL. */
export function validateWebAcl(options: ThumbnailWebAclOptions): string[] {
  const { maxRequestsPerIp, maxRequestsPerPrincipal, principalHeader, maxBodySize, logGroup } = options;
  const errors = [
    ...validateInteger('maxRequestsPerIp', maxRequestsPerIp, RATE_LIMITS),
    ...validateInteger('maxRequestsPerPrincipal', maxRequestsPerPrincipal, RATE_LIMITS),
    ...validatePattern('principalHeader', principalHeader, HEADER_PATTERN, 'the name of a header'),
    ...validatePattern(
      'logGroup',
      logGroup?.logGroupName,
      /^aws-waf-logs-/,
      'a log group whose name starts with aws-waf-logs-',
    ),
    ...validateSize('maxBodySize', maxBodySize, { min: 1, max: MAX_BODY_BYTES }),
  ];
  if (principalHeader !== undefined && maxRequestsPerPrincipal === undefined) {
    const finding = `${principalHeader} has no effect without maxRequestsPerPrincipal`;
    errors.push(validationError('principalHeader', finding, 'set maxRequestsPerPrincipal, or remove principalHeader'));
  }
  return errors;
}

/** Validates the region of a web ACL. */
export function validateWebAclRegion(scope: Construct): string[] {
  const fix =
    'create a ThumbnailWebAcl in a stack of us-east-1, set crossRegionReferences to true in both stacks, and pass its ' +
    'webAclArn as webAclId';
  return validateUsEast1(scope, 'webAcl', 'CloudFront supports web ACLs only from us-east-1', fix);
}

type Rule = Omit<CfnWebACL.RuleProperty, 'priority'>;

/** Returns the rules of a web ACL, in the order of their evaluation. */
export function rulesOf(options: ThumbnailWebAclOptions): Rule[] {
  const {
    maxRequestsPerIp = DEFAULT_MAX_REQUESTS,
    maxRequestsPerPrincipal,
    principalHeader = DEFAULT_HEADER,
    maxBodySize = DEFAULT_BODY_SIZE,
    managedRules = ThumbnailManagedRules.COUNT,
  } = options;
  const header = { name: principalHeader, textTransformations: [{ priority: 0, type: 'NONE' }] };
  return [
    blocking('MaxRequestsPerIp', 429, {
      rateBasedStatement: { aggregateKeyType: 'IP', limit: maxRequestsPerIp, evaluationWindowSec: WINDOW_SECONDS },
    }),
    ...(maxRequestsPerPrincipal === undefined
      ? []
      : [
          blocking('MaxRequestsPerPrincipal', 429, {
            rateBasedStatement: {
              aggregateKeyType: 'CUSTOM_KEYS',
              customKeys: [{ header }],
              limit: maxRequestsPerPrincipal,
              evaluationWindowSec: WINDOW_SECONDS,
            },
          }),
        ]),
    blocking('MaxBodySize', 413, {
      sizeConstraintStatement: {
        // A body that is longer than the inspected part also matches the rule.
        fieldToMatch: { body: { oversizeHandling: 'MATCH' } },
        comparisonOperator: 'GT',
        size: maxBodySize.toBytes(),
        textTransformations: [{ priority: 0, type: 'NONE' }],
      },
    }),
    ...(managedRules === ThumbnailManagedRules.NONE ? [] : MANAGED_GROUPS.map((name) => managed(name, managedRules))),
  ];
}

function blocking(name: string, responseCode: number, statement: CfnWebACL.StatementProperty): Rule {
  return {
    name,
    statement,
    action: { block: { customResponse: { responseCode } } },
    visibilityConfig: visibility(name),
  };
}

function managed(name: string, managedRules: ThumbnailManagedRules): Rule {
  return {
    name,
    statement: { managedRuleGroupStatement: { vendorName: 'AWS', name } },
    overrideAction: managedRules === ThumbnailManagedRules.BLOCK ? { none: {} } : { count: {} },
    visibilityConfig: visibility(name),
  };
}

/** Returns the settings of the metrics of a rule or web ACL. */
export function visibility(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { cloudWatchMetricsEnabled: true, metricName, sampledRequestsEnabled: true };
}
