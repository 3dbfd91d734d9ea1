import { runInNewContext } from 'node:vm';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import {
  ThumbnailAccess,
  ThumbnailCompute,
  type ThumbnailDistributionOptions,
  ThumbnailPipeline,
  type ThumbnailPipelineApiOptions,
} from '../../../lib';
import { DISTRIBUTION_HEADER, HTTP_VARIABLES } from '../../../runtime/contract';
import { environmentOf } from '../../support/templates/fargate';
import { errorFor, newStack, onlyResource, problemsOf, quietly } from '../../support/templates/stacks';

interface Behavior {
  readonly PathPattern: string;
  readonly TargetOriginId: string;
  readonly AllowedMethods: string[];
  readonly CachePolicyId: unknown;
  readonly OriginRequestPolicyId?: string;
  readonly ViewerProtocolPolicy: string;
  readonly TrustedKeyGroups?: unknown;
}
interface Config {
  readonly CacheBehaviors: Behavior[];
  readonly Origins: { readonly Id: string; readonly OriginPath?: string; readonly OriginCustomHeaders?: unknown[] }[];
}

/** Managed policies of CloudFront: CachingDisabled and AllViewerExceptHostHeader. */
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const ALL_EXCEPT_HOST = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

const signedIn = (): ThumbnailAccess =>
  ThumbnailAccess.authorizer(new HttpJwtAuthorizer('Jwt', 'https://issuer.example', { jwtAudience: ['app'] }), {
    keyPrefix: '{claim:sub}/',
  });

function distribute(api: ThumbnailPipelineApiOptions, options: ThumbnailDistributionOptions = {}) {
  const stack = newStack();
  const pipeline = new ThumbnailPipeline(stack, 'Photos', { api: { onlyThroughDistribution: true, ...api } });
  const groups = [cloudfront.KeyGroup.fromKeyGroupId(stack, 'Keys', 'group')];
  pipeline.addDistribution('Distribution', {
    ...(api.access?._isPublic ? {} : { trustedKeyGroups: groups }),
    ...options,
  });
  const template = quietly(() => Template.fromStack(stack));
  const config = onlyResource(template, 'AWS::CloudFront::Distribution')['DistributionConfig'] as Config;
  const behaviors = new Map(config.CacheBehaviors.map((behavior) => [behavior.PathPattern, behavior]));
  return { template, config, behaviors };
}

test('a private API is reachable through uncached behaviors without key groups', () => {
  const access = signedIn();
  const { config, behaviors } = distribute({ access, writeAccess: access });
  expect([...behaviors.keys()]).toEqual(['/thumbnails/*/*', '/thumbnails/*', '/images*', '/uploads*']);
  expect(behaviors.get('/thumbnails/*/*')!.TrustedKeyGroups).toEqual(['group']);
  for (const path of ['/thumbnails/*', '/images*', '/uploads*']) {
    const behavior = behaviors.get(path)!;
    expect(behavior).toMatchObject({
      AllowedMethods: expect.arrayContaining(['POST', 'DELETE', 'OPTIONS']) as unknown,
      CachePolicyId: CACHING_DISABLED,
      OriginRequestPolicyId: ALL_EXCEPT_HOST,
      ViewerProtocolPolicy: 'https-only',
    });
    expect(behavior).not.toHaveProperty('TrustedKeyGroups');
    expect(config.Origins.find(({ Id }) => Id === behavior.TargetOriginId)).not.toHaveProperty('OriginPath');
  }
});

test('a public API without write routes keeps its cached behaviors', () => {
  const { behaviors } = distribute({ access: ThumbnailAccess.publicRead() });
  expect([...behaviors.keys()]).toEqual(['/thumbnails/*/*', '/thumbnails/*', '/images*']);
  expect(behaviors.get('/images*')!.CachePolicyId).not.toBe(CACHING_DISABLED);
});

test('a public API with write routes forwards only uploads, deletions and manifests', () => {
  const { behaviors } = distribute({ access: ThumbnailAccess.publicRead(), writeAccess: signedIn() });
  const uncached = [...behaviors.values()].filter(({ CachePolicyId }) => CachePolicyId === CACHING_DISABLED);
  expect(uncached.map(({ PathPattern }) => PathPattern)).toEqual(['/images*', '/uploads*']);
});

test('every API origin sends the secret, also with public read access', () => {
  const { template, config } = distribute({ access: ThumbnailAccess.publicRead(), writeAccess: signedIn() });
  const withoutSecret = config.Origins.filter(({ OriginCustomHeaders }) => OriginCustomHeaders === undefined);
  // The bucket is the only origin without the secret.
  expect(withoutSecret).toHaveLength(1);
  expect(
    config.Origins.filter((origin) => JSON.stringify(origin).includes(DISTRIBUTION_HEADER)).length,
  ).toBeGreaterThan(1);
  template.hasResourceProperties('AWS::Lambda::Function', {
    Handler: 'api-function.handler',
    Environment: { Variables: { [HTTP_VARIABLES.onlyThroughDistribution]: 'true' } },
  });
  template.resourceCountIs('AWS::SecretsManager::Secret', 1);
});

test('the API on Fargate requires the secret of the distribution, except for health checks', () => {
  const stack = newStack();
  const api = { access: ThumbnailAccess.publicRead(), onlyThroughDistribution: true };
  new ThumbnailPipeline(stack, 'Photos', { compute: ThumbnailCompute.fargate(), api }).addDistribution();
  const template = quietly(() => Template.fromStack(stack));
  expect(environmentOf(template, 'api')).toMatchObject({ [HTTP_VARIABLES.onlyThroughDistribution]: 'true' });
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', { HealthCheckPath: '/health' });
});

test('a function removes the base path from forwarded paths', () => {
  const { template, behaviors } = distribute({ access: signedIn() }, { basePath: '/media' });
  expect([...behaviors.keys()]).toEqual(['/media/thumbnails/*/*', '/media/thumbnails/*', '/media/images*']);
  const codes = Object.values(template.findResources('AWS::CloudFront::Function')).map(
    (resource) => (resource as { Properties: { FunctionCode: string } }).Properties.FunctionCode,
  );
  const [forward] = codes.filter((code) => code.startsWith('function handler'));
  const uri = '/media/images/alice/100%25.jpg';
  expect(runInNewContext(`${forward}; handler({ request: { uri: ${JSON.stringify(uri)} } }).uri`)).toBe(
    '/images/alice/100%25.jpg',
  );
});

test.each<[string, ThumbnailPipelineApiOptions, string[]]>([
  ['the default access', {}, ['api.access']],
  ['IAM access', { access: ThumbnailAccess.iam() }, ['api.access']],
  [
    'IAM write access',
    { access: ThumbnailAccess.publicRead(), writeAccess: ThumbnailAccess.iam() },
    ['api.writeAccess'],
  ],
])('%s is an error', (_case, api, props) => {
  expect(problemsOf({ api: { ...api, onlyThroughDistribution: true } })).toEqual(
    props.map((prop) => errorFor(prop, 'iam()', 'onlyThroughDistribution')),
  );
});

test('a closed API without a distribution causes an error', () => {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const api = { access: ThumbnailAccess.publicRead(), onlyThroughDistribution: true };
  new ThumbnailPipeline(stack, 'Photos', { api });
  expect(() => app.synth()).toThrow(/Photos.*api\.onlyThroughDistribution: .*addDistribution/s);
});
