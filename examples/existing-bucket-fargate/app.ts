import { App, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ThumbnailCompute, ThumbnailPipeline } from 'cdk-thumbnails';

const app = new App();
const stack = new Stack(app, 'Photos', {
  // Vpc.fromLookup requires an explicit account and region.
  env: { account: process.env['CDK_DEFAULT_ACCOUNT'], region: process.env['CDK_DEFAULT_REGION'] },
});

new ThumbnailPipeline(stack, 'Thumbnails', {
  sourceBucket: Bucket.fromBucketName(stack, 'Uploads', app.node.getContext('bucket') as string),
  sourcePrefix: 'photos/',
  compute: ThumbnailCompute.fargate({
    vpc: Vpc.fromLookup(stack, 'Vpc', { vpcId: app.node.getContext('vpc') as string }),
    worker: { minCapacity: 0, maxCapacity: 4 },
  }),
  // The API runs on Lambda instead of Fargate, because a Lambda function costs nothing without requests.
  api: { compute: ThumbnailCompute.lambda() },
});
