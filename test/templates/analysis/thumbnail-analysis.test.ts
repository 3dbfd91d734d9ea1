import { CfnParameter, Duration, SecretValue } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import * as v from 'valibot';
import { AnalysisFailure, ThumbnailAnalysis, ThumbnailCompute, type ThumbnailPipelineProps } from '../../../lib';
import { analysisSchema } from '../../../runtime/config/analysis-settings';
import { environmentOf } from '../../support/templates/fargate';
import { permissionsOf } from '../../support/templates/permissions';
import { errorFor, newStack, onlyResource, problemsOf, synthesize, variablesOf } from '../../support/templates/stacks';

const FUNCTION_ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:check';
const SECRET_ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:keys-AbCdEf';
const MODERATION = ThumbnailAnalysis.rekognition({ moderation: {} });

const settingsOf = (analysis: ThumbnailAnalysis): unknown =>
  JSON.parse(variablesOf(synthesize({ analysis }).template)['ANALYSIS'] as string);

/** Returns the permissions that an analysis adds to the roles with this name prefix. */
function addedTo(role: string, props: ThumbnailPipelineProps, stack = newStack()): string[] {
  const without = permissionsOf(synthesize({ ...props, analysis: undefined }).template, role);
  return permissionsOf(synthesize(props, stack).template, role).filter((line) => !without.includes(line));
}

function apiVariablesOf(template: Template): Record<string, unknown> {
  const match = { Properties: { Handler: 'api-function.handler' } };
  const { Environment } = onlyResource(template, 'AWS::Lambda::Function', match);
  return (Environment as { readonly Variables: Record<string, unknown> }).Variables;
}

