import { Aws, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  Thumbnail,
  ThumbnailAccess,
  type ThumbnailBehaviorOptions,
  ThumbnailCompute,
  type ThumbnailDistributionOptions,
  ThumbnailFormat,
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
} from '../../../lib';
import { DISTRIBUTION_HEADER, HTTP_VARIABLES } from '../../../runtime/contract';
import { environmentOf } from '../../support/fargate';
import { CONTEXTS, newStack, onlyResource, quietly, warningsOf } from '../../support/stacks';

const OPEN: ThumbnailPipelineProps = { api: { access: ThumbnailAccess.publicRead() } };
const PUBLIC_KEY =
  '-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAudf8/iNkQgdvjEdm6xYS\nJAyxd/kGTbJfQNg9YhInb7TSm0dGu0yx8yZ3fnpmxuRPqJIlaVr+fT4YRl71gEYa\ndlhHmnVegyPNjP9dNqZ7zwNqMEPOPnS/NOHbJj1KYKpn1f8pPNycQ5MQCntKGnSj\n6fc+nbcC0joDvGz80xuy1W4hLV9oC9c3GT26xfZb2jy9MVtA3cppNuTwqrFi3t6e\n0iGpraxZlT5wewjZLpQkngqYr6s3aucPAZVsGTEYPo4nD5mswmtZOm+tgcOrivtD\n/3sD/qZLQ6c5siqyS8aTraD6y+VXugujfarTU65IeZ6QAUbLMsWuZOIi5Jn8zAwx\nNQIDAQAB\n-----END PUBLIC KEY-----';

interface Behavior {
  readonly PathPattern?: string;
  readonly TargetOriginId: string;
  readonly AllowedMethods: string[];
  readonly CachePolicyId: unknown;
  readonly TrustedKeyGroups?: unknown[];
  readonly ViewerProtocolPolicy: string;
  readonly FunctionAssociations: unknown[];
  readonly ResponseHeadersPolicyId: unknown;
}
interface Origin {
  readonly Id: string;
  readonly DomainName: unknown;
  readonly OriginPath?: string;
  readonly OriginAccessControlId?: unknown;
  readonly OriginCustomHeaders?: { readonly HeaderName: string; readonly HeaderValue: unknown }[];
  readonly OriginShield?: unknown;
}
interface Config {
  readonly DefaultCacheBehavior: Behavior;
  readonly CacheBehaviors: Behavior[];
  readonly Origins: Origin[];
  readonly OriginGroups: {
    readonly Items: {
      readonly Id: string;
      readonly FailoverCriteria: unknown;
      readonly Members: { readonly Items: { readonly OriginId: string }[] };
    }[];
  };
  readonly [name: string]: unknown;
}

function distribute(
  options: ThumbnailDistributionOptions | ((stack: Stack) => ThumbnailDistributionOptions) = {},
  props: ThumbnailPipelineProps | ((stack: Stack) => ThumbnailPipelineProps) = OPEN,
  stack: Stack = newStack(),
): { readonly stack: Stack; readonly template: Template; readonly config: Config } {
  const pipeline = new ThumbnailPipeline(stack, 'Photos', typeof props === 'function' ? props(stack) : props);
  pipeline.addDistribution(typeof options === 'function' ? options(stack) : options);
  const template = quietly(() => Template.fromStack(stack));
  return { stack, template, config: configOf(template) };
}

function configOf(template: Template): Config {
  return onlyResource(template, 'AWS::CloudFront::Distribution')['DistributionConfig'] as Config;
}

function keyGroup(stack: Stack): cloudfront.KeyGroup {
  const key = new cloudfront.PublicKey(stack, 'PublicKey', { encodedKey: PUBLIC_KEY });
  return new cloudfront.KeyGroup(stack, 'KeyGroup', { items: [key] });
}

