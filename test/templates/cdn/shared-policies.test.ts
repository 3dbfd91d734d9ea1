import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  ThumbnailAccess,
  ThumbnailDistribution,
  type ThumbnailDistributionOptions,
  ThumbnailPipeline,
} from '../../../lib';
import { newStack, quietly } from '../../support/templates/stacks';

/** Default quota of CloudFront policies of one kind in an account. */
const QUOTA = 20;
const KINDS = ['AWS::CloudFront::CachePolicy', 'AWS::CloudFront::ResponseHeadersPolicy'] as const;

/** Returns the logical ids of the policies of each kind in a stack with these distributions. */
function policiesOf(options: readonly ThumbnailDistributionOptions[]): readonly string[][] {
  const stack = newStack();
  const pipeline = new ThumbnailPipeline(stack, 'Photos', { api: { access: ThumbnailAccess.publicRead() } });
  const distributions = options.map((each, index) => pipeline.addDistribution(`Distribution${index}`, each));
  const template = quietly(() => Template.fromStack(stack));
  template.resourceCountIs('AWS::CloudFront::Distribution', options.length);
  expect(distributions.map(({ behaviors }) => behaviors.cachePolicies.length)).toEqual(options.map(() => 3));
  return KINDS.map((kind) => Object.keys(template.findResources(kind)));
}

test('25 distributions with equal settings have the policies of the first distribution', () => {
  const one = policiesOf([{}]);
  const many = policiesOf(Array.from({ length: 25 }, () => ({})));
  expect(many).toEqual(one);
  expect(many.map(({ length }) => length)).toEqual([3, 1]);
  expect(25 * 3).toBeGreaterThan(QUOTA);
});

test('distributions with different settings have separate policies', () => {
  const imageTtl = Duration.minutes(5);
  const [cachePolicies, headersPolicies] = policiesOf([{}, { imageTtl }, { corsOrigins: ['*'] }, { imageTtl }]);
  expect(cachePolicies).toHaveLength(4);
  expect(headersPolicies).toHaveLength(2);
});

test('all behaviors of a later distribution use the shared policies', () => {
  const stack = newStack();
  const pipeline = new ThumbnailPipeline(stack, 'Photos', { api: { access: ThumbnailAccess.publicRead() } });
  pipeline.addDistribution('First');
  pipeline.addDistribution('Second');
  const found = quietly(() => Template.fromStack(stack)).findResources('AWS::CloudFront::Distribution');
  const [first, second] = Object.values(found).map(({ Properties }) =>
    [...JSON.stringify(Properties).matchAll(/"(?:CachePolicyId|ResponseHeadersPolicyId)":(\{[^}]*\})/g)].map(
      ([, id]) => id,
    ),
  );
  expect(first!.length).toBeGreaterThan(4);
  expect(second).toEqual(first);
});

test('distributions of two stacks have separate policies', () => {
  const stack = newStack();
  const pipeline = new ThumbnailPipeline(stack, 'Photos', { api: { access: ThumbnailAccess.publicRead() } });
  pipeline.addDistribution('First');
  const other = new Stack(stack.node.root, 'Other');
  new ThumbnailDistribution(other, 'Second', { pipeline });
  quietly(() => Template.fromStack(other)).resourceCountIs('AWS::CloudFront::CachePolicy', 3);
});
