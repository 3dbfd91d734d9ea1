import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CorsHttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpUrlIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { ThumbnailAccess, ThumbnailApi, type ThumbnailApiOptions } from '../../../lib';
import { newStack, onlyResource, synthesize } from '../../support/templates/stacks';

const ROUTES = [
  'GET /thumbnails/{name}/{key+}',
  'HEAD /thumbnails/{name}/{key+}',
  'GET /thumbnails/{name}',
  'HEAD /thumbnails/{name}',
  'GET /images/{key+}',
  'HEAD /images/{key+}',
  'GET /images',
  'HEAD /images',
  'GET /health',
  'HEAD /health',
  'GET /openapi.json',
  'HEAD /openapi.json',
];

function routesOf(template: Template): { readonly RouteKey: string; readonly AuthorizationType: string }[] {
  return Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map(
    (route) => (route as { Properties: { RouteKey: string; AuthorizationType: string } }).Properties,
  );
}

const withApi = (api?: ThumbnailApiOptions): Template => synthesize({ api }).template;

test('the API has GET and HEAD routes with IAM authorization', () => {
  const routes = routesOf(withApi());
  expect(routes.map(({ RouteKey }) => RouteKey)).toEqual(ROUTES);
  expect(new Set(routes.map(({ AuthorizationType }) => AuthorizationType))).toEqual(new Set(['AWS_IAM']));
});

test('the API has one integration and one permission for all routes', () => {
  const template = withApi();
  template.resourceCountIs('AWS::ApiGatewayV2::Integration', 1);
  template.hasResourceProperties('AWS::ApiGatewayV2::Integration', {
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: { 'Fn::GetAtt': ['PhotosApiFunction225EF984', 'Arn'] },
    PayloadFormatVersion: '2.0',
  });
  template.resourceCountIs('AWS::Lambda::Permission', 1);
  template.hasResourceProperties('AWS::Lambda::Permission', {
    Principal: 'apigateway.amazonaws.com',
    SourceArn: { 'Fn::Join': ['', Match.arrayWith([{ Ref: 'PhotosApiHttpApi5C46B302' }, '/*/*/*'])] },
  });
});

test('the API supports public read access', () => {
  const routes = routesOf(withApi({ access: ThumbnailAccess.publicRead() }));
  expect(routes.map(({ AuthorizationType }) => AuthorizationType)).toEqual(ROUTES.map(() => 'NONE'));
});

test('the API supports custom authorizers', () => {
  const template = withApi({
    access: ThumbnailAccess.authorizer(
      new HttpJwtAuthorizer('Tokens', 'https://issuer.example', { jwtAudience: ['thumbnails'] }),
    ),
  });
  expect(routesOf(template).map(({ AuthorizationType }) => AuthorizationType)).toEqual(ROUTES.map(() => 'JWT'));
  template.resourceCountIs('AWS::ApiGatewayV2::Authorizer', 1);
});

test('the API writes one line of JSON per request to the access log', () => {
  const settings = onlyResource(withApi(), 'AWS::ApiGatewayV2::Stage')['AccessLogSettings'] as Record<string, unknown>;
  expect(settings['DestinationArn']).toEqual({ 'Fn::GetAtt': ['PhotosApiAccessLogGroupC34C7223', 'Arn'] });
  const line = JSON.parse(String(settings['Format'])) as Record<string, string>;
  expect(line).toMatchObject({
    requestId: '$context.requestId',
    route: '$context.routeKey',
    status: '$context.status',
  });
  expect(Object.values(line).every((value) => /^\$context\.[A-Za-z.]+$/.test(value))).toBe(true);
  // A path with quotes cannot replace these fields: they follow the path, and JSON parsers keep the last member of each name.
  const injected = String(settings['Format'])
    .replace('$context.path', '/images/a","status":"200","sourceIp":"192.0.2.1')
    .replace('$context.status', '403');
  expect(JSON.parse(injected)).toMatchObject({ status: '403', sourceIp: '$context.identity.sourceIp' });
});

