import { Template } from 'aws-cdk-lib/assertions';
import type { IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  HttpIamAuthorizer,
  HttpJwtAuthorizer,
  HttpLambdaAuthorizer,
  HttpUserPoolAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpUrlIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import {
  Thumbnail,
  ThumbnailAccess,
  ThumbnailApi,
  ThumbnailCompute,
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
  ThumbnailRule,
} from '../../../lib';
import { CLAIMS_HEADER, CLAIMS_REQUEST_HEADER, HTTP_VARIABLES } from '../../../runtime/contract';
import { errorFor, newStack, problemsOf, synthesize, warningsOf } from '../../support/templates/stacks';

const jwt = (id = 'Jwt'): HttpJwtAuthorizer =>
  new HttpJwtAuthorizer(id, 'https://issuer.example.com', { jwtAudience: ['a'] });
const own = (keyPrefix = '{claim:sub}/', authorizer: IHttpRouteAuthorizer = jwt()): ThumbnailAccess =>
  ThumbnailAccess.authorizer(authorizer, { keyPrefix });

interface Route {
  readonly Properties: { readonly RouteKey: string; readonly Target: unknown };
}

/** Returns the request parameters of the integration of each route. */
function parametersOf(template: Template): Record<string, unknown> {
  const integrations = template.findResources('AWS::ApiGatewayV2::Integration');
  return Object.fromEntries(
    Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map((route) => {
      const { RouteKey, Target } = (route as unknown as Route).Properties;
      const [id] = Object.keys(integrations).filter((each) => JSON.stringify(Target).includes(`"${each}"`));
      const { Properties } = integrations[id!] as { Properties: { RequestParameters?: unknown } };
      return [RouteKey, Properties.RequestParameters];
    }),
  );
}

describe('key prefixes of authorizers', () => {
  test('the runtime receives the prefixes without a warning about write access', () => {
    const access = own();
    const { template, stack } = synthesize({
      api: { access, writeAccess: own('users/{claim:sub}/', jwt('Write')), cors: CORS },
    });
    expect(apiVariablesOf(template)).toMatchObject({
      [HTTP_VARIABLES.readKeyPrefix]: '{claim:sub}/',
      [HTTP_VARIABLES.writeKeyPrefix]: 'users/{claim:sub}/',
    });
    expect(warningsOf(stack)).toEqual([]);
    expect(JSON.stringify(synthesize({ api: { access: own() } }).template.toJSON())).not.toContain(
      HTTP_VARIABLES.writeKeyPrefix,
    );
  });

  test('on Lambda, the template does not map claims to headers', () => {
    const { template } = synthesize({
      api: { access: own(), writeAccess: own('{claim:sub}/', jwt('Write')), cors: CORS },
    });
    expect(new Set(Object.values(parametersOf(template)))).toEqual(new Set([undefined]));
  });

  test('behind a VPC link, API Gateway overwrites the headers with the claims of each route', () => {
    const lambdaStack = newStack();
    const authorizer = new HttpLambdaAuthorizer('Lambda', authorizerFunction(lambdaStack));
    const { template } = synthesize(
      {
        compute: ThumbnailCompute.fargate(),
        api: { access: own('{claim:org}/{claim:sub}/'), writeAccess: own('{context:user}/', authorizer), cors: CORS },
      },
      lambdaStack,
    );
    const host = { 'overwrite:header.Host': '$context.domainName' };
    const id = { [`overwrite:header.${CLAIMS_REQUEST_HEADER}`]: '$context.requestId' };
    const claims = (text: string) => ({ ...host, ...id, [`overwrite:header.${CLAIMS_HEADER}`]: text });
    const parameters = parametersOf(template);
    const read = claims('${context.requestId} ${context.authorizer.claims.org} ${context.authorizer.claims.sub}');
    expect(parameters['GET /images/{key+}']).toEqual(read);
    expect(parameters['HEAD /thumbnails/{name}']).toEqual(read);
    const write = claims('${context.requestId} ${context.authorizer.user}');
    expect(parameters['POST /uploads']).toEqual(write);
    expect(parameters['DELETE /images']).toEqual(write);
  });

  test('behind a VPC link, an API without key prefixes keeps the mapping of its integration', () => {
    const api = { access: ThumbnailAccess.authorizer(jwt()) };
    const { template } = synthesize({ compute: ThumbnailCompute.fargate(), api });
    expect(parametersOf(template)['GET /images']).toEqual({ 'overwrite:header.Host': '$context.domainName' });
  });

  test('an API without a pipeline also maps the claims', () => {
    const stack = newStack();
    const integration = new HttpUrlIntegration('Url', 'https://runtime.example.com');
    new ThumbnailApi(stack, 'Api', { integration, writeAccess: own() });
    expect(parametersOf(Template.fromStack(stack))).toMatchObject({
      'POST /uploads': {
        [`overwrite:header.${CLAIMS_HEADER}`]: '${context.requestId} ${context.authorizer.claims.sub}',
      },
      'GET /images': undefined,
    });
  });

  test.each([
    ['{sub}/', '"{sub}/"', '{claim:NAME}'],
    ['{claim:sub}', '"{claim:sub}"', 'trailing slash'],
    ['{claim:a}{claim:b}/', '"{claim:a}{claim:b}/"', 'at most one'],
    ['{context:user}/', 'no context', '{claim:NAME}'],
    [`${'a'.repeat(250)}{claim:sub}/`, '262 characters', '256'],
  ])('keyPrefix %j is invalid', (keyPrefix, ...details) => {
    expect(problemsOf({ api: { access: own(keyPrefix) } })).toEqual([errorFor('api.access.keyPrefix', ...details)]);
  });

  test('the kind of placeholder matches the authorizer', () => {
    const withAccess = (access: ThumbnailAccess): ThumbnailPipelineProps => ({ api: { access } });
    expect(problemsOf((stack) => withAccess(own('{context:u}/', userPool(stack))))).toEqual([
      errorFor('api.access.keyPrefix', 'no context'),
    ]);
    expect(
      problemsOf((stack) => withAccess(own('{claim:u}/', new HttpLambdaAuthorizer('L', authorizerFunction(stack))))),
    ).toEqual([errorFor('api.access.keyPrefix', 'no claims', '{context:NAME}')]);
    expect(problemsOf(withAccess(own('{claim:u}/', new HttpIamAuthorizer())))).toEqual([
      errorFor('api.access.keyPrefix', 'IAM', 'grantApiWrite'),
    ]);
  });
});

describe('key prefixes of IAM grants', () => {
  /** Returns the paths that a grant includes. */
  function pathsOf(grant: (pipeline: ThumbnailPipeline, role: Role) => unknown, props: ThumbnailPipelineProps = {}) {
    const stack = newStack();
    const pipeline = new ThumbnailPipeline(stack, 'Photos', {
      thumbnails: [Thumbnail.inside('small', 100), Thumbnail.inside('large', 900)],
      api: { writeAccess: ThumbnailAccess.iam() },
      ...props,
    });
    const role = new Role(stack, 'Web', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    grant(pipeline, role);
    const policies = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    const text = JSON.stringify(policies.filter(([id]) => id.startsWith('Web')));
    return [...text.matchAll(/"(\/\*\/[^"]*)"/g)].map(([, path]) => path!.slice(3));
  }

  test('a read grant includes each thumbnail and no key in the query', () => {
    const paths = pathsOf((pipeline, role) => pipeline.grantApiRead(role, { keyPrefix: 'alice/' }));
    expect(paths.filter((path) => path.startsWith('GET/')).sort()).toEqual([
      'GET/health',
      'GET/images/alice/*',
      'GET/openapi.json',
      'GET/thumbnails/large/alice/*',
      'GET/thumbnails/small/alice/*',
    ]);
    expect(paths).toHaveLength(10);
  });

  test('a read grant includes the thumbnails of rules', () => {
    const rules = [ThumbnailRule.prefix('x/', { thumbnails: [Thumbnail.inside('tiny', 9)] })];
    expect(pathsOf((pipeline, role) => pipeline.grantApiRead(role, { keyPrefix: 'alice/' }), { rules })).toContain(
      'GET/thumbnails/tiny/alice/*',
    );
  });

  test('a write grant includes deletion, but no route with the key in the query or the body', () => {
    const grant = (pipeline: ThumbnailPipeline, role: Role) =>
      pipeline.grantApiWrite(role, { keyPrefix: '${aws:PrincipalTag/user}/' });
    expect(pathsOf(grant)).toEqual(['DELETE/images/${aws:PrincipalTag/user}/*']);
    expect(pathsOf(grant, { sourcePrefix: 'originals/' })).toEqual([
      'DELETE/images/originals/${aws:PrincipalTag/user}/*',
    ]);
  });

  test.each(['', 'alice', '/alice/', 'a//', '*/', 'a?/', '../', 'a/../b/', 'é/', '${aws:username/', 'a%2F/', '${*}/'])(
    'keyPrefix %j is invalid',
    (keyPrefix) => {
      expect(() => pathsOf((pipeline, role) => pipeline.grantApiWrite(role, { keyPrefix }))).toThrow(
        /^Stack\/Photos\/Api: grantApiWrite: keyPrefix: /,
      );
    },
  );

  test('keyPrefix requires IAM authorization and a source prefix that URLs never encode', () => {
    const grant = (pipeline: ThumbnailPipeline, role: Role) => pipeline.grantApiRead(role, { keyPrefix: 'alice/' });
    expect(() => pathsOf(grant, { api: { access: ThumbnailAccess.publicRead() } })).toThrow(/grantApiRead: .*iam\(\)/);
    expect(() => pathsOf(grant, { sourcePrefix: 'a b/' })).toThrow(/grantApiRead: sourcePrefix: "a b\/"/);
  });
});

const CORS = { allowOrigins: ['https://example.com'] };
const userPool = (stack: ReturnType<typeof newStack>) =>
  new HttpUserPoolAuthorizer('Pool', new UserPool(stack, 'Users'));

function authorizerFunction(stack: ReturnType<typeof newStack>) {
  const functionArn = 'arn:aws:lambda:eu-west-1:111111111111:function:f';
  return LambdaFunction.fromFunctionAttributes(stack, 'F', { functionArn, sameEnvironment: true });
}

function apiVariablesOf(template: Template): Record<string, unknown> {
  const functions = template.findResources('AWS::Lambda::Function', {
    Properties: { Handler: 'api-function.handler' },
  }) as Record<string, { Properties: { Environment: { Variables: Record<string, unknown> } } }>;
  return Object.values(functions)[0]!.Properties.Environment.Variables;
}
