// The CDK app of this repository: one stack for each way to run a pipeline.
import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ThumbnailAccess, ThumbnailPipeline } from '../lib';

const app = new App();
const lambda = new Stack(app, 'ThumbnailsLambda', { description: 'Thumbnails of images in a bucket, made by Lambda' });

// npx cdk deploy -c thumbnails:source-bucket=my-photos: images of a bucket that exists already.
const sourceBucketName = app.node.tryGetContext('thumbnails:source-bucket') as string | undefined;
// npx cdk deploy -c thumbnails:public=true: everyone may look at the thumbnails.
const isPublic = app.node.tryGetContext('thumbnails:public') === 'true';

new ThumbnailPipeline(lambda, 'Thumbnails', {
  sourceBucket: sourceBucketName === undefined ? undefined : Bucket.fromBucketName(lambda, 'Photos', sourceBucketName),
  api: { access: isPublic ? ThumbnailAccess.publicRead() : ThumbnailAccess.iam() },
});