test('the access log contains the documented fields', () => {
  const text = readFileSync(join(__dirname, '../../../docs/guides/operations.md'), 'utf8');
  const [, sample] = /^```json\n([\s\S]*?)^```/m.exec(text)!;
  const { Format } = onlyResource(withApi(), 'AWS::ApiGatewayV2::Stage')['AccessLogSettings'] as { Format: string };
  expect(Object.keys(JSON.parse(sample!) as object)).toEqual(Object.keys(JSON.parse(Format) as object));
});

test('the API throttles requests', () => {
  const throttled = (api?: ThumbnailApiOptions): unknown =>
    onlyResource(withApi(api), 'AWS::ApiGatewayV2::Stage')['DefaultRouteSettings'];
  expect(throttled()).toEqual({ ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 });
  expect(throttled({ throttle: { rateLimit: 5, burstLimit: 7 } })).toEqual({
    ThrottlingRateLimit: 5,
    ThrottlingBurstLimit: 7,
  });
  expect(throttled({ throttle: { rateLimit: 5 } })).toEqual({ ThrottlingRateLimit: 5, ThrottlingBurstLimit: 2000 });
});

test('the API supports CORS', () => {
  const cors = { allowOrigins: ['https://example.com'], allowMethods: [CorsHttpMethod.GET], maxAge: Duration.days(1) };
  withApi({ cors }).hasResourceProperties('AWS::ApiGatewayV2::Api', {
    CorsConfiguration: { AllowOrigins: ['https://example.com'], AllowMethods: ['GET'], MaxAge: 86400 },
  });
  withApi().hasResourceProperties('AWS::ApiGatewayV2::Api', { CorsConfiguration: Match.absent() });
});

describe('without a pipeline', () => {
  const integration = (): HttpUrlIntegration => new HttpUrlIntegration('Service', 'https://example.com/{proxy}');

  test('an API without a pipeline accepts any integration', () => {
    const stack = newStack();
    const api = new ThumbnailApi(stack, 'Api', {
      integration: integration(),
      accessLogGroup: logs.LogGroup.fromLogGroupName(stack, 'Logs', 'requests'),
    });
    const template = Template.fromStack(stack);
    expect(routesOf(template).map(({ RouteKey }) => RouteKey)).toEqual(ROUTES);
    expect(api.routes).toHaveLength(ROUTES.length);
    template.resourceCountIs('AWS::Logs::LogGroup', 0);
    template.hasResourceProperties('AWS::ApiGatewayV2::Integration', { IntegrationType: 'HTTP_PROXY' });
  });

  test('the stack retains the log group of the access log by default', () => {
    const expectPolicy = (removalPolicy?: RemovalPolicy): void => {
      const stack = newStack();
      new ThumbnailApi(stack, 'Api', { integration: integration(), removalPolicy });
      Template.fromStack(stack).hasResource('AWS::Logs::LogGroup', {
        DeletionPolicy: removalPolicy === RemovalPolicy.DESTROY ? 'Delete' : 'Retain',
      });
    };
    expectPolicy();
    expectPolicy(RemovalPolicy.DESTROY);
  });

  test('an API without a pipeline reports all invalid props', () => {
    const throttle = { rateLimit: 0, burstLimit: 1.5 };
    expect(() => new ThumbnailApi(newStack(), 'Api', { integration: integration(), throttle })).toThrow(
      /^Stack\/Api: 2 .*\n.*throttle\.rateLimit: 0 .*1 to 1,000,000.*\n.*throttle\.burstLimit: 1\.5 .*1 to 1,000,000/,
    );
  });

  test('an API without a pipeline rejects grants without IAM authorization', () => {
    const stack = newStack();
    const api = new ThumbnailApi(stack, 'Api', { integration: integration(), access: ThumbnailAccess.publicRead() });
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    expect(() => api.grantRead(role)).toThrow('you must use IAM authorization');
  });
});
