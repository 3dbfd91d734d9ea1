import { Annotations } from 'aws-cdk-lib';
import { Bucket, HttpMethods, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { ThumbnailPipelineProps } from '../pipeline/thumbnail-pipeline-props';

/**
 * Lets pages of other origins put what was presigned into the source bucket: the upload itself goes to S3, which asks its
 * own rules and not those of the API. Only a bucket that the pipeline makes is changed.
 */
export function allowUploadsOfPages(
  scope: Construct,
  bucket: IBucket,
  { api, sourceBucket }: ThumbnailPipelineProps,
): void {
  const allowedOrigins = api?.uploads?.allowOrigins ?? api?.cors?.allowOrigins ?? [];
  if (allowedOrigins.length === 0) {
    return;
  }
  if (sourceBucket || !(bucket instanceof Bucket)) {
    Annotations.of(scope).addWarningV2(
      'cdk-thumbnails:uploadCors',
      `pages of ${allowedOrigins.join(', ')} can upload only if the source bucket lets them: give it a CORS rule for POST ` +
        'from these origins',
    );
    return;
  }
  bucket.addCorsRule({ allowedMethods: [HttpMethods.POST], allowedOrigins, allowedHeaders: ['*'], maxAge: 3600 });
}
