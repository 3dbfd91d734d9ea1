import { ThumbnailCompute, ThumbnailPipeline, type ThumbnailPipelineProps } from '../../../lib';
import { errorFor, newStack, problemsOf } from '../../support/templates/stacks';

/** Props of a JavaScript caller. */
const untyped = (props: Record<string, unknown>): ThumbnailPipelineProps => props;

test.each([
  ['compute', 'lambda', '"lambda"', 'ThumbnailCompute.lambda()'],
  ['trigger', 'eventBridge', '"eventBridge"', 'ThumbnailTrigger.s3Notification()'],
  ['thumbnails', {}, 'the object', "Thumbnail.inside('small', 200)"],
  ['thumbnails', [{ name: 'small', width: 200 }], 'the array', "Thumbnail.inside('small', 200)"],
  ['sourceBucket', 'photos', '"photos"', 'Bucket.fromBucketName()'],
  ['thumbnailBucket', null, 'null', 'Bucket.fromBucketName()'],
  ['queue', 'https://sqs', '"https://sqs"', 'Queue.fromQueueArn()'],
  ['encryptionKey', 'alias/photos', '"alias/photos"', 'Key.fromKeyArn()'],
  ['logGroup', '/photos', '"/photos"', 'LogGroup.fromLogGroupName()'],
  ['sourcePrefix', 7, '7', 'a string'],
  ['sourceSuffixes', '.jpg', '".jpg"', 'an array of strings'],
  ['maxReceiveCount', '5', '"5"', 'a number'],
  ['limits', 50_000_000, '50000000', 'an object'],
  ['api', true, 'true', 'an object'],
  ['apiEnabled', 'false', '"false"', 'true or false'],
])('the pipeline rejects %s of a wrong type: %j', (prop, value, received, expected) => {
  expect(problemsOf(untyped({ [prop]: value }))).toEqual([errorFor(prop, received, expected)]);
});

test.each([
  ['limits.maxFileSize', { limits: { maxFileSize: 1024 } }, '1024', 'Size.mebibytes(64)'],
  ['limits.maxDuration', { limits: { maxDuration: 20 } }, '20', 'Duration.seconds(20)'],
  ['api.access', { api: { access: 'public' } }, '"public"', 'ThumbnailAccess.iam()'],
  ['api.compute', { api: { compute: {} } }, 'the object', 'ThumbnailCompute.lambda()'],
  ['api.cors.allowOrigins', { api: { cors: { allowOrigins: '*' } } }, '"*"', 'an array of strings'],
])('the pipeline rejects %s of a wrong type', (path, props, received, expected) => {
  expect(problemsOf(untyped(props))).toEqual([errorFor(path, received, expected)]);
});

test('the pipeline reports values with invalid types and values out of range in one error', () => {
  const props = untyped({ compute: 'lambda', thumbnails: {}, trigger: 's3', sourcePrefix: '/in/', maxReceiveCount: 0 });
  expect(problemsOf(props)).toEqual([
    errorFor('compute', '"lambda"'),
    errorFor('thumbnails', 'the object'),
    errorFor('trigger', '"s3"'),
    errorFor('sourcePrefix', '"/in/"'),
    errorFor('maxReceiveCount', '0', '1 to 1,000'),
  ]);
});

test('the pipeline accepts an object with the methods of a compute from another copy of the package', () => {
  const compute = ThumbnailCompute.lambda();
  const copy: ThumbnailCompute = {
    validate: (context) => compute.validate(context),
    visibilityTimeout: (maxDuration) => compute.visibilityTimeout(maxDuration),
    bindWorker: (scope, options) => compute.bindWorker(scope, options),
    bindApi: (scope, options) => compute.bindApi(scope, options),
  };
  expect(() => new ThumbnailPipeline(newStack(), 'Photos', { compute: copy })).not.toThrow();
});
