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
import { newStack, onlyResource, problemsOf, synthesize, warningsOf } from '../../support/stacks';

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

/** What the program reads, with tokens as what they could stand for. */
function webSettingsOf(api: ThumbnailPipelineApiOptions, props: ThumbnailPipelineProps = {}): HttpSettings {
  const variables = Object.fromEntries(
    Object.entries(variablesOf(withApi(api, props))).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : 'token',
    ]),
  );
  return readHttpSettings(variables, readCoreSettings(variables));
}

/** Routes by who may call them. */
function authorizationsOf(template: Template): Record<string, string> {
  return Object.fromEntries(
    Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map((route) => {
      const { RouteKey, AuthorizationType } = (route as { Properties: { RouteKey: string; AuthorizationType: string } })
        .Properties;
      return [RouteKey, AuthorizationType];
    }),
  );
}

/** What the role of the API's function may do: actions by resources. */
function statementsOf(template: Template): { readonly Action: string | string[]; readonly Resource: unknown }[] {
  const [policy] = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) =>
    id.startsWith('PhotosApiFunctionRole'),
  ) as unknown as [
    string,
    { Properties: { PolicyDocument: { Statement: { Action: string; Resource: unknown }[] } } },
  ][];
  return policy![1].Properties.PolicyDocument.Statement;
}

function may(template: Template, action: string): unknown[] {
  return statementsOf(template)
    .filter(({ Action }) => [Action].flat().includes(action))
    .flatMap(({ Resource }): unknown[] => [Resource].flat());
}

describe('reading and writing', () => {
  test('are chosen apart, and nobody writes until asked', () => {
    const read = withApi({ access: ThumbnailAccess.publicRead() });
    expect(Object.keys(authorizationsOf(read))).not.toEqual(expect.arrayContaining(WRITE_ROUTES));
    expect(may(read, 's3:DeleteObject')).toHaveLength(1);
    expect(variablesOf(read)).not.toHaveProperty(HTTP_VARIABLES.writeAccess);

    const both = withApi({ access: ThumbnailAccess.publicRead(), writeAccess: tokens() });
    const routes = authorizationsOf(both);
    expect(WRITE_ROUTES.map((route) => routes[route])).toEqual(['JWT', 'JWT', 'JWT']);
    expect(Object.entries(routes).filter(([route, type]) => type !== 'NONE' && !WRITE_ROUTES.includes(route))).toEqual(
      [],
    );
  });

  test('may be by the same object, bound once', () => {
    const template = withApi({ access: ThumbnailAccess.signed(), writeAccess: ThumbnailAccess.iam() });
    expect(authorizationsOf(template)).toMatchObject({ 'GET /images': 'NONE', 'DELETE /images': 'AWS_IAM' });
    const signed = ThumbnailAccess.signed();
    const both = withApi({ access: signed, writeAccess: signed });
    both.resourceCountIs('AWS::SecretsManager::Secret', 1);
    expect(new Set(Object.values(authorizationsOf(both)))).toEqual(new Set(['NONE']));
  });

  test('lets the program write sources, under their prefix alone', () => {
    const stack = newStack();
    const props = {
      sourcePrefix: 'in/',
      encryptionKey: new kms.Key(stack, 'Key'),
      api: { writeAccess: ThumbnailAccess.iam() },
    };
    const { pipeline, template } = synthesize(props, stack);
    const sources: unknown = stack.resolve(pipeline.sourceBucket.arnForObjects('in/*'));
    for (const action of ['s3:PutObject', 's3:DeleteObject']) {
      expect(may(template, action)).toContainEqual(sources);
    }
    const onlyRead = synthesize({ sourcePrefix: 'in/' }).template;
    for (const action of ['s3:PutObject', 's3:DeleteObject']) {
      expect(may(onlyRead, action)).not.toContainEqual(sources);
    }
    expect(may(template, 'kms:GenerateDataKey')).not.toEqual([]);
  });

  test('grants each to who may call', () => {
    const { stack, pipeline } = synthesize({
      api: { access: ThumbnailAccess.publicRead(), writeAccess: ThumbnailAccess.iam() },
    });
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    expect(() => pipeline.grantInvokeApi(role)).toThrow('you must use IAM authorization');
    expect(JSON.stringify(stack.resolve(pipeline.grantWriteApi(role).principalStatements))).toContain(
      '/*/DELETE/images/*',
    );
  });

  test('says that nobody may write where nobody may', () => {
    const { stack, pipeline } = synthesize({});
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    expect(() => pipeline.grantWriteApi(role)).toThrow(
      'Stack/Photos/Api: grantInvokeWrite: nobody may write: set writeAccess',
    );
    const without = new ThumbnailPipeline(newStack(), 'Photos', { apiEnabled: false });
    expect(() => without.grantWriteApi(role)).toThrow('grantWriteApi: the pipeline has no API');
  });
});

