import { Duration, Size } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { CorsHttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  ThumbnailAccess,
  ThumbnailPipeline,
  type ThumbnailPipelineApiOptions,
  type ThumbnailPipelineProps,
} from '../../../lib';
import { readCoreSettings } from '../../../runtime/config/core-settings';
import { readHttpSettings, type HttpSettings } from '../../../runtime/config/http-settings';
import { HTTP_VARIABLES } from '../../../runtime/contract';
import { errorFor, newStack, onlyResource, problemsOf, synthesize, warningsOf } from '../../support/templates/stacks';

const WRITE_ROUTES = ['POST /uploads', 'DELETE /images/{key+}', 'DELETE /images'];
const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:links-AbCdEf';
const tokens = (): ThumbnailAccess =>
  ThumbnailAccess.authorizer(new HttpJwtAuthorizer('Tokens', 'https://issuer.example', { jwtAudience: ['app'] }));

const withApi = (api: ThumbnailPipelineApiOptions, props: ThumbnailPipelineProps = {}): Template =>
  synthesize({ ...props, api }).template;

function variablesOf(template: Template): Record<string, unknown> {
  const environment = onlyResource(template, 'AWS::Lambda::Function', {
    Properties: { Handler: 'api-function.handler' },
  })['Environment'] as { readonly Variables: Record<string, unknown> };
  return environment.Variables;
}

/** Returns the settings that the runtime reads, with a placeholder for each token. */
function httpSettingsOf(api: ThumbnailPipelineApiOptions, props: ThumbnailPipelineProps = {}): HttpSettings {
  const variables = Object.fromEntries(
    Object.entries(variablesOf(withApi(api, props))).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : 'token',
    ]),
  );
  return readHttpSettings(variables, readCoreSettings(variables));
}

/** Returns the authorization type of each route. */
function authorizationsOf(template: Template): Record<string, string> {
  return Object.fromEntries(
    Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map((route) => {
      const { RouteKey, AuthorizationType } = (route as { Properties: { RouteKey: string; AuthorizationType: string } })
        .Properties;
      return [RouteKey, AuthorizationType];
    }),
  );
}

/** Returns the policy statements of the API function's role. */
function statementsOf(template: Template): { readonly Action: string | string[]; readonly Resource: unknown }[] {
  const [policy] = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) =>
    id.startsWith('PhotosApiFunctionRole'),
  ) as unknown as [
    string,
    { Properties: { PolicyDocument: { Statement: { Action: string; Resource: unknown }[] } } },
  ][];
  return policy![1].Properties.PolicyDocument.Statement;
}

/** Returns the resources that the API function's role may use with an action. */
function resourcesOf(template: Template, action: string): unknown[] {
  return statementsOf(template)
    .filter(({ Action }) => [Action].flat().includes(action))
    .flatMap(({ Resource }): unknown[] => [Resource].flat());
}

