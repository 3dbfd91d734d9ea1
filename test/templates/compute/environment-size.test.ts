import { CfnParameter } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Thumbnail, ThumbnailFormat, ThumbnailPipeline } from '../../../lib';
import { newStack, variablesOf } from '../../support/templates/stacks';

test('the environment check accepts a JSON object of at most 4096 bytes', () => {
  const measured = (length: number): number => {
    const stack = newStack();
    new ThumbnailPipeline(stack, 'Photos', {
      sourceBucket: s3.Bucket.fromBucketName(stack, 'Source', 'photos'),
      thumbnailBucket: s3.Bucket.fromBucketName(stack, 'Thumbnails', 'photo-thumbnails'),
      cacheControl: 'x'.repeat(length),
      apiEnabled: false,
    });
    return Buffer.byteLength(JSON.stringify(variablesOf(Template.fromStack(stack))));
  };
  const most = 4096 - measured(1) + 1;
  expect(measured(most)).toBe(4096);
  expect(() => measured(most + 1)).toThrow(
    /\[Stack\/Photos\/UploadFunction\] environment: 4097 bytes .*CACHE_CONTROL \(\d+ bytes\), THUMBNAILS \(\d+ bytes\), POWERTOOLS_METRICS_NAMESPACE \(\d+ bytes\)/,
  );
});

test('the settings file contains a long list of thumbnails', () => {
  const stack = newStack();
  new ThumbnailPipeline(stack, 'Photos', {
    thumbnails: Array.from({ length: 50 }, (_, index) => Thumbnail.inside(`thumbnail-${index}`, 100)),
  });
  const variables = variablesOf(Template.fromStack(stack));
  expect(Object.keys(variables)).toContain('SETTINGS_URI');
  expect(Object.keys(variables)).not.toContain('THUMBNAILS');
});

test('the environment check includes variables that are added to the function later', () => {
  const stack = newStack();
  const pipeline = new ThumbnailPipeline(stack, 'Photos');
  pipeline.apiFunction?.addEnvironment('MORE', 'x'.repeat(4000));
  expect(() => Template.fromStack(stack)).toThrow(
    /\[Stack\/Photos\/ApiFunction\] environment: .*: MORE \(4010 bytes\)/,
  );
});

test('the environment check counts 63 bytes for each unresolved token', () => {
  const sizeWith = (parameters: number): string => {
    const stack = newStack();
    const text = new CfnParameter(stack, 'Text').valueAsString;
    new ThumbnailPipeline(stack, 'Photos', {
      thumbnails: [Thumbnail.inside('a', 1, { formats: [ThumbnailFormat.webp()] })],
      cacheControl: text.repeat(parameters),
      apiEnabled: false,
    });
    try {
      Template.fromStack(stack);
      return '';
    } catch (error) {
      return /CACHE_CONTROL \((\d+) bytes\)/.exec((error as Error).message)?.[1] ?? '';
    }
  };
  expect(sizeWith(3)).toBe('');
  expect(Number(sizeWith(70)) - Number(sizeWith(69))).toBe(63);
});