/** The origins that a behaviour asks, in their order. */
function originsOf(config: Config, { TargetOriginId }: Behavior): Origin[] {
  const group = config.OriginGroups.Items.find(({ Id }) => Id === TargetOriginId);
  const ids = group?.Members.Items.map(({ OriginId }) => OriginId) ?? [TargetOriginId];
  return ids.map((id) => config.Origins.find(({ Id }) => Id === id)!);
}

function policyOf(template: Template, { CachePolicyId }: Behavior): Record<string, unknown> {
  const { Ref } = CachePolicyId as { readonly Ref: string };
  const policy = template.findResources('AWS::CloudFront::CachePolicy')[Ref] as {
    readonly Properties: { readonly CachePolicyConfig: Record<string, unknown> };
  };
  return policy.Properties.CachePolicyConfig;
}

describe.each(CONTEXTS)('under %s a distribution', (_name, context) => {
  test('asks the bucket first, and the API for what is not there', () => {
    const { config } = distribute({}, OPEN, newStack({ context }));
    const stored = config.CacheBehaviors[0]!;
    expect(config.CacheBehaviors.map(({ PathPattern }) => PathPattern)).toEqual([
      '/thumbnails/*/*',
      '/thumbnails/*',
      '/images*',
    ]);
    const [bucket, api] = originsOf(config, stored);
    expect(bucket).toMatchObject({
      DomainName: { 'Fn::GetAtt': [expect.stringMatching(/^PhotosThumbnailBucket/), 'RegionalDomainName'] },
      OriginAccessControlId: { 'Fn::GetAtt': [expect.stringMatching(/AccessControl/), 'Id'] },
    });
    expect(bucket).not.toHaveProperty('OriginPath');
    expect(api).toMatchObject({
      DomainName: { 'Fn::Join': ['', expect.arrayContaining(['.execute-api.'])] },
      OriginPath: '/stored',
      CustomOriginConfig: { OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] },
    });
    expect(config.OriginGroups.Items[0]!.FailoverCriteria).toEqual({ StatusCodes: { Items: [403, 404], Quantity: 2 } });
    for (const asked of config.CacheBehaviors.slice(1)) {
      const [only, ...others] = originsOf(config, asked);
      expect(others).toEqual([]);
      expect(only).not.toHaveProperty('OriginPath');
    }
  });
});

test('every behaviour reads alone, by TLS, through the functions', () => {
  const { template, config } = distribute();
  template.hasResourceProperties('AWS::CloudFront::Function', {
    AutoPublish: true,
    FunctionConfig: { Runtime: 'cloudfront-js-2.0' },
    FunctionCode: Match.stringLikeRegexp('"small":"w"'),
  });
  for (const behavior of [config.DefaultCacheBehavior, ...config.CacheBehaviors]) {
    expect(behavior).toMatchObject({
      AllowedMethods: ['GET', 'HEAD'],
      ViewerProtocolPolicy: 'redirect-to-https',
      FunctionAssociations: [
        {
          EventType: 'viewer-request',
          FunctionARN: { 'Fn::GetAtt': [expect.stringContaining('Request'), 'FunctionARN'] },
        },
        // What is known of an image is no thumbnail, and all of it is the API's word.
        ...(behavior.PathPattern === '/images*'
          ? []
          : [
              {
                EventType: 'viewer-response',
                FunctionARN: { 'Fn::GetAtt': [expect.stringContaining('Response'), 'FunctionARN'] },
              },
            ]),
      ],
    });
  }
});