describe('reading and writing', () => {
  test('only reading is enabled without the access option for writing', () => {
    const read = withApi({ access: ThumbnailAccess.publicRead() });
    expect(Object.keys(authorizationsOf(read))).not.toEqual(expect.arrayContaining(WRITE_ROUTES));
    expect(resourcesOf(read, 's3:DeleteObject')).toHaveLength(1);
    expect(variablesOf(read)).not.toHaveProperty(HTTP_VARIABLES.writeAccess);

    const both = withApi({ access: ThumbnailAccess.publicRead(), writeAccess: tokens() });
    const routes = authorizationsOf(both);
    expect(WRITE_ROUTES.map((route) => routes[route])).toEqual(['JWT', 'JWT', 'JWT']);
    expect(Object.entries(routes).filter(([route, type]) => type !== 'NONE' && !WRITE_ROUTES.includes(route))).toEqual(
      [],
    );
  });

  test('the pipeline binds an access object for reading and writing only once', () => {
    const template = withApi({ access: ThumbnailAccess.signed(), writeAccess: ThumbnailAccess.iam() });
    expect(authorizationsOf(template)).toMatchObject({ 'GET /images': 'NONE', 'DELETE /images': 'AWS_IAM' });
    const signed = ThumbnailAccess.signed();
    const both = withApi({ access: signed, writeAccess: signed });
    both.resourceCountIs('AWS::SecretsManager::Secret', 1);
    expect(new Set(Object.values(authorizationsOf(both)))).toEqual(new Set(['NONE']));
  });

  test('write access permits the runtime to write only sources with the prefix', () => {
    const stack = newStack();
    const props = {
      sourcePrefix: 'in/',
      encryptionKey: new kms.Key(stack, 'Key'),
      api: { writeAccess: ThumbnailAccess.iam() },
    };
    const { pipeline, template } = synthesize(props, stack);
    const sources: unknown = stack.resolve(pipeline.sourceBucket.arnForObjects('in/*'));
    for (const action of ['s3:PutObject', 's3:DeleteObject']) {
      expect(resourcesOf(template, action)).toContainEqual(sources);
    }
    const onlyRead = synthesize({ sourcePrefix: 'in/' }).template;
    for (const action of ['s3:PutObject', 's3:DeleteObject']) {
      expect(resourcesOf(onlyRead, action)).not.toContainEqual(sources);
    }
    expect(resourcesOf(template, 'kms:GenerateDataKey')).not.toEqual([]);
  });

  test('reading and writing have separate grants', () => {
    const { stack, pipeline } = synthesize({
      api: { access: ThumbnailAccess.publicRead(), writeAccess: ThumbnailAccess.iam() },
    });
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    expect(() => pipeline.grantApiRead(role)).toThrow('you must use IAM authorization');
    expect(JSON.stringify(stack.resolve(pipeline.grantApiWrite(role).principalStatements))).toContain(
      '/*/DELETE/images/*',
    );
  });

  test('a grant of reading or writing throws an error if the API has no routes for the grant', () => {
    const { stack, pipeline } = synthesize({});
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    expect(() => pipeline.grantApiWrite(role)).toThrow(/^Stack\/Photos\/Api: grantWrite: .*writeAccess/);
    const without = new ThumbnailPipeline(newStack(), 'Photos', { apiEnabled: false });
    expect(() => without.grantApiWrite(role)).toThrow(/^Stack\/Photos: grantApiWrite: .*apiEnabled/);
  });
});