describe('signed links', () => {
  test('are checked by the program, with keys that only Secrets Manager has seen', () => {
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
    expect(may(template, 'secretsmanager:GetSecretValue')).toEqual([{ Ref: id }]);
    expect(JSON.stringify(statementsOf(template))).not.toMatch(/secretsmanager:(?!GetSecretValue)/);
    // Whoever makes thumbnails has no business with keys.
    const [upload] = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([name]) =>
      name.startsWith('PhotosUploadFunctionRole'),
    );
    expect(JSON.stringify(upload)).not.toContain('secretsmanager');
    expect(JSON.stringify(template.toJSON())).not.toContain('{{resolve:');
  });

  test('take a secret of one’s own, its hosts and its longest time', () => {
    const stack = newStack();
    const keys = secretsmanager.Secret.fromSecretCompleteArn(stack, 'Links', SECRET);
    const access = ThumbnailAccess.signed({ keys, hosts: ['img.example.com'], maxDuration: Duration.hours(1) });
    const { template, pipeline } = synthesize({ api: { access } }, stack);
    template.resourceCountIs('AWS::SecretsManager::Secret', 0);
    expect(variablesOf(template)).toMatchObject({
      [HTTP_VARIABLES.signingSecret]: SECRET,
      [HTTP_VARIABLES.linkHosts]: '["img.example.com"]',
      [HTTP_VARIABLES.maxLinkLifetimeSeconds]: '3600',
    });
    expect(may(template, 'secretsmanager:GetSecretValue')).toEqual([SECRET]);
    expect(pipeline.signingKeys).toBe(keys);
  });

  test('take a secret that is known by name, and one with a key of its own', () => {
    const stack = newStack();
    const named = synthesize(
      {
        api: {
          access: ThumbnailAccess.signed({ keys: secretsmanager.Secret.fromSecretNameV2(stack, 'Links', 'links') }),
        },
      },
      stack,
    ).template;
    expect(JSON.stringify(may(named, 'secretsmanager:GetSecretValue'))).toContain(':secret:links-??????');

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

  test('sign writing alone where reading is open', () => {
    const settings = webSettingsOf({ access: ThumbnailAccess.publicRead(), writeAccess: ThumbnailAccess.signed() });
    expect(settings).toMatchObject({ readAccess: 'open', writeAccess: 'signed', signing: { secret: 'token' } });
  });
});

describe('the program reads', () => {
  test('the defaults of what was not given', () => {
    expect(webSettingsOf({})).toEqual(
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

  test('what was given', () => {
    const settings = webSettingsOf(
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

describe('pages of other origins', () => {
  const cors = { allowOrigins: ['https://example.com'], allowMethods: [CorsHttpMethod.ANY] };
  const rulesOf = (api: ThumbnailPipelineApiOptions): unknown[] =>
    Object.values(withApi(api).findResources('AWS::S3::Bucket')).map(
      (bucket) => (bucket as { Properties: Record<string, unknown> }).Properties['CorsConfiguration'],
    );

  test('may upload where they may call the API, or where one says', () => {
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

  test('need a rule on a bucket of one’s own, which is told', () => {
    const stack = newStack();
    synthesize(
      {
        sourceBucket: s3.Bucket.fromBucketName(stack, 'Source', 'photos'),
        api: { writeAccess: ThumbnailAccess.iam(), cors },
      },
      stack,
    );
    expect(warningsOf(stack)).toEqual([
      expect.stringContaining('pages of https://example.com can upload only if the source bucket lets them'),
    ]);
  });
});

test.each<[string, ThumbnailPipelineProps, string]>([
  [
    'writing for everyone',
    { api: { writeAccess: ThumbnailAccess.publicRead() } },
    'api.writeAccess: publicRead() is invalid; expected iam(), signed() or authorizer(): everyone could fill the bucket and delete ' +
      'what is in it',
  ],
  [
    'two secrets',
    { api: { access: ThumbnailAccess.signed(), writeAccess: ThumbnailAccess.signed() } },
    'api.writeAccess: another signed() than access is invalid; expected the same object: one program checks links by one secret',
  ],
  [
    'a host with a scheme',
    { api: { access: ThumbnailAccess.signed({ hosts: ['https://img.example.com'] }) } },
    'api.access.hosts[0]: "https://img.example.com" is invalid; expected a host in lower case, such as img.example.com',
  ],
  [
    'links for ever',
    { api: { access: ThumbnailAccess.signed({ maxDuration: Duration.days(366) }) } },
    'api.access.maxDuration: 31,622,400 s is out of range; expected whole seconds from 1 to 31,536,000',
  ],
  [
    'uploads that nobody may make',
    { api: { uploads: {} } },
    'api.uploads: options without writeAccess is invalid; expected left out, or writeAccess set: nobody may upload',
  ],
  [
    'uploads beyond the limits',
    { api: { writeAccess: ThumbnailAccess.iam(), uploads: { maxSize: Size.mebibytes(65) } } },
    'api.uploads.maxSize: 68,157,440 bytes is out of range; expected a size from 1 to 67,108,864 bytes',
  ],
  [
    'a template whose keys would not be unique',
    { api: { writeAccess: ThumbnailAccess.iam(), uploads: { keyTemplate: '{filename}' } } },
    'api.uploads.keyTemplate: "{filename}" is invalid; expected a key with {uuid} in it, maybe {filename}, no other braces and no ' +
      'slash before it',
  ],
  [
    'a template that leaves no room',
    { api: { writeAccess: ThumbnailAccess.iam(), uploads: { keyTemplate: `${'é'.repeat(254)}{uuid}` } } },
    'api.uploads.keyTemplate: 514 bytes is invalid; expected at most 512 bytes',
  ],
  [
    'uploads of documents',
    { api: { writeAccess: ThumbnailAccess.iam(), uploads: { contentTypes: ['text/html'] } } },
    'api.uploads.contentTypes[0]: "text/html" is invalid; expected one of images, such as image/jpeg',
  ],
  [
    'no content type',
    { api: { writeAccess: ThumbnailAccess.iam(), uploads: { contentTypes: [] } } },
    'api.uploads.contentTypes: none is invalid; expected at least one content type',
  ],
  [
    'a content type twice',
    { api: { writeAccess: ThumbnailAccess.iam(), uploads: { contentTypes: ['image/png', 'image/png'] } } },
    'api.uploads.contentTypes: image/png twice is invalid; expected every content type once',
  ],
  [
    'SVG that no thumbnail is made of',
    { api: { writeAccess: ThumbnailAccess.iam(), uploads: { contentTypes: ['image/svg+xml'] } } },
    'api.uploads.contentTypes: image/svg+xml is invalid; expected left out, or allowSvg true: no thumbnails would be made of it',
  ],
  [
    'an origin with a path',
    { api: { writeAccess: ThumbnailAccess.iam(), uploads: { allowOrigins: ['https://example.com/'] } } },
    'api.uploads.allowOrigins[0]: "https://example.com/" is invalid; expected * or an origin such as https://example.com',
  ],
  [
    'a fallback image that is no source',
    { sourcePrefix: 'in/', api: { fallbackImage: 'none.png' } },
    'api.fallbackImage: "none.png" is invalid; expected a key that starts with sourcePrefix "in/", as all sources',
  ],
  [
    'an empty fallback image',
    { api: { fallbackImage: '' } },
    'api.fallbackImage: 0 bytes is invalid; expected the key of a source, of 1 to 1024 bytes',
  ],
])('fails with a message about %s', (_what, props, message) => {
  expect(problemsOf(props)).toEqual([message]);
});