test('the cache key has what the function leaves, and nothing that browsers differ in', () => {
  const { template, config } = distribute({ imageTtl: Duration.seconds(5) });
  const policies = config.CacheBehaviors.map((behavior) => policyOf(template, behavior));
  expect(policies).toMatchObject([
    {
      MinTTL: 0,
      MaxTTL: 31536000,
      ParametersInCacheKeyAndForwardedToOrigin: { QueryStringsConfig: { QueryStrings: ['v'] } },
    },
    {
      MinTTL: 0,
      MaxTTL: 31536000,
      ParametersInCacheKeyAndForwardedToOrigin: { QueryStringsConfig: { QueryStrings: ['format', 'key', 'v'] } },
    },
    {
      MinTTL: 0,
      MaxTTL: 5,
      ParametersInCacheKeyAndForwardedToOrigin: { QueryStringsConfig: { QueryStrings: ['key'] } },
    },
  ]);
  for (const policy of policies) {
    expect(policy['ParametersInCacheKeyAndForwardedToOrigin']).toMatchObject({
      HeadersConfig: { HeaderBehavior: 'none' },
      CookiesConfig: { CookieBehavior: 'none' },
      QueryStringsConfig: { QueryStringBehavior: 'whitelist' },
    });
  }
});

test('may read the thumbnails, and nothing else of their bucket', () => {
  const { template, config } = distribute({}, { ...OPEN, thumbnailPrefix: 'out/' });
  const statements = Object.values(template.findResources('AWS::S3::BucketPolicy')).flatMap(
    (policy) =>
      (policy as { Properties: { PolicyDocument: { Statement: Record<string, unknown>[] } } }).Properties.PolicyDocument
        .Statement,
  );
  const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
  const [id] = Object.keys(template.findResources('AWS::CloudFront::Distribution'));
  expect(allowed).toMatchObject([
    {
      Action: 's3:GetObject',
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Resource: { 'Fn::Join': ['', [expect.anything(), '/out/*']] },
    },
  ]);
  expect(JSON.stringify(allowed[0]!['Condition'])).toContain(`:distribution/",{"Ref":"${id}"}`);
  expect(config.Origins).toHaveLength(3);
});

test('may use the key of the bucket', () => {
  const { template } = distribute({}, (stack) => ({ ...OPEN, encryptionKey: new kms.Key(stack, 'Key') }));
  const { Statement } = onlyResource(template, 'AWS::KMS::Key')['KeyPolicy'] as { readonly Statement: unknown[] };
  expect(Statement).toContainEqual(
    expect.objectContaining({
      Action: 'kms:Decrypt',
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Condition: { ArnLike: { 'AWS:SourceArn': expect.anything() as unknown } },
    }),
  );
});

describe('what cannot be changed', () => {
  const imported = (stack: Stack): ThumbnailPipelineProps => ({
    ...OPEN,
    thumbnailBucket: s3.Bucket.fromBucketAttributes(stack, 'Thumbnails', {
      bucketName: 'mine',
      encryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/a'),
    }),
  });

  test('is told with the statement that it needs', () => {
    const [bucket, key] = warningsOf(distribute({}, imported).stack);
    expect(bucket).toMatch(
      /^CloudFront cannot read thumbnails until the policy of the imported bucket lets it; .*"s3:GetObject"/,
    );
    expect(bucket).toContain('cdk-thumbnails:distributionBucketPolicy');
    expect(key).toMatch(
      /^CloudFront cannot read thumbnails until the policy of the imported key lets it .*"kms:Decrypt"/,
    );
    expect(key).toContain('cdk-thumbnails:distributionKeyPolicy');
  });

  test('is a bucket of another stack only as far as it cannot name the distribution', () => {
    const stack = newStack();
    const other = new Stack(stack.node.root, 'Other');
    const thumbnailBucket = new s3.Bucket(other, 'Thumbnails');
    distribute({}, { ...OPEN, thumbnailBucket }, stack);
    expect(warningsOf(stack)).toEqual([]);
    Template.fromStack(other).hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 's3:GetObject', Condition: { ArnLike: Match.anyValue() } }),
        ]),
      },
    });
  });
});