describe('settings of the runtime', () => {
  test('a template without an analysis contains no settings or permissions for analyses', () => {
    const { template } = synthesize();
    expect(JSON.stringify(template.toJSON())).not.toMatch(/ANALYSIS|rekognition|lambda:InvokeFunction"\]/);
  });

  test.each([
    ['default values', ThumbnailAnalysis.rekognition({ moderation: {} }), { provider: 'rekognition', moderation: {} }],
    [
      'all values of Rekognition',
      ThumbnailAnalysis.rekognition({
        moderation: { minConfidence: 75.5, labels: ['Explicit', 'Violence'], storeLabels: true },
        facesAsFocalPoint: true,
        region: 'eu-west-1',
        animationFrames: 5,
        timeout: Duration.seconds(20),
        failure: AnalysisFailure.reject({ retries: 3 }),
      }),
      {
        provider: 'rekognition',
        moderation: { minConfidence: 75.5, labels: ['Explicit', 'Violence'], storeLabels: true },
        facesAsFocalPoint: true,
        region: 'eu-west-1',
        animationFrames: 5,
        timeoutSeconds: 20,
        failure: 'reject',
        retries: 3,
      },
    ],
    [
      'further attempts without a limit',
      ThumbnailAnalysis.httpEndpoint('https://check.example.com/images', { failure: AnalysisFailure.retry() }),
      { provider: 'http', url: 'https://check.example.com/images', failure: 'retry' },
    ],
    [
      'the version of a check',
      ThumbnailAnalysis.httpEndpoint('https://check.example.com/', {
        checkVersion: '2',
        failure: AnalysisFailure.deadLetter(),
      }),
      { provider: 'http', url: 'https://check.example.com/', checkVersion: '2', failure: 'dead-letter' },
    ],
  ])('the runtime accepts %s', (_name, analysis, settings) => {
    const received = settingsOf(analysis);
    expect(received).toEqual(settings);
    expect(v.is(analysisSchema, received)).toBe(true);
  });

  test('the worker receives the URL of its queue in addition to the settings that the API receives', () => {
    const { template } = synthesize({ analysis: MODERATION });
    const variables = variablesOf(template);
    expect(variables['ANALYSIS_QUEUE_URL']).toEqual({ Ref: expect.stringMatching(/^PhotosQueue/) as unknown });
    expect(apiVariablesOf(template)['ANALYSIS']).toEqual(variables['ANALYSIS']);
    expect(apiVariablesOf(template)).not.toHaveProperty('ANALYSIS_QUEUE_URL');
  });

  test('each worker of a hybrid compute has its own queue', () => {
    const { template } = synthesize({ analysis: MODERATION, compute: ThumbnailCompute.hybrid() });
    const queueOf = (variables: Record<string, unknown>): string =>
      (variables['ANALYSIS_QUEUE_URL'] as { readonly Ref: string }).Ref.replace(/[0-9A-F]{8}$/, '');
    expect(queueOf(variablesOf(template))).toBe('PhotosQueue');
    expect(queueOf(environmentOf(template, 'worker'))).toBe('PhotosLargeQueue');
  });

  test('the timeouts of the function and of the queue include the timeout of the analysis', () => {
    const timeoutsOf = (props: ThumbnailPipelineProps): readonly number[] => {
      const { template } = synthesize({ ...props, compute: ThumbnailCompute.lambda({ batchSize: 1 }) });
      const match = { Properties: { Handler: 'upload-function.handler' } };
      const { Timeout } = onlyResource(template, 'AWS::Lambda::Function', match);
      const { VisibilityTimeout } = onlyResource(template, 'AWS::SQS::Queue', {
        Properties: { RedrivePolicy: Match.anyValue() },
      });
      return [Timeout as number, VisibilityTimeout as number];
    };
    const [before, after] = [timeoutsOf({}), timeoutsOf({ analysis: MODERATION })];
    expect(after[0]! - before[0]!).toBe(10);
    expect(after[1]!).toBeGreaterThan(before[1]!);
  });

  test('the ARN of a function can be a token', () => {
    const stack = newStack();
    const fn = new lambda.Function(stack, 'Check', {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = async () => ({ version: 1, verdict: "allow" });'),
    });
    const { template } = synthesize({ analysis: ThumbnailAnalysis.lambdaFunction(fn) }, stack);
    const variable = JSON.stringify(variablesOf(template)['ANALYSIS']);
    expect(variable).toMatch(/Fn::GetAtt.*Check.*Arn/);
  });
});

describe('permissions', () => {
  const roles = ['PhotosUploadFunctionRole', 'PhotosApiFunctionRole'];

  test.each([
    ['moderation', { moderation: {} }, ['rekognition:DetectModerationLabels on *']],
    ['faces', { facesAsFocalPoint: true }, ['rekognition:DetectFaces on *']],
    [
      'moderation and faces',
      { moderation: {}, facesAsFocalPoint: true },
      ['rekognition:DetectFaces on *', 'rekognition:DetectModerationLabels on *'],
    ],
  ])('Rekognition: %s', (_name, options, expected) => {
    const analysis = ThumbnailAnalysis.rekognition(options);
    const [worker, api] = roles.map((role) => addedTo(role, { analysis }));
    expect(worker).toEqual([...expected, 'sqs:SendMessage on PhotosQueue']);
    expect(api).toEqual(expected);
  });

  test.each([
    ['a function', FUNCTION_ARN],
    ['an alias', `${FUNCTION_ARN}:live`],
  ])('only %s can be invoked', (_name, arn) => {
    const stack = newStack();
    const fn = lambda.Function.fromFunctionAttributes(stack, 'Check', { functionArn: arn, sameEnvironment: true });
    const analysis = ThumbnailAnalysis.lambdaFunction(fn);
    expect(addedTo('PhotosApiFunctionRole', { analysis }, stack)).toEqual([`lambda:InvokeFunction on ${arn}`]);
  });

  test('an endpoint without signing keys requires no permission', () => {
    const analysis = ThumbnailAnalysis.httpEndpoint('https://check.example.com/');
    expect(addedTo('PhotosApiFunctionRole', { analysis })).toEqual([]);
  });

  test('an endpoint with signing keys requires the secret', () => {
    const stack = newStack();
    const signingKeys = Secret.fromSecretCompleteArn(stack, 'Keys', SECRET_ARN);
    const analysis = ThumbnailAnalysis.httpEndpoint('https://check.example.com/', { signingKeys });
    expect(settingsOf(analysis)).toMatchObject({ secret: SECRET_ARN });
    expect(addedTo('PhotosApiFunctionRole', { analysis }, stack)).toEqual([
      `secretsmanager:GetSecretValue on ${SECRET_ARN}`,
    ]);
  });

  test('the key of an encrypted secret allows decryption', () => {
    const stack = newStack();
    const signingKeys = new Secret(stack, 'Keys', {
      encryptionKey: new kms.Key(stack, 'SecretKey'),
      secretStringValue: SecretValue.unsafePlainText('{}'),
    });
    const analysis = ThumbnailAnalysis.httpEndpoint('https://check.example.com/', { signingKeys });
    const { template } = synthesize({ analysis }, stack);
    const [key] = Object.values(template.findResources('AWS::KMS::Key'));
    expect(JSON.stringify(key)).toMatch(/kms:Decrypt/);
  });

  test.each([
    ['Fargate', ThumbnailCompute.fargate(), ['PhotosWorkerServiceTaskRole', 'PhotosApiServiceTaskRole']],
    ['hybrid', ThumbnailCompute.hybrid(), ['PhotosUploadFunctionRole', 'PhotosLarge', 'PhotosApiFunctionRole']],
  ])('all roles of %s have the permission', (_name, compute, expected) => {
    const { template } = synthesize({ compute, analysis: MODERATION });
    for (const role of expected) {
      expect(permissionsOf(template, role)).toContain('rekognition:DetectModerationLabels on *');
    }
  });
});

describe('validation', () => {
  const endpoint = (url: string, options = {}): ThumbnailPipelineProps => ({
    analysis: ThumbnailAnalysis.httpEndpoint(url, options),
  });
  const rekognition = (options: object): ThumbnailPipelineProps => ({
    analysis: ThumbnailAnalysis.rekognition(options),
  });

  test.each([
    ['no moderation and no faces', rekognition({}), 'analysis.moderation'],
    ['disabled faces only', rekognition({ facesAsFocalPoint: false }), 'analysis.moderation'],
    ['a threshold above 100', rekognition({ moderation: { minConfidence: 101 } }), 'analysis.moderation.minConfidence'],
    [
      'too many labels',
      rekognition({ moderation: { labels: Array.from({ length: 31 }, () => 'a') } }),
      'analysis.moderation.labels',
    ],
    ['an empty label', rekognition({ moderation: { labels: [''] } }), 'analysis.moderation.labels'],
    ['a label that is no string', rekognition({ moderation: { labels: [1] } }), 'analysis.moderation.labels'],
    ['too many frames', rekognition({ moderation: {}, animationFrames: 6 }), 'analysis.animationFrames'],
    ['a timeout above 60 s', rekognition({ moderation: {}, timeout: Duration.seconds(61) }), 'analysis.timeout'],
    ['a timeout that is no Duration', rekognition({ moderation: {}, timeout: 10 }), 'analysis.timeout'],
    [
      'too many retries',
      rekognition({ moderation: {}, failure: AnalysisFailure.reject({ retries: 101 }) }),
      'analysis.failure.retries',
    ],
    ['a failure that is a string', rekognition({ moderation: {}, failure: 'reject' }), 'analysis.failure'],
    ['a URL without TLS', endpoint('http://check.example.com/'), 'analysis.url'],
    ['a path', endpoint('/check'), 'analysis.url'],
    ['an empty version', endpoint('https://a.example/', { checkVersion: '' }), 'analysis.checkVersion'],
    ['an analysis that is an object', { analysis: {} as unknown as ThumbnailAnalysis }, 'analysis'],
  ])('%s is an error', (_name, props, prop) => {
    expect(problemsOf(props)).toEqual([errorFor(prop)]);
  });

  test('the error of an invalid URL does not contain the URL', () => {
    expect(problemsOf(endpoint('http://user:secret@example.com/')).join()).not.toMatch(/secret/);
  });

  test('tokens are valid', () => {
    const stack = newStack();
    const url = new CfnParameter(stack, 'Url').valueAsString;
    expect(() => synthesize(endpoint(url), stack)).not.toThrow();
  });
});
