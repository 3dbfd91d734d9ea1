import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExpectedResult, IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Thumbnail, ThumbnailAccess, ThumbnailPipeline, type ThumbnailPipelineProps } from '../../lib';

const KEY = 'integ/teal.png';
/** Time limit for the start of a task or an instance and for the processing of the first image. */
const TIMEOUT = Duration.minutes(20);
/** A teal image of 640 × 480 pixels. This string is shorter than code that creates the image. */
const IMAGE = [
  'iVBORw0KGgoAAAANSUhEUgAAAoAAAAHgAQMAAAAPH06nAAAAA1BMVEUAgIBxQSaxAAAAPUlEQVR42u3BAQ0AAADCoPdPbQ43oAAA',
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADgzwCX4AABS8wbSgAAAABJRU5ErkJggg==',
].join('');

/**
 * Synthesizes the integration test of a compute: a stack with a pipeline, and assertions that integ-runner deploys after it. The
 * assertions upload an image, wait for its manifest, and request the manifest from the HTTP API.
 *
 * @param name name of the test
 * @param propsFor returns the props of the pipeline
 */
export function testUpload(name: string, propsFor: (stack: Stack) => ThumbnailPipelineProps): void {
  const app = new App();
  const stack = new Stack(app, `ThumbnailsInteg${name}`);
  const props = propsFor(stack);
  const { sourceBucket, thumbnailBucket, apiUrl } = new ThumbnailPipeline(stack, 'Photos', {
    ...props,
    thumbnails: [Thumbnail.inside('small', 200)],
    api: { ...props.api, access: ThumbnailAccess.publicRead() },
    removalPolicy: RemovalPolicy.DESTROY,
    autoDeleteObjects: true,
  });
  const image = new Asset(stack, 'Image', { path: writeImage() });

  const test = new IntegTest(app, 'Upload', {
    testCases: [stack],
    assertionStack: new Stack(app, `${stack.stackName}Assertions`),
    stackUpdateWorkflow: false, // requires a stored snapshot
    cdkCommandOptions: { destroy: { args: { force: true } } },
  });
  // Parameters of a call cannot contain binary data. Therefore, this call copies the image from the bucket of the CDK assets.
  const upload = test.assertions.awsApiCall('S3', 'copyObject', {
    CopySource: `${image.s3BucketName}/${image.s3ObjectKey}`,
    Bucket: sourceBucket.bucketName,
    Key: KEY,
    ContentType: 'image/png',
    MetadataDirective: 'REPLACE',
  });
  upload.provider.addToRolePolicy({
    Effect: 'Allow',
    Action: ['s3:GetObject', 's3:PutObject'],
    Resource: [image.bucket.arnForObjects(image.s3ObjectKey), sourceBucket.arnForObjects(KEY)],
  });
  const manifest = test.assertions
    .awsApiCall('S3', 'getObject', { Bucket: thumbnailBucket.bucketName, Key: `${KEY}/manifest.json` })
    .assertAtPath('Body.status', ExpectedResult.exact('ready'))
    .waitForAssertions({ totalTimeout: TIMEOUT, interval: Duration.seconds(10) });
  const response = test.assertions.httpApiCall(`${apiUrl!}images/${KEY}`);
  response.expect(ExpectedResult.objectLike({ status: 200, body: { status: 'ready' } }));
  upload.next(manifest).next(response);
  app.synth();
}

function writeImage(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'integ-')), 'teal.png');
  writeFileSync(path, Buffer.from(IMAGE, 'base64'));
  return path;
}