describe('where reading is not for everyone', () => {
  const closed = (access?: ThumbnailAccess): ReturnType<typeof distribute> =>
    distribute((stack) => ({ trustedKeyGroups: [keyGroup(stack)] }), { api: { access } });

  test.each<[string, ThumbnailAccess | undefined]>([
    ['by IAM', undefined],
    ['by signed links', ThumbnailAccess.signed()],
  ])('%s CloudFront asks for links that it can check', (_how, access) => {
    const { config } = closed(access);
    expect(config.CacheBehaviors.map(({ PathPattern }) => PathPattern)).toEqual(['/thumbnails/*/*']);
    for (const behavior of [config.DefaultCacheBehavior, ...config.CacheBehaviors]) {
      expect(behavior.TrustedKeyGroups).toEqual([{ Ref: expect.stringMatching(/^KeyGroup/) as unknown }]);
    }
  });

  test('the API is shown a secret that is in no template', () => {
    const { template, config } = closed();
    const header = config.Origins.flatMap(({ OriginCustomHeaders = [] }) => OriginCustomHeaders);
    const [secret] = Object.keys(template.findResources('AWS::SecretsManager::Secret'));
    expect(header).toEqual([
      {
        HeaderName: DISTRIBUTION_HEADER,
        HeaderValue: { 'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: secret }, ':SecretString:k1::}}']] },
      },
    ]);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'api-function.handler',
      Environment: { Variables: Match.objectLike({ [HTTP_VARIABLES.distributionSecret]: { Ref: secret } }) },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 'secretsmanager:GetSecretValue', Resource: { Ref: secret } }),
        ]),
      },
    });
  });

  test('the API on Fargate is shown it too', () => {
    const stack = newStack();
    const pipeline = new ThumbnailPipeline(stack, 'Photos', { compute: ThumbnailCompute.fargate() });
    pipeline.addDistribution({ trustedKeyGroups: [keyGroup(stack)] });
    const template = quietly(() => Template.fromStack(stack));
    const [secret] = Object.keys(template.findResources('AWS::SecretsManager::Secret'));
    expect(environmentOf(template, 'api')).toMatchObject({ [HTTP_VARIABLES.distributionSecret]: { Ref: secret } });
    expect(environmentOf(template, 'worker')).not.toHaveProperty(HTTP_VARIABLES.distributionSecret);
    // Nobody but the tasks of the API may read it.
    const readers = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([, policy]) =>
      JSON.stringify(policy).includes('secretsmanager:GetSecretValue'),
    );
    expect(readers.map(([id]) => id)).toEqual([expect.stringMatching(/ApiService/)]);
    expect(JSON.stringify(readers)).toContain(JSON.stringify({ Ref: secret }));
  });

  test('and where it is, there is no secret', () => {
    const { template, config } = distribute();
    template.resourceCountIs('AWS::SecretsManager::Secret', 0);
    expect(config.Origins.some(({ OriginCustomHeaders }) => OriginCustomHeaders !== undefined)).toBe(false);
  });
});

test('the API has a route for distributions only where there is one', () => {
  const routesOf = (template: Template): unknown[] =>
    Object.values(template.findResources('AWS::ApiGatewayV2::Route'))
      .map((route) => (route as { Properties: { RouteKey: string } }).Properties)
      .filter(({ RouteKey }) => RouteKey.includes('/stored/'));
  expect(routesOf(distribute().template)).toMatchObject([
    { RouteKey: 'GET /stored/{key+}', AuthorizationType: 'NONE' },
    { RouteKey: 'HEAD /stored/{key+}', AuthorizationType: 'NONE' },
  ]);
  const stack = newStack();
  new ThumbnailPipeline(stack, 'Photos', OPEN);
  expect(routesOf(Template.fromStack(stack))).toEqual([]);
});

