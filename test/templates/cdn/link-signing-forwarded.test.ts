import { createVerify, generateKeyPairSync } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { Template } from 'aws-cdk-lib/assertions';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ThumbnailAccess, ThumbnailPipeline } from '../../../lib';
import { CdnLinks } from '../../../runtime/http/links/cdn-links';
import { newStack, onlyResource, quietly } from '../../support/templates/stacks';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:cdn-AbCdEf';

interface Behavior {
  readonly PathPattern: string;
  readonly TrustedKeyGroups?: unknown;
  readonly FunctionAssociations?: readonly {
    readonly FunctionARN: { readonly 'Fn::GetAtt': readonly [string, string] };
  }[];
}

/** Synthesizes signed links with a base path, for an API that accepts only requests of the distribution. */
function synthesized() {
  const stack = newStack();
  const access = ThumbnailAccess.authorizer(
    new HttpJwtAuthorizer('Jwt', 'https://issuer.example', { jwtAudience: ['a'] }),
    { keyPrefix: '{claim:sub}/' },
  );
  new ThumbnailPipeline(stack, 'Photos', { api: { access, onlyThroughDistribution: true } }).addDistribution('Cdn', {
    linkSigning: {
      publicKeys: { k1: publicKey.export({ type: 'spki', format: 'pem' }).toString() },
      privateKeys: Secret.fromSecretCompleteArn(stack, 'Keys', SECRET),
      url: 'https://img.example.com/media',
    },
    basePath: '/media',
  });
  return quietly(() => Template.fromStack(stack));
}

test('a behavior verifies the signed link of a closed API with a base path', async () => {
  const template = synthesized();
  const { DistributionConfig } = onlyResource(template, 'AWS::CloudFront::Distribution') as {
    readonly DistributionConfig: { readonly CacheBehaviors: readonly Behavior[] };
  };
  const links = new CdnLinks({
    url: 'https://img.example.com/media',
    keyPairIds: { k1: 'K1' },
    keys: {
      find: (id: string) =>
        Promise.resolve({ id, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }),
    } as never,
    lifetimeSeconds: 3600,
    now: () => 0,
  });
  const link = new URL((await links.sign('/thumbnails/small/alice/a%20b.jpg?v=1'))!);

  // The first behavior that matches verifies the URL as the viewer sends it, with the base path.
  const resource = `${link.origin}${link.pathname}?v=1`;
  const condition = { DateLessThan: { 'AWS:EpochTime': Number(link.searchParams.get('Expires')) } };
  const policy = JSON.stringify({ Statement: [{ Resource: resource, Condition: condition }] });
  const signature = link.searchParams.get('Signature')!.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/');
  expect(createVerify('RSA-SHA1').update(policy).verify(publicKey, signature, 'base64')).toBe(true);
  const behaviors = DistributionConfig.CacheBehaviors;
  const matching = behaviors.find(({ PathPattern }) =>
    new RegExp(`^${PathPattern.replaceAll('*', '.*')}$`).test(link.pathname),
  )!;
  expect(matching.PathPattern).toBe('/media/thumbnails/*/*');
  expect(matching.TrustedKeyGroups).toHaveLength(1);

  // The function for viewer requests removes the base path and selects the stored file.
  const [functionId] = matching.FunctionAssociations![0]!.FunctionARN['Fn::GetAtt'];
  const { FunctionCode } = (
    template.toJSON() as { Resources: Record<string, { Properties: { FunctionCode: string } }> }
  ).Resources[functionId]!.Properties;
  const request = { method: 'GET', uri: link.pathname, querystring: { v: { value: '1' } }, headers: {} };
  const event = JSON.stringify({ request });
  expect(runInNewContext(`${FunctionCode}; handler(${event})`)).toMatchObject({
    uri: '/alice/a%20b.jpg/small.webp',
  });
});

test('a manifest of a closed API with a base path is forwarded without a signature', () => {
  const { DistributionConfig } = onlyResource(synthesized(), 'AWS::CloudFront::Distribution') as {
    readonly DistributionConfig: { readonly CacheBehaviors: readonly Behavior[] };
  };
  const images = DistributionConfig.CacheBehaviors.find(({ PathPattern }) => PathPattern === '/media/images*');
  expect(images).toBeDefined();
  expect(images!.TrustedKeyGroups).toBeUndefined();
});
