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
  ThumbnailBehaviors,
  ThumbnailCompute,
  ThumbnailDistribution,
  type ThumbnailDistributionOptions,
  ThumbnailFormat,
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
} from '../../../lib';
import { DISTRIBUTION_HEADER, HTTP_VARIABLES } from '../../../runtime/contract';
import { environmentOf } from '../../support/templates/fargate';
import { CONTEXTS, errorFor, newStack, onlyResource, quietly, warningsOf } from '../../support/templates/stacks';

const PUBLIC: ThumbnailPipelineProps = { api: { access: ThumbnailAccess.publicRead() } };
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
  props: ThumbnailPipelineProps | ((stack: Stack) => ThumbnailPipelineProps) = PUBLIC,
  stack: Stack = newStack(),
): { readonly stack: Stack; readonly template: Template; readonly config: Config } {
  const pipeline = new ThumbnailPipeline(stack, 'Photos', typeof props === 'function' ? props(stack) : props);
  pipeline.addDistribution('Distribution', typeof options === 'function' ? options(stack) : options);
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

/** Returns the origins of a behavior in the order in which CloudFront requests them. */
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
  test('the distribution requests a thumbnail from the API if the bucket does not contain the thumbnail', () => {
    const { config } = distribute({}, PUBLIC, newStack({ context }));
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
    for (const behavior of config.CacheBehaviors.slice(1)) {
      const [only, ...others] = originsOf(config, behavior);
      expect(others).toEqual([]);
      expect(only).not.toHaveProperty('OriginPath');
    }
  });
});

test('every behavior is read-only with TLS and both edge functions', () => {
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
        // Manifests require no function for responses, because the API sets all of their headers.
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

test('the cache key contains query parameters only', () => {
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

test('the distribution can read only keys with the thumbnail prefix', () => {
  const { template, config } = distribute({}, { ...PUBLIC, thumbnailPrefix: 'out/' });
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

test('the distribution can use the KMS key of the bucket', () => {
  const { template } = distribute({}, (stack) => ({ ...PUBLIC, encryptionKey: new kms.Key(stack, 'Key') }));
  const { Statement } = onlyResource(template, 'AWS::KMS::Key')['KeyPolicy'] as { readonly Statement: unknown[] };
  expect(Statement).toContainEqual(
    expect.objectContaining({
      Action: 'kms:Decrypt',
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Condition: { ArnLike: { 'AWS:SourceArn': expect.anything() as unknown } },
    }),
  );
});

describe('warnings', () => {
  const imported = (stack: Stack): ThumbnailPipelineProps => ({
    ...PUBLIC,
    thumbnailBucket: s3.Bucket.fromBucketAttributes(stack, 'Thumbnails', {
      bucketName: 'mine',
      encryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/a'),
    }),
  });

  test('an imported bucket and an imported KMS key cause warnings with the missing statements', () => {
    const [bucket, key] = warningsOf(distribute({}, imported).stack);
    expect(bucket).toMatch(/"s3:GetObject".*\[ack: cdk-thumbnails:distributionBucketPolicy\]/);
    expect(key).toMatch(/"kms:Decrypt".*\[ack: cdk-thumbnails:distributionKeyPolicy\]/);
  });

  test('a bucket of another stack causes a warning about access by any distribution of the account', () => {
    const stack = newStack();
    const other = new Stack(stack.node.root, 'Other');
    const thumbnailBucket = new s3.Bucket(other, 'Thumbnails');
    distribute({}, { ...PUBLIC, thumbnailBucket }, stack);
    expect(warningsOf(stack)).toEqual([
      expect.stringMatching(/Other\/Thumbnails.*\[ack: cdk-thumbnails:anyDistribution\]$/),
    ]);
    Template.fromStack(other).hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 's3:GetObject', Condition: { ArnLike: Match.anyValue() } }),
        ]),
      },
    });
  });
});

