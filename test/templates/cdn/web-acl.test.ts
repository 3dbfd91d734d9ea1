import { App, Size, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  ThumbnailAccess,
  ThumbnailDistribution,
  type ThumbnailDistributionOptions,
  ThumbnailManagedRules,
  ThumbnailPipeline,
  ThumbnailWebAcl,
  type ThumbnailWebAclOptions,
} from '../../../lib';
import { newStack, onlyResource, quietly, warningsOf } from '../../support/templates/stacks';
import { findingsOf } from '../security/nag';

const ACCOUNT = '111122223333';
const PUBLIC = { api: { access: ThumbnailAccess.publicRead(), onlyThroughDistribution: true } };

interface Rule {
  readonly Name: string;
  readonly Priority: number;
  readonly Action?: unknown;
  readonly OverrideAction?: unknown;
  readonly Statement: unknown;
}

const inRegion = (region: string): Stack => newStack({ env: { region, account: ACCOUNT } });

const logGroupOf = (stack: Stack) => new LogGroup(stack, 'WafLogs', { logGroupName: 'aws-waf-logs-photos' });

function distribute(options: ThumbnailDistributionOptions, stack = inRegion('us-east-1')) {
  const distribution = new ThumbnailPipeline(stack, 'Photos', PUBLIC).addDistribution('Distribution', options);
  return { stack, distribution, template: quietly(() => Template.fromStack(stack)) };
}

function rulesOf(webAcl: ThumbnailWebAclOptions): Rule[] {
  return onlyResource(distribute({ webAcl }).template, 'AWS::WAFv2::WebACL')['Rules'] as Rule[];
}

test('a distribution without the option has no web ACL', () => {
  const { template, distribution } = distribute({});
  template.resourceCountIs('AWS::WAFv2::WebACL', 0);
  expect(distribution.webAcl).toBeUndefined();
});

test('the distribution uses its web ACL', () => {
  const { template, stack, distribution } = distribute({ webAcl: {} });
  template.hasResourceProperties('AWS::WAFv2::WebACL', { Scope: 'CLOUDFRONT', DefaultAction: { Allow: {} } });
  template.hasResourceProperties('AWS::CloudFront::Distribution', {
    DistributionConfig: Match.objectLike({ WebACLId: stack.resolve(distribution.webAcl!.webAclArn) as unknown }),
  });
});

test('the default rules limit the rate and the body size and count matches of managed rules', () => {
  const rules = rulesOf({});
  expect(rules.map(({ Name, Priority }) => [Name, Priority])).toEqual([
    ['MaxRequestsPerIp', 0],
    ['MaxBodySize', 1],
    ['AWSManagedRulesCommonRuleSet', 2],
    ['AWSManagedRulesKnownBadInputsRuleSet', 3],
  ]);
  expect(rules[0]).toMatchObject({
    Action: { Block: { CustomResponse: { ResponseCode: 429 } } },
    Statement: { RateBasedStatement: { AggregateKeyType: 'IP', Limit: 10_000, EvaluationWindowSec: 300 } },
  });
  expect(rules[1]).toMatchObject({
    Action: { Block: { CustomResponse: { ResponseCode: 413 } } },
    Statement: {
      SizeConstraintStatement: {
        FieldToMatch: { Body: { OversizeHandling: 'MATCH' } },
        ComparisonOperator: 'GT',
        Size: 8192,
      },
    },
  });
  expect(rules.slice(2).map(({ OverrideAction }) => OverrideAction)).toEqual([{ Count: {} }, { Count: {} }]);
});

test('the web ACL limits requests per principal by a header', () => {
  const perPrincipal = (options: ThumbnailWebAclOptions) =>
    rulesOf(options).find(({ Name }) => Name === 'MaxRequestsPerPrincipal');
  expect(perPrincipal({})).toBeUndefined();
  expect(perPrincipal({ maxRequestsPerPrincipal: 600 })).toMatchObject({
    Statement: {
      RateBasedStatement: {
        AggregateKeyType: 'CUSTOM_KEYS',
        CustomKeys: [{ Header: { Name: 'Authorization', TextTransformations: [{ Priority: 0, Type: 'NONE' }] } }],
        Limit: 600,
      },
    },
  });
  expect(perPrincipal({ maxRequestsPerPrincipal: 600, principalHeader: 'X-Api-Key' })).toMatchObject({
    Statement: { RateBasedStatement: { CustomKeys: [{ Header: { Name: 'X-Api-Key' } }] } },
  });
});

