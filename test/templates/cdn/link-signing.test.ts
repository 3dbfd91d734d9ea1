import { generateKeyPairSync } from 'node:crypto';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  ThumbnailAccess,
  ThumbnailCompute,
  ThumbnailDistribution,
  type ThumbnailLinkSigningOptions,
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
} from '../../../lib';
import { HTTP_VARIABLES } from '../../../runtime/contract';
import { environmentOf } from '../../support/templates/fargate';
import { newStack, onlyResource, quietly } from '../../support/templates/stacks';

const publicKey = (modulusLength = 2048): string =>
  generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ type: 'spki', format: 'pem' }).toString();
const K1 = publicKey();
const K2 = publicKey();

const PRIVATE = (): ThumbnailPipelineProps => ({
  api: {
    access: ThumbnailAccess.authorizer(new HttpJwtAuthorizer('Jwt', 'https://issuer.example', { jwtAudience: ['a'] }), {
      keyPrefix: '{claim:sub}/',
    }),
  },
});

const signing = (stack: Stack, options: Partial<ThumbnailLinkSigningOptions> = {}): ThumbnailLinkSigningOptions => ({
  publicKeys: { k1: K1 },
  privateKeys: Secret.fromSecretCompleteArn(stack, 'Keys', SECRET),
  ...options,
});
const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:cdn-AbCdEf';

function synthesized(options: Partial<ThumbnailLinkSigningOptions> = {}, props: Partial<ThumbnailPipelineProps> = {}) {
  const stack = newStack();
  const pipeline = new ThumbnailPipeline(stack, 'Photos', { ...PRIVATE(), ...props });
  pipeline.addDistribution('Distribution', { linkSigning: signing(stack, options), basePath: '/media' });
  return quietly(() => Template.fromStack(stack));
}

test('the API receives the secret and the ids of the public keys that CloudFront trusts', () => {
  const template = synthesized({ publicKeys: { k1: K1, k2: K2 }, minLifetime: Duration.minutes(10) });
  template.resourceCountIs('AWS::CloudFront::PublicKey', 2);
  const [group] = Object.keys(template.findResources('AWS::CloudFront::KeyGroup'));
  const config = onlyResource(template, 'AWS::CloudFront::Distribution')['DistributionConfig'];
  expect(config).toMatchObject({ CacheBehaviors: [{ TrustedKeyGroups: [{ Ref: group }] }] });
  const [distribution] = Object.keys(template.findResources('AWS::CloudFront::Distribution'));
  template.hasResourceProperties('AWS::Lambda::Function', {
    Handler: 'api-function.handler',
    Environment: {
      Variables: Match.objectLike({
        [HTTP_VARIABLES.cdnSigningSecret]: SECRET,
        [HTTP_VARIABLES.cdnLinkLifetimeSeconds]: '600',
        [HTTP_VARIABLES.distributionUrl]: {
          'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [distribution, 'DomainName'] }, '/media']],
        },
        [HTTP_VARIABLES.cdnKeyPairIds]: {
          'Fn::Join': ['', ['{"k1":"', Match.anyValue(), '","k2":"', Match.anyValue(), '"}']],
        },
      }),
    },
  });
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Action: 'secretsmanager:GetSecretValue', Resource: Match.arrayWith([SECRET]) }),
      ]),
    },
  });
});

test('only the API on Fargate receives the secret', () => {
  const template = synthesized({}, { compute: ThumbnailCompute.fargate() });
  expect(environmentOf(template, 'api')).toMatchObject({ [HTTP_VARIABLES.cdnSigningSecret]: SECRET });
  expect(environmentOf(template, 'worker')).not.toHaveProperty(HTTP_VARIABLES.cdnSigningSecret);
});

test('an existing distribution requires its URL', () => {
  const add = (url?: string) => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const pipeline = new ThumbnailPipeline(stack, 'Photos', PRIVATE());
    const site = new cloudfront.Distribution(stack, 'Site', {
      defaultBehavior: { origin: new HttpOrigin('example.com') },
    });
    pipeline.addBehaviorsTo(site, undefined, { linkSigning: signing(stack, { url }) });
    return quietly(() => app.synth().getStackByName('Stack').template as object);
  };
  expect(() => add()).toThrow(/linkSigning\.url: undefined/);
  expect(JSON.stringify(add('https://www.example.com'))).toContain('"DISTRIBUTION_URL":"https://www.example.com"');
});

test.each<[string, Partial<ThumbnailLinkSigningOptions>, RegExp]>([
  ['no key', { publicKeys: {} }, /linkSigning\.publicKeys: 0 keys is out of range/],
  ['three keys', { publicKeys: { a: K1, b: K1, c: K1 } }, /linkSigning\.publicKeys: 3 keys/],
  ['an invalid id', { publicKeys: { '1': K1 } }, /linkSigning\.publicKeys: "1"/],
  ['a short key', { publicKeys: { k1: publicKey(1024) } }, /linkSigning\.publicKeys\.k1: .*2,048 bits/],
  ['a text', { publicKeys: { k1: 'key' } }, /linkSigning\.publicKeys\.k1: /],
  ['a short lifetime', { minLifetime: Duration.seconds(1) }, /linkSigning\.minLifetime: 1 s/],
  ['a URL with a trailing slash', { url: 'https://img.example.com/' }, /linkSigning\.url: /],
])('%s is an error', (_case, options, message) => {
  expect(() => synthesized(options)).toThrow(message);
});

test('the error about a private key in place of a public key does not contain the key', () => {
  const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
  expect(() => synthesized({ publicKeys: { k1: pem.toString() } })).toThrow(/^(?!.*PRIVATE KEY).*publicKeys\.k1/s);
});

test('a public API, a second distribution and a distribution of another stack cause errors', () => {
  expect(() => synthesized({}, { api: { access: ThumbnailAccess.publicRead() } })).toThrow(
    /linkSigning: .*public read/,
  );
  const stack = newStack();
  const pipeline = new ThumbnailPipeline(stack, 'Photos', PRIVATE());
  const linkSigning = signing(stack);
  const other = new Stack(stack.node.root, 'Other');
  expect(() => new ThumbnailDistribution(other, 'Cdn', { pipeline, linkSigning })).toThrow(/linkSigning: .*the stack/);
  pipeline.addDistribution('First', { linkSigning });
  expect(() => pipeline.addDistribution('Second', { linkSigning })).toThrow(/linkSigning: another distribution/);
});