test('headers let pictures be shown anywhere, and do nothing', () => {
  const headersOf = (options: ThumbnailDistributionOptions): unknown =>
    onlyResource(distribute(options).template, 'AWS::CloudFront::ResponseHeadersPolicy')['ResponseHeadersPolicyConfig'];
  expect(headersOf({})).toMatchObject({
    CustomHeadersConfig: {
      Items: [{ Header: 'Cross-Origin-Resource-Policy', Value: 'cross-origin', Override: true }],
    },
    SecurityHeadersConfig: {
      ContentTypeOptions: { Override: true },
      ContentSecurityPolicy: { ContentSecurityPolicy: "default-src 'none'; sandbox", Override: true },
    },
  });
  expect(headersOf({})).not.toHaveProperty('CorsConfig');
  expect(headersOf({ corsOrigins: ['https://example.com'] })).toMatchObject({
    CorsConfig: { AccessControlAllowOrigins: { Items: ['https://example.com'] }, OriginOverride: true },
  });
});

test('props of the distribution', () => {
  const { config } = distribute((stack) => ({
    domainNames: ['img.example.com'],
    certificate: acm.Certificate.fromCertificateArn(
      stack,
      'Certificate',
      'arn:aws:acm:us-east-1:111122223333:certificate/a',
    ),
    webAclId: 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/b',
    logBucket: s3.Bucket.fromBucketName(stack, 'Logs', 'logs'),
    logFilePrefix: 'cdn/',
    priceClass: cloudfront.PriceClass.PRICE_CLASS_ALL,
    httpVersion: cloudfront.HttpVersion.HTTP2,
    geoRestriction: cloudfront.GeoRestriction.allowlist('CH'),
    originShieldRegion: 'eu-west-1',
    responseHeadersPolicy: cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
    basePath: '/media',
  }));
  expect(config).toMatchObject({
    Aliases: ['img.example.com'],
    ViewerCertificate: {
      AcmCertificateArn: expect.stringContaining('certificate/a') as unknown,
      MinimumProtocolVersion: 'TLSv1.2_2021',
    },
    WebACLId: 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/b',
    Logging: { Prefix: 'cdn/' },
    PriceClass: 'PriceClass_All',
    HttpVersion: 'http2',
    Restrictions: { GeoRestriction: { Locations: ['CH'], RestrictionType: 'whitelist' } },
  });
  expect(config.Origins.map(({ OriginShield }) => OriginShield)).toEqual(
    config.Origins.map(() => ({ Enabled: true, OriginShieldRegion: 'eu-west-1' })),
  );
  expect(config.CacheBehaviors[0]).toMatchObject({
    PathPattern: '/media/thumbnails/*/*',
    ResponseHeadersPolicyId: '67f7725c-6f97-4210-82d7-5512b31e9d03',
  });
});

test('defaults, and errors that are not kept', () => {
  const { config, template } = distribute();
  expect(config).toMatchObject({ PriceClass: 'PriceClass_100', HttpVersion: 'http2and3', Enabled: true });
  expect(config).not.toHaveProperty('Logging');
  for (const response of config['CustomErrorResponses'] as { readonly ErrorCachingMinTTL: number }[]) {
    expect(response.ErrorCachingMinTTL).toBe(1);
  }
  template.hasOutput('*', { Description: 'Address of the distribution' });
  expect(Object.keys(distribute({}, { ...OPEN, outputs: false }).template.findOutputs('*'))).toEqual([]);
});

describe('a distribution of one’s own', () => {
  const mine = (options: ThumbnailBehaviorOptions): Template => {
    const stack = newStack();
    const distribution = new cloudfront.Distribution(stack, 'Mine', {
      defaultBehavior: { origin: new HttpOrigin('example.com') },
    });
    const pipeline = new ThumbnailPipeline(stack, 'Photos', {
      ...OPEN,
      thumbnails: [Thumbnail.inside('all', 10, { formats: [ThumbnailFormat.jpeg(), ThumbnailFormat.avif()] })],
    });
    const other = new ThumbnailPipeline(stack, 'Other', OPEN);
    pipeline.addBehaviorsTo(distribution, options);
    other.addBehaviorsTo(distribution, { basePath: '/other' });
    return Template.fromStack(stack);
  };

  test('takes the behaviours of several pipelines', () => {
    const config = configOf(mine({ basePath: '/media' }));
    expect(config.CacheBehaviors.map(({ PathPattern }) => PathPattern)).toEqual([
      '/media/thumbnails/*/*',
      '/media/thumbnails/*',
      '/media/images*',
      '/other/thumbnails/*/*',
      '/other/thumbnails/*',
      '/other/images*',
    ]);
    expect(config.DefaultCacheBehavior).not.toHaveProperty('FunctionAssociations');
  });

  test('keeps its own default', () => {
    mine({}).hasResourceProperties('AWS::CloudFront::Function', { FunctionCode: Match.stringLikeRegexp('"all":"ja"') });
  });
});

