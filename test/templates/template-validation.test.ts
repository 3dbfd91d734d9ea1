// Validates templates with the rules of cfn-lint that the CDK contains. Other tests disable the rules, because they
// load slowly.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  ThumbnailAccess,
  ThumbnailCompute,
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
  ThumbnailTrigger,
} from '../../lib';
import { CONTEXTS, quietly } from '../support/templates/stacks';

const before = process.env['CDK_VALIDATION'];
beforeAll(() => (process.env['CDK_VALIDATION'] = 'true'));
afterAll(() => (process.env['CDK_VALIDATION'] = before));

interface Report {
  readonly pluginReports: { readonly violations: { readonly ruleName: string; readonly description: string }[] }[];
}

/** Returns the violations in the template of a pipeline. */
function findingsOf(
  context: Record<string, unknown>,
  props: (stack: Stack) => ThumbnailPipelineProps,
  distribute: (pipeline: ThumbnailPipeline) => void = () => undefined,
): string[] {
  const app = new App({ context });
  const stack = new Stack(app, 'Stack');
  const pipeline = new ThumbnailPipeline(stack, 'Photos', props(stack));
  distribute(pipeline);
  const { directory } = quietly(() => app.synth());
  const report = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8')) as Report;
  return report.pluginReports.flatMap(({ violations }) =>
    violations.map(({ ruleName, description }) => `${ruleName} ${description}`),
  );
}

test('the synthesis applies the rules', () => {
  const compute = ThumbnailCompute.lambda({ runtime: lambda.Runtime.NODEJS_20_X });
  expect(findingsOf(CONTEXTS[1]![1], () => ({ compute }))).toEqual([
    expect.stringContaining("W2531 Runtime: Runtime 'nodejs20.x' was deprecated"),
  ]);
});

describe.each(CONTEXTS)('with %s', (_name, context) => {
  test.each<[string, (stack: Stack) => ThumbnailPipelineProps]>([
    ['a pipeline without props', () => ({})],
    [
      'a pipeline with a KMS key, batches, filters and buckets that are deleted',
      (stack) => ({
        encryptionKey: new kms.Key(stack, 'Key'),
        compute: ThumbnailCompute.lambda({
          architecture: lambda.Architecture.X86_64,
          batchSize: 20,
          maxBatchingWindow: Duration.seconds(1),
          maxConcurrency: 5,
          reservedConcurrentExecutions: 5,
          tracing: lambda.Tracing.ACTIVE,
          timeout: Duration.minutes(10),
        }),
        sourcePrefix: 'my photos/',
        sourceSuffixes: ['.jpg', '.png'],
        api: { access: ThumbnailAccess.publicRead() },
        removalPolicy: RemovalPolicy.DESTROY,
        autoDeleteObjects: true,
      }),
    ],
    [
      'a pipeline with imported buckets and EventBridge',
      (stack) => ({
        sourceBucket: s3.Bucket.fromBucketName(stack, 'Source', 'photos'),
        thumbnailBucket: s3.Bucket.fromBucketArn(stack, 'Thumbnails', 'arn:aws:s3:::photo-thumbnails'),
        sourcePrefix: 'in/',
        sourceSuffixes: ['.jpg'],
        trigger: ThumbnailTrigger.eventBridge(),
      }),
    ],
  ])('%s violates no rule', (_case, props) => {
    expect(findingsOf(context, props)).toEqual([]);
  });

  test('a pipeline with signed links, uploads and a distribution violates no rule', () => {
    const signed = ThumbnailAccess.signed();
    const props = (stack: Stack): ThumbnailPipelineProps => ({
      encryptionKey: new kms.Key(stack, 'Key'),
      thumbnailPrefix: 'out/',
      api: {
        access: ThumbnailAccess.publicRead(),
        writeAccess: signed,
        cors: { allowOrigins: ['https://example.com'] },
        uploads: { keyTemplate: 'in/{uuid}', allowOrigins: ['https://example.com'] },
      },
    });
    const findings = findingsOf(context, props, (pipeline) =>
      pipeline.addDistribution('Distribution', {
        corsOrigins: ['https://example.com'],
        originShieldRegion: 'eu-west-1',
      }),
    );
    expect(findings).toEqual([]);
  });

  test('a pipeline whose distribution has a key group violates no rule', () => {
    const findings = findingsOf(
      context,
      () => ({}),
      (pipeline) => {
        const group = cloudfront.KeyGroup.fromKeyGroupId(pipeline, 'KeyGroup', 'a1b2');
        pipeline.addDistribution('Distribution', { trustedKeyGroups: [group] });
      },
    );
    expect(findings).toEqual([]);
  });
});