describe('without public read access', () => {
  const closed = (access?: ThumbnailAccess): ReturnType<typeof distribute> =>
    distribute((stack) => ({ trustedKeyGroups: [keyGroup(stack)] }), { api: { access } });

  test.each<[string, ThumbnailAccess | undefined]>([
    ['IAM', undefined],
    ['signed links', ThumbnailAccess.signed()],
  ])('CloudFront requires signatures of the key group for an API with %s', (_access, access) => {
    const { config } = closed(access);
    expect(config.CacheBehaviors.map(({ PathPattern }) => PathPattern)).toEqual(['/thumbnails/*/*']);
    for (const behavior of [config.DefaultCacheBehavior, ...config.CacheBehaviors]) {
      expect(behavior.TrustedKeyGroups).toEqual([{ Ref: expect.stringMatching(/^KeyGroup/) as unknown }]);
    }
  });

  test('CloudFront sends the API a secret whose value no template contains', () => {
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

  test('the API on Fargate receives the secret', () => {
    const stack = newStack();
    const pipeline = new ThumbnailPipeline(stack, 'Photos', { compute: ThumbnailCompute.fargate() });
    pipeline.addDistribution('Distribution', { trustedKeyGroups: [keyGroup(stack)] });
    const template = quietly(() => Template.fromStack(stack));
    const [secret] = Object.keys(template.findResources('AWS::SecretsManager::Secret'));
    expect(environmentOf(template, 'api')).toMatchObject({ [HTTP_VARIABLES.distributionSecret]: { Ref: secret } });
    expect(environmentOf(template, 'worker')).not.toHaveProperty(HTTP_VARIABLES.distributionSecret);
    // Only the tasks of the API can read the secret.
    const readers = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([, policy]) =>
      JSON.stringify(policy).includes('secretsmanager:GetSecretValue'),
    );
    expect(readers.map(([id]) => id)).toEqual([expect.stringMatching(/ApiService/)]);
    expect(JSON.stringify(readers)).toContain(JSON.stringify({ Ref: secret }));
  });

  test('a distribution requires a secret unless the API has public read access', () => {
    const { template, config } = distribute();
    template.resourceCountIs('AWS::SecretsManager::Secret', 0);
    expect(config.Origins.some(({ OriginCustomHeaders }) => OriginCustomHeaders !== undefined)).toBe(false);
  });
});

test('the API has the route for distributions only if a distribution exists', () => {
  const routesOf = (template: Template): unknown[] =>
    Object.values(template.findResources('AWS::ApiGatewayV2::Route'))
      .map((route) => (route as { Properties: { RouteKey: string } }).Properties)
      .filter(({ RouteKey }) => RouteKey.includes('/stored/'));
  expect(routesOf(distribute().template)).toMatchObject([
    { RouteKey: 'GET /stored/{key+}', AuthorizationType: 'NONE' },
    { RouteKey: 'HEAD /stored/{key+}', AuthorizationType: 'NONE' },
  ]);
  const stack = newStack();
  new ThumbnailPipeline(stack, 'Photos', PUBLIC);
  expect(routesOf(Template.fromStack(stack))).toEqual([]);
});

test('response headers allow embedding and block scripts', () => {
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

test('the distribution applies the props of the CloudFront distribution', () => {
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
      MinimumProtocolVersion: 'TLSv1.2_2025',
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

test('the distribution caches errors for one second by default', () => {
  const { config, template } = distribute();
  expect(config).toMatchObject({ PriceClass: 'PriceClass_100', HttpVersion: 'http2and3', Enabled: true });
  expect(config).not.toHaveProperty('Logging');
  for (const response of config['CustomErrorResponses'] as { readonly ErrorCachingMinTTL: number }[]) {
    expect(response.ErrorCachingMinTTL).toBe(1);
  }
  template.hasOutput('*', { Description: 'URL of the CloudFront distribution' });
  expect(Object.keys(distribute({}, { ...PUBLIC, createOutputs: false }).template.findOutputs('*'))).toEqual([]);
});

describe('an existing distribution', () => {
  const existing = (options: ThumbnailBehaviorOptions): Template => {
    const stack = newStack();
    const distribution = new cloudfront.Distribution(stack, 'Mine', {
      defaultBehavior: { origin: new HttpOrigin('example.com') },
    });
    const pipeline = new ThumbnailPipeline(stack, 'Photos', {
      ...PUBLIC,
      thumbnails: [Thumbnail.inside('all', 10, { formats: [ThumbnailFormat.jpeg(), ThumbnailFormat.avif()] })],
    });
    const other = new ThumbnailPipeline(stack, 'Other', PUBLIC);
    pipeline.addBehaviorsTo(distribution, undefined, options);
    other.addBehaviorsTo(distribution, undefined, { basePath: '/other' });
    return Template.fromStack(stack);
  };

  test('the distribution accepts the behaviors of several pipelines', () => {
    const config = configOf(existing({ basePath: '/media' }));
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

  test('the API receives the base paths of the distribution for its URLs', () => {
    const origins = configOf(existing({ basePath: '/media' })).Origins as readonly {
      readonly OriginCustomHeaders?: readonly { readonly HeaderName: string; readonly HeaderValue: unknown }[];
    }[];
    const prefixes = origins.flatMap(({ OriginCustomHeaders = [] }) =>
      OriginCustomHeaders.filter(({ HeaderName }) => HeaderName === 'x-forwarded-prefix').map(
        (header) => header.HeaderValue,
      ),
    );
    expect([...new Set(prefixes)].sort()).toEqual(['/media', '/other']);
    expect(JSON.stringify(configOf(existing({}))).match(/x-forwarded-prefix/g)).toHaveLength(2);
  });

  test('an existing distribution keeps its default behavior', () => {
    existing({}).hasResourceProperties('AWS::CloudFront::Function', {
      FunctionCode: Match.stringLikeRegexp('"all":"ja"'),
    });
  });
});

describe('several distributions', () => {
  const publicPipeline = (stack: Stack): ThumbnailPipeline => new ThumbnailPipeline(stack, 'Photos', PUBLIC);
  const distributionIn = (stack: Stack, id: string): cloudfront.Distribution =>
    new cloudfront.Distribution(stack, id, { defaultBehavior: { origin: new HttpOrigin('example.com') } });

  test('several distributions with separate ids and outputs share one secret and one route', () => {
    const stack = newStack();
    const pipeline = new ThumbnailPipeline(stack, 'Photos');
    const trustedKeyGroups = [keyGroup(stack)];
    const first = pipeline.addDistribution(undefined, { trustedKeyGroups });
    const second = pipeline.addDistribution('Second', { trustedKeyGroups });
    expect([first.node.id, second.node.id]).toEqual(['Distribution', 'Second']);
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::CloudFront::Distribution', 2);
    template.resourceCountIs('AWS::SecretsManager::Secret', 1);
    expect(Object.keys(template.findOutputs('*'))).toEqual(
      expect.arrayContaining([expect.stringMatching(/DistributionUrl/), expect.stringMatching(/SecondUrl/)]),
    );
  });

  test('several distributions need unique ids', () => {
    const pipeline = publicPipeline(newStack());
    pipeline.addDistribution();
    expect(() => pipeline.addDistribution()).toThrow(/^Stack\/Photos: addDistribution: id: 'Distribution' is in use/);
  });

  test('each further distribution of the app requires an id for the behaviors', () => {
    const stack = newStack();
    const pipeline = publicPipeline(stack);
    const first = distributionIn(stack, 'First');
    const second = distributionIn(stack, 'Second');
    expect(pipeline.addBehaviorsTo(first).node.id).toBe(`Behaviors${first.node.addr.slice(-8)}`);
    expect(() => pipeline.addBehaviorsTo(second)).toThrow(/^Stack\/Photos: addBehaviorsTo: id: undefined/);
    expect(pipeline.addBehaviorsTo(second, 'SecondBehaviors').node.id).toBe('SecondBehaviors');
  });
});

test('addBehaviorsTo() rejects an imported distribution', () => {
  const stack = newStack();
  const imported = cloudfront.Distribution.fromDistributionAttributes(stack, 'Site', {
    distributionId: 'E123',
    domainName: 'd123.cloudfront.net',
  }) as cloudfront.Distribution;
  const pipeline = new ThumbnailPipeline(stack, 'Photos', PUBLIC);
  expect(() => pipeline.addBehaviorsTo(imported)).toThrow(
    /^Stack\/Photos: addBehaviorsTo: distribution: Stack\/Site is imported.*ThumbnailBehaviors/,
  );
  expect(pipeline.node.children.some((child) => child instanceof ThumbnailBehaviors)).toBe(false);
});

describe('constructs of the app', () => {
  test('the construct ThumbnailDistribution supports a pipeline of another stack', () => {
    const stack = newStack();
    const pipeline = new ThumbnailPipeline(stack, 'Photos');
    const other = new Stack(stack.node.root, 'Other');
    const { distribution, url } = new ThumbnailDistribution(other, 'Cdn', {
      pipeline,
      trustedKeyGroups: [keyGroup(other)],
    });
    expect(other.resolve(url)).toEqual(other.resolve(`https://${distribution.distributionDomainName}/`));
    const template = Template.fromStack(other);
    expect(configOf(template).Origins).toHaveLength(2);
    // The API reads the secret. Therefore, the stack of the pipeline contains the secret.
    Template.fromStack(stack).resourceCountIs('AWS::SecretsManager::Secret', 1);
    template.resourceCountIs('AWS::SecretsManager::Secret', 0);
  });

  test('the construct ThumbnailBehaviors creates behaviors for a pipeline', () => {
    const stack = newStack();
    const pipeline = new ThumbnailPipeline(stack, 'Photos', PUBLIC);
    const { behaviors } = new ThumbnailBehaviors(stack, 'Behaviors', { pipeline, basePath: '/media' });
    expect(Object.keys(behaviors)).toEqual(['/media/thumbnails/*/*', '/media/thumbnails/*', '/media/images*']);
  });

  test.each([
    ['ThumbnailDistribution', ThumbnailDistribution],
    ['ThumbnailBehaviors', ThumbnailBehaviors],
  ])('the constructs cannot create %s for an imported pipeline', (_name, Class) => {
    const stack = newStack();
    const pipeline = ThumbnailPipeline.fromThumbnailPipelineAttributes(stack, 'Theirs', {
      sourceBucket: s3.Bucket.fromBucketName(stack, 'Source', 'source'),
      thumbnailBucket: s3.Bucket.fromBucketName(stack, 'Thumbnails', 'thumbnails'),
    });
    expect(() => new Class(stack, 'Cdn', { pipeline })).toThrow(/^Stack\/Cdn: pipeline: Stack\/Theirs is imported/);
  });
});

describe('reports the prop, the value and the allowed values', () => {
  type Options = ThumbnailDistributionOptions | ((stack: Stack) => ThumbnailDistributionOptions);
  const messageOf = (options: Options, props: ThumbnailPipelineProps = PUBLIC, stack: Stack = newStack()): string => {
    try {
      distribute(options, props, stack);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  test.each<[string, Options, ThumbnailPipelineProps, ...string[]]>([
    ['access without a key group', {}, {}, 'trustedKeyGroups', 'undefined', 'api.access'],
    [
      'a key group for public read access',
      (stack) => ({ trustedKeyGroups: [keyGroup(stack)] }),
      PUBLIC,
      'trustedKeyGroups',
      'public read access',
    ],
    [
      'a TLS version without a certificate',
      { minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_3_2025 },
      PUBLIC,
      'minimumProtocolVersion',
      'TLSv1.3_2025',
    ],
    ['domains without a certificate', { domainNames: ['img.example.com'] }, PUBLIC, 'certificate', 'domainNames'],
    [
      'a certificate without domains',
      (stack) => ({
        certificate: acm.Certificate.fromCertificateArn(
          stack,
          'C',
          `arn:aws:acm:us-east-1:${Aws.ACCOUNT_ID}:certificate/a`,
        ),
      }),
      PUBLIC,
      'domainNames',
      'certificate',
    ],
    ['a log prefix without a bucket', { logFilePrefix: 'a' }, PUBLIC, 'logFilePrefix', 'logBucket'],
    ['a base path with a trailing slash', { basePath: '/media/' }, PUBLIC, 'basePath', '"/media/"', '/media'],
    ['a lifetime of 0', { imageTtl: Duration.seconds(0) }, PUBLIC, 'imageTtl', '0 s', '1 to 86,400'],
    ['an origin without a scheme', { corsOrigins: ['example.com'] }, PUBLIC, 'corsOrigins[0]', '"example.com"'],
    [
      'CORS origins beside a headers policy',
      { corsOrigins: ['*'], responseHeadersPolicy: cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS },
      PUBLIC,
      'corsOrigins',
      'responseHeadersPolicy',
    ],
    ['a pipeline without an API', {}, { apiEnabled: false }, 'pipeline', 'Stack/Photos', 'apiEnabled'],
  ])('%s', (_case, options, props, prop = '', ...details) => {
    const message = messageOf(options, props);
    expect(message).toMatch(/^Stack\/Photos\/Distribution: /);
    expect(message.replace(/^.*?: /, '')).toEqual(errorFor(prop, ...details));
  });

  test('the error lists all invalid options of the distribution and its behaviors', () => {
    const message = messageOf({ logFilePrefix: 'a', basePath: 'media', imageTtl: Duration.days(2) });
    expect(message.split('\n  - ').slice(1)).toEqual([
      errorFor('logFilePrefix'),
      errorFor('basePath', '"media"'),
      errorFor('imageTtl', '172,800 s'),
    ]);
  });

  test('a pipeline in the China Regions supports behaviors only', () => {
    const env = { region: 'cn-north-1', account: '111122223333' };
    expect(messageOf({}, PUBLIC, newStack({ env }))).toMatch(
      /^Stack\/Photos\/Distribution: .*China.*addBehaviorsTo\(\)/,
    );
    const stack = newStack({ env });
    const distribution = new cloudfront.Distribution(stack, 'Mine', {
      defaultBehavior: { origin: new HttpOrigin('example.com') },
    });
    new ThumbnailPipeline(stack, 'Photos', PUBLIC).addBehaviorsTo(distribution);
    expect(warningsOf(stack)).toEqual([expect.stringContaining('cdk-thumbnails:distributionInChina')]);
  });
});