describe('signed links', () => {
  test('the runtime verifies signed links with generated keys', () => {
    const template = withApi({ access: ThumbnailAccess.signed() });
    expect(new Set(Object.values(authorizationsOf(template)))).toEqual(new Set(['NONE']));
    template.hasResourceProperties('AWS::SecretsManager::Secret', {
      GenerateSecretString: {
        SecretStringTemplate: '{}',
        GenerateStringKey: 'k1',
        PasswordLength: 64,
        ExcludePunctuation: true,
      },
      SecretString: Match.absent(),
    });
    const [[id]] = Object.entries(template.findResources('AWS::SecretsManager::Secret')) as [[string, unknown]];
    expect(variablesOf(template)).toMatchObject({
      [HTTP_VARIABLES.readAccess]: 'signed',
      [HTTP_VARIABLES.signingSecret]: { Ref: id },
    });
    expect(resourcesOf(template, 'secretsmanager:GetSecretValue')).toEqual([{ Ref: id }]);
    expect(JSON.stringify(statementsOf(template))).not.toMatch(/secretsmanager:(?!GetSecretValue)/);
    // The worker has no access to the keys, because it verifies no links.
    const [upload] = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([name]) =>
      name.startsWith('PhotosUploadFunctionRole'),
    );
    expect(JSON.stringify(upload)).not.toContain('secretsmanager');
    expect(JSON.stringify(template.toJSON())).not.toContain('{{resolve:');
  });

  test('signed links support an existing secret, hosts and a maximum lifetime', () => {
    const stack = newStack();
    const keys = secretsmanager.Secret.fromSecretCompleteArn(stack, 'Links', SECRET);
    const access = ThumbnailAccess.signed({ keys, hosts: ['img.example.com'], maxLinkLifetime: Duration.hours(1) });
    const { template, pipeline } = synthesize({ api: { access } }, stack);
    template.resourceCountIs('AWS::SecretsManager::Secret', 0);
    expect(variablesOf(template)).toMatchObject({
      [HTTP_VARIABLES.signingSecret]: SECRET,
      [HTTP_VARIABLES.linkHosts]: '["img.example.com"]',
      [HTTP_VARIABLES.maxLinkLifetimeSeconds]: '3600',
    });
    expect(resourcesOf(template, 'secretsmanager:GetSecretValue')).toEqual([SECRET]);
    expect(pipeline.signingKeys).toBe(keys);
  });

  test('signed links support a secret imported by name and a secret with a KMS key', () => {
    const stack = newStack();
    const named = synthesize(
      {
        api: {
          access: ThumbnailAccess.signed({ keys: secretsmanager.Secret.fromSecretNameV2(stack, 'Links', 'links') }),
        },
      },
      stack,
    ).template;
    expect(JSON.stringify(resourcesOf(named, 'secretsmanager:GetSecretValue'))).toContain(':secret:links-??????');

    const other = newStack();
    const encryptionKey = new kms.Key(other, 'Key');
    const keys = new secretsmanager.Secret(other, 'Links', { encryptionKey });
    const encrypted = synthesize({ api: { access: ThumbnailAccess.signed({ keys }) } }, other).template;
    const policy = onlyResource(encrypted, 'AWS::KMS::Key')['KeyPolicy'] as { readonly Statement: unknown[] };
    expect(policy.Statement).toContainEqual(
      expect.objectContaining({
        Action: 'kms:Decrypt',
        Condition: {
          StringEquals: {
            'kms:ViaService': { 'Fn::Join': ['', ['secretsmanager.', { Ref: 'AWS::Region' }, '.amazonaws.com']] },
          },
        },
      }),
    );
  });

  test('the API can require signed links for writing only', () => {
    const settings = httpSettingsOf({ access: ThumbnailAccess.publicRead(), writeAccess: ThumbnailAccess.signed() });
    expect(settings).toMatchObject({ readAccess: 'open', writeAccess: 'signed', signing: { secret: 'token' } });
  });
});

describe('the runtime reads', () => {
  test('default settings', () => {
    expect(httpSettingsOf({})).toEqual(
      readHttpSettings(
        {},
        readCoreSettings({
          SOURCE_BUCKET: 'a',
          THUMBNAIL_BUCKET: 'b',
          THUMBNAILS: '[{"name":"a","fit":"inside","width":1,"height":1,"formats":[{"type":"webp"}]}]',
        }),
      ),
    );
  });

  test('the runtime reads the settings of the API options', () => {
    const settings = httpSettingsOf(
      {
        writeAccess: ThumbnailAccess.iam(),
        uploads: { contentTypes: ['image/png'], maxSize: Size.kibibytes(5), keyTemplate: 'a/{uuid}' },
        fallbackImage: 'in/none.png',
      },
      { sourcePrefix: 'in/' },
    );
    expect(settings).toMatchObject({
      readAccess: 'open',
      writeAccess: 'open',
      fallbackImage: 'in/none.png',
      uploads: { contentTypes: ['image/png'], maxSizeBytes: 5120, keyTemplate: 'a/{uuid}' },
    });
  });
});

describe('web pages of other origins', () => {
  const cors = { allowOrigins: ['https://example.com'], allowMethods: [CorsHttpMethod.ANY] };
  const rulesOf = (api: ThumbnailPipelineApiOptions): unknown[] =>
    Object.values(withApi(api).findResources('AWS::S3::Bucket')).map(
      (bucket) => (bucket as { Properties: Record<string, unknown> }).Properties['CorsConfiguration'],
    );

  test('web pages can upload if CORS or allowOrigins lists their origin', () => {
    const writeAccess = ThumbnailAccess.iam();
    const rule = (origin: string): unknown => ({
      CorsRules: [{ AllowedHeaders: ['*'], AllowedMethods: ['POST'], AllowedOrigins: [origin], MaxAge: 3600 }],
    });
    expect(rulesOf({ writeAccess, cors })).toEqual([rule('https://example.com'), undefined]);
    expect(rulesOf({ writeAccess, cors, uploads: { allowOrigins: ['https://a.example'] } })).toEqual([
      rule('https://a.example'),
      undefined,
    ]);
    expect(rulesOf({ writeAccess, cors, uploads: { allowOrigins: [] } })).toEqual([undefined, undefined]);
    expect(rulesOf({ cors })).toEqual([undefined, undefined]);
  });

  test('an existing bucket causes a warning that uploads from web pages require a CORS rule', () => {
    const stack = newStack();
    synthesize(
      {
        sourceBucket: s3.Bucket.fromBucketName(stack, 'Source', 'photos'),
        api: { writeAccess: ThumbnailAccess.iam(), cors },
      },
      stack,
    );
    expect(warningsOf(stack)).toEqual([
      expect.stringMatching(/https:\/\/example\.com.*\[ack: cdk-thumbnails:uploadCors\]/),
    ]);
  });
});