test('the option managedRules blocks requests or disables the managed rules', () => {
  const managed = (managedRules: ThumbnailManagedRules) =>
    rulesOf({ managedRules }).flatMap(({ OverrideAction }) => (OverrideAction === undefined ? [] : [OverrideAction]));
  expect(managed(ThumbnailManagedRules.BLOCK)).toEqual([{ None: {} }, { None: {} }]);
  expect(managed(ThumbnailManagedRules.NONE)).toEqual([]);
});

test.each<[string, ThumbnailWebAclOptions]>([
  ['webAcl.maxRequestsPerIp', { maxRequestsPerIp: 9 }],
  ['webAcl.maxRequestsPerPrincipal', { maxRequestsPerPrincipal: 2_000_000_001 }],
  ['webAcl.principalHeader', { maxRequestsPerPrincipal: 10, principalHeader: 'a b' }],
  ['webAcl.principalHeader', { principalHeader: 'X-Api-Key' }],
  ['webAcl.maxBodySize', { maxBodySize: Size.bytes(0) }],
  ['webAcl.maxBodySize', { maxBodySize: Size.kibibytes(17) }],
])('an invalid %s is rejected', (prop, webAcl) => {
  expect(() => distribute({ webAcl })).toThrow(`Distribution: ${prop}: `);
});

test('the options webAcl and webAclId exclude each other', () => {
  const webAclId = 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/b';
  expect(() => distribute({ webAcl: {}, webAclId })).toThrow('webAcl: ');
});

test('logs contain no headers or queries with credentials', () => {
  const stack = inRegion('us-east-1');
  const { template } = distribute({ webAcl: { logGroup: logGroupOf(stack) } }, stack);
  const { RedactedFields, LogDestinationConfigs } = onlyResource(template, 'AWS::WAFv2::LoggingConfiguration');
  expect(RedactedFields).toEqual([{ SingleHeader: { Name: 'authorization' } }, { QueryString: {} }]);
  expect(JSON.stringify(LogDestinationConfigs)).not.toContain(':*');
  const unnamed = inRegion('us-east-1');
  const logGroup = LogGroup.fromLogGroupName(unnamed, 'Imported', 'other');
  expect(() => distribute({ webAcl: { logGroup } }, unnamed)).toThrow('webAcl.logGroup: ');
});

describe('the region of the stack', () => {
  test('a web ACL in a Region other than us-east-1 causes an error', () => {
    expect(() => distribute({ webAcl: {} }, inRegion('eu-west-1'))).toThrow(
      /webAcl: .*eu-west-1.*crossRegionReferences/,
    );
    expect(() => new ThumbnailWebAcl(inRegion('eu-west-1'), 'Acl')).toThrow(/webAcl: .*us-east-1/);
  });

  test('a web ACL in an unknown Region causes a warning', () => {
    const { stack } = distribute({ webAcl: {} }, newStack());
    expect(warningsOf(stack)).toEqual([expect.stringMatching(/us-east-1.*cdk-thumbnails:webAclRegion/)]);
  });

  test('a distribution in another Region can use a web ACL in us-east-1', () => {
    const app = new App();
    const options = (region: string) => ({ env: { region, account: ACCOUNT }, crossRegionReferences: true });
    const acl = new ThumbnailWebAcl(new Stack(app, 'Edge', options('us-east-1')), 'Acl');
    const stack = new Stack(app, 'Stack', options('eu-west-1'));
    const pipeline = new ThumbnailPipeline(stack, 'Photos', PUBLIC);
    new ThumbnailDistribution(stack, 'Distribution', { pipeline, webAclId: acl.webAclArn });
    const template = quietly(() => Template.fromStack(stack));
    const { DistributionConfig } = onlyResource(template, 'AWS::CloudFront::Distribution');
    expect((DistributionConfig as { readonly WebACLId: unknown }).WebACLId).toBeDefined();
    template.resourceCountIs('AWS::WAFv2::WebACL', 0);
  });
});

test('the web ACL resolves the finding of cdk-nag about distributions without AWS WAF', () => {
  const rules = (options: (stack: Stack) => ThumbnailDistributionOptions) => {
    const stack = inRegion('us-east-1');
    distribute(options(stack), stack);
    return findingsOf(stack.node.root as App).filter(({ path }) => path.includes('Distribution'));
  };
  const withoutAcl = rules(() => ({})).map(({ rule }) => rule);
  const withAcl = rules((stack) => ({ webAcl: { logGroup: logGroupOf(stack) } })).map(({ rule }) => rule);
  expect(withoutAcl).toContain('CFR2');
  expect(withAcl).not.toContain('CFR2');
  expect([...new Set(withAcl)].filter((rule) => !withoutAcl.includes(rule))).toEqual([]);
});
