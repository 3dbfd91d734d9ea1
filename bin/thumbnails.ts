// The CDK app of this repository: one stack for each way to run a pipeline. Deploy the one that you want.
import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ThumbnailAccess, ThumbnailCompute, ThumbnailPipeline, ThumbnailTrigger } from '../lib';

const app = new App();
const lambda = new Stack(app, 'ThumbnailsLambda', { description: 'Thumbnails of images in a bucket, made by Lambda' });
const fargate = new Stack(app, 'ThumbnailsFargate', {
  description: 'Thumbnails of images in a bucket, made by Fargate',
});

// npx cdk deploy ThumbnailsLambda -c thumbnails:source-bucket=my-photos: images of a bucket that exists already.
const sourceBucketName = app.node.tryGetContext('thumbnails:source-bucket') as string | undefined;
// npx cdk deploy ThumbnailsLambda -c thumbnails:public=true: everyone may look at the thumbnails.
const isPublic = app.node.tryGetContext('thumbnails:public') === 'true';

const sourceBucketIn = (stack: Stack) =>
  sourceBucketName === undefined ? undefined : Bucket.fromBucketName(stack, 'Photos', sourceBucketName);
const api = { access: isPublic ? ThumbnailAccess.publicRead() : ThumbnailAccess.iam() };

new ThumbnailPipeline(lambda, 'Thumbnails', { sourceBucket: sourceBucketIn(lambda), api });

new ThumbnailPipeline(fargate, 'Thumbnails', {
  sourceBucket: sourceBucketIn(fargate),
  // A bucket notifies one queue of an image; both stacks may be deployed, and by EventBridge both hear of it.
  trigger: sourceBucketName === undefined ? undefined : ThumbnailTrigger.eventBridge(),
  compute: ThumbnailCompute.fargate(),
  api,
});