describe('fails with a message about', () => {
  const problemOf = (
    options: ThumbnailDistributionOptions | ((stack: Stack) => ThumbnailDistributionOptions),
    props: ThumbnailPipelineProps = OPEN,
    stack: Stack = newStack(),
  ): string => {
    try {
      distribute(options, props, stack);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  test.each<
    [
      string,
      ThumbnailDistributionOptions | ((stack: Stack) => ThumbnailDistributionOptions),
      ThumbnailPipelineProps,
      string,
    ]
  >([
    [
      'access that CloudFront cannot ask for',
      {},
      {},
      'trustedKeyGroups: none is invalid; expected given where reading the API is not for everyone',
    ],
    [
      'links that the API does not ask for',
      (stack) => ({ trustedKeyGroups: [keyGroup(stack)] }),
      OPEN,
      'trustedKeyGroups: 1 with api.access publicRead() is invalid; expected left out, or api.access another',
    ],
    ['domains without a certificate', { domainNames: ['img.example.com'] }, OPEN, 'certificate: none with domainNames'],
    [
      'a certificate without domains',
      (stack) => ({
        certificate: acm.Certificate.fromCertificateArn(
          stack,
          'C',
          `arn:aws:acm:us-east-1:${Aws.ACCOUNT_ID}:certificate/a`,
        ),
      }),
      OPEN,
      'domainNames: none with a certificate',
    ],
    ['a prefix of no logs', { logFilePrefix: 'a' }, OPEN, 'logFilePrefix: a prefix without logBucket'],
    [
      'a base path with a slash after it',
      { basePath: '/media/' },
      OPEN,
      'basePath: "/media/" is invalid; expected a path such as /media',
    ],
    [
      'images that are not kept at all',
      { imageTtl: Duration.seconds(0) },
      OPEN,
      'imageTtl: 0 s is out of range; expected whole seconds from 1 to 86,400',
    ],
    [
      'an origin that is none',
      { corsOrigins: ['example.com'] },
      OPEN,
      'corsOrigins[0]: "example.com" is invalid; expected * or an origin',
    ],
    [
      'origins that a policy of one’s own leaves out',
      { corsOrigins: ['*'], responseHeadersPolicy: cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS },
      OPEN,
      'corsOrigins: origins beside a responseHeadersPolicy',
    ],
    ['no API', {}, { apiEnabled: false }, 'Stack/Photos: addDistribution: the pipeline has no API'],
  ])('%s', (_what, options, props, message) => {
    expect(problemOf(options, props)).toContain(message);
  });

  test('the China regions, which have a CloudFront of their own', () => {
    const china = newStack({ env: { region: 'cn-north-1', account: '111122223333' } });
    expect(problemOf({}, OPEN, china)).toMatch(
      /^Stack\/Photos\/Distribution: CloudFront of the China regions serves no domain of its own/,
    );
    const stack = newStack({ env: { region: 'cn-north-1', account: '111122223333' } });
    const distribution = new cloudfront.Distribution(stack, 'Mine', {
      defaultBehavior: { origin: new HttpOrigin('example.com') },
    });
    new ThumbnailPipeline(stack, 'Photos', OPEN).addBehaviorsTo(distribution);
    expect(warningsOf(stack)).toEqual([expect.stringContaining('cdk-thumbnails:distributionInChina')]);
  });
});