const writeAccess = ThumbnailAccess.iam();

test.each<[string, ThumbnailPipelineProps, ...string[]]>([
  ['public writing', { api: { writeAccess: ThumbnailAccess.publicRead() } }, 'api.writeAccess', 'publicRead()'],
  [
    'two sets of signing keys',
    { api: { access: ThumbnailAccess.signed(), writeAccess: ThumbnailAccess.signed() } },
    'api.writeAccess',
    'signed()',
    'same object',
  ],
  [
    'a host with a scheme',
    { api: { access: ThumbnailAccess.signed({ hosts: ['https://img.example.com'] }) } },
    'api.access.hosts[0]',
    '"https://img.example.com"',
  ],
  [
    'a lifetime out of range',
    { api: { access: ThumbnailAccess.signed({ maxLinkLifetime: Duration.days(366) }) } },
    'api.access.maxLinkLifetime',
    '31,622,400 s',
    '1 to 31,536,000',
  ],
  ['uploads without write access', { api: { uploads: {} } }, 'api.uploads', 'writeAccess'],
  [
    'uploads larger than a source',
    { api: { writeAccess, uploads: { maxSize: Size.mebibytes(65) } } },
    'api.uploads.maxSize',
    '68,157,440 bytes',
    '1 to 67,108,864 bytes',
  ],
  [
    'a key template without a UUID',
    { api: { writeAccess, uploads: { keyTemplate: '{filename}' } } },
    'api.uploads.keyTemplate',
    '"{filename}"',
    '{uuid}',
  ],
  [
    'a key template of 514 bytes',
    { api: { writeAccess, uploads: { keyTemplate: `${'é'.repeat(254)}{uuid}` } } },
    'api.uploads.keyTemplate',
    '514 bytes',
    '512',
  ],
  [
    'a content type other than images',
    { api: { writeAccess, uploads: { contentTypes: ['text/html'] } } },
    'api.uploads.contentTypes[0]',
    '"text/html"',
  ],
  [
    'no content types',
    { api: { writeAccess, uploads: { contentTypes: [] } } },
    'api.uploads.contentTypes',
    'at least one',
  ],
  [
    'a duplicate content type',
    { api: { writeAccess, uploads: { contentTypes: ['image/png', 'image/png'] } } },
    'api.uploads.contentTypes',
    'image/png',
  ],
  [
    'SVG uploads without allowSvg',
    { api: { writeAccess, uploads: { contentTypes: ['image/svg+xml'] } } },
    'api.uploads.contentTypes',
    'image/svg+xml',
    'allowSvg',
  ],
  [
    'an origin with a path',
    { api: { writeAccess, uploads: { allowOrigins: ['https://example.com/'] } } },
    'api.uploads.allowOrigins[0]',
    '"https://example.com/"',
  ],
  [
    'a fallback image outside the source prefix',
    { sourcePrefix: 'in/', api: { fallbackImage: 'none.png' } },
    'api.fallbackImage',
    '"none.png"',
    'sourcePrefix "in/"',
  ],
  ['an empty fallback image', { api: { fallbackImage: '' } }, 'api.fallbackImage', '0 bytes', '1 to 1,024 bytes'],
])(
  'the validation reports %s with the prop, the value and the allowed values',
  (_case, props, prop = '', ...details) => {
    expect(problemsOf(props)).toEqual([errorFor(prop, ...details)]);
  },
);
