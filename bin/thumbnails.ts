// CDK app of this repository, with one stack for Lambda and one stack for Fargate. Deploy the stack of your choice.
import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ThumbnailAccess, ThumbnailCompute, ThumbnailPipeline, ThumbnailTrigger } from '../lib';

const app = new App();
const lambda = new Stack(app, 'ThumbnailsLambda', { description: 'Thumbnail pipeline on AWS Lambda' });
const fargate = new Stack(app, 'ThumbnailsFargate', { description: 'Thumbnail pipeline on AWS Fargate' });

// Existing source bucket: npx cdk deploy ThumbnailsLambda -c thumbnails:source-bucket=my-photos
const sourceBucketName = app.node.tryGetContext('thumbnails:source-bucket') as string | undefined;
// Public read access: npx cdk deploy ThumbnailsLambda -c thumbnails:public=true
const isPublic = app.node.tryGetContext('thumbnails:public') === 'true';

const sourceBucketIn = (stack: Stack) =>
  sourceBucketName === undefined ? undefined : Bucket.fromBucketName(stack, 'Photos', sourceBucketName);
const api = { access: isPublic ? ThumbnailAccess.publicRead() : ThumbnailAccess.iam() };

new ThumbnailPipeline(lambda, 'Thumbnails', { sourceBucket: sourceBucketIn(lambda), api });

new ThumbnailPipeline(fargate, 'Thumbnails', {
  sourceBucket: sourceBucketIn(fargate),
  // S3 sends the notifications of a key to one queue only. Both stacks can use the same existing bucket, so this stack
  // uses EventBridge.
  trigger: sourceBucketName === undefined ? undefined : ThumbnailTrigger.eventBridge(),
  compute: ThumbnailCompute.fargate(),
  api,
});
