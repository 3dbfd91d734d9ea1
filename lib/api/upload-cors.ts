import { Annotations } from 'aws-cdk-lib';
import { Bucket, HttpMethods, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { ThumbnailPipelineApiOptions } from './thumbnail-api-options';

/**
 * Allows web pages of the configured origins to send presigned uploads to the source bucket.
 *
 * @param bucket source bucket
 * @param isCreated whether the pipeline creates the bucket; the function does not change an existing bucket
 */
export function allowBrowserUploads(
  scope: Construct,
  bucket: IBucket,
  isCreated: boolean,
  { uploads, cors }: ThumbnailPipelineApiOptions,
): void {
  const allowedOrigins = uploads?.allowOrigins ?? cors?.allowOrigins ?? [];
  if (allowedOrigins.length === 0) {
    return;
  }
  if (!isCreated || !(bucket instanceof Bucket)) {
    Annotations.of(scope).addWarningV2(
      'cdk-thumbnails:uploadCors',
      `Browser uploads from ${allowedOrigins.join(', ')} require a CORS rule of the source bucket. ` +
        'Add a rule that allows POST from these origins.',
    );
    return;
  }
  bucket.addCorsRule({ allowedMethods: [HttpMethods.POST], allowedOrigins, allowedHeaders: ['*'], maxAge: 3600 });
}
