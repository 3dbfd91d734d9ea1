import {
  HttpIamAuthorizer,
  HttpJwtAuthorizer,
  HttpLambdaAuthorizer,
  HttpUserPoolAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpUrlIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { ThumbnailAccess, ThumbnailApi, type ThumbnailPipelineApiOptions } from '../../../lib';
import { newStack, synthesize, warningsOf } from '../../support/templates/stacks';

const ANY_USER = 'cdk-thumbnails:writeAccessOfAnyUser';
const NO_CORS = 'cdk-thumbnails:uploadsWithoutCors';
const ORIGIN = 'https://example.com';
const cors = { allowOrigins: [ORIGIN] };

/** Returns the ids of the warnings of a pipeline. */
function idsFor(api: ThumbnailPipelineApiOptions, stack = newStack()): string[] {
  return idsOf(warningsOf(synthesize({ api }, stack).stack));
}

function idsOf(warnings: readonly string[]): string[] {
  return warnings.map((warning) => /\[ack: (.*)\]$/.exec(warning)?.[1] ?? warning);
}

const jwt = (): HttpJwtAuthorizer => new HttpJwtAuthorizer('Jwt', 'https://issuer.example.com', { jwtAudience: ['a'] });

test('the pipeline warns about write access for every user with a JSON Web Token', () => {
  expect(idsFor({ writeAccess: ThumbnailAccess.authorizer(jwt()), cors })).toEqual([ANY_USER]);
  const stack = newStack();
  const pool = new HttpUserPoolAuthorizer('Pool', new UserPool(stack, 'Users'));
  expect(idsFor({ writeAccess: ThumbnailAccess.authorizer(pool), cors }, stack)).toEqual([ANY_USER]);
});

test('the pipeline warns about write access for every user of an API without a pipeline', () => {
  const stack = newStack();
  new ThumbnailApi(stack, 'Api', {
    integration: new HttpUrlIntegration('Url', 'https://runtime.example.com'),
    writeAccess: ThumbnailAccess.authorizer(jwt()),
  });
  expect(idsOf(warningsOf(stack))).toEqual([ANY_USER]);
});

test('the pipeline does not warn about authorizers that can check the user and the key', () => {
  const stack = newStack();
  const functionArn = 'arn:aws:lambda:eu-west-1:111111111111:function:f';
  const handler = lambda.Function.fromFunctionAttributes(stack, 'F', { functionArn, sameEnvironment: true });
  const authorizer = new HttpLambdaAuthorizer('Lambda', handler);
  expect(idsFor({ access: ThumbnailAccess.authorizer(jwt()), writeAccess: ThumbnailAccess.iam() })).toEqual([]);
  expect(idsFor({ writeAccess: ThumbnailAccess.authorizer(authorizer), cors }, stack)).toEqual([]);
});

test.each<[string, ThumbnailPipelineApiOptions]>([
  ['with signed links', { writeAccess: ThumbnailAccess.signed() }],
  ['from the pages of an origin', { writeAccess: ThumbnailAccess.iam(), uploads: { allowOrigins: [ORIGIN] } }],
])('the pipeline warns about uploads %s without api.cors', (_case, api) => {
  expect(idsFor(api)).toEqual([NO_CORS]);
  expect(idsFor({ ...api, cors })).toEqual([]);
});

test.each<[string, ThumbnailPipelineApiOptions]>([
  ['no uploads', { access: ThumbnailAccess.publicRead() }],
  ['uploads by IAM principals', { writeAccess: ThumbnailAccess.authorizer(new HttpIamAuthorizer()) }],
])('the pipeline does not require api.cors for %s', (_case, api) => {
  expect(idsFor(api)).toEqual([]);
});
