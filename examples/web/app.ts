import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CorsHttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { Distribution, ResponseHeadersPolicy, ViewerProtocolPolicy } from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Thumbnail, ThumbnailAccess, ThumbnailFormat, ThumbnailPipeline } from 'cdk-thumbnails';

const stack = new Stack(new App(), 'PhotoPage');
const formats = [ThumbnailFormat.avif(), ThumbnailFormat.webp(), ThumbnailFormat.jpeg()];

const photos = new ThumbnailPipeline(stack, 'Photos', {
  thumbnails: [320, 640, 1280].map((width) => Thumbnail.inside(`w${width}`, width, { formats })),
  api: {
    access: ThumbnailAccess.publicRead(),
    // Reading is public. Uploads need a signed link.
    writeAccess: ThumbnailAccess.signed(),
    uploads: { allowOrigins: ['*'] },
    cors: { allowOrigins: ['*'], allowMethods: [CorsHttpMethod.POST], allowHeaders: ['content-type'] },
  },
  removalPolicy: RemovalPolicy.DESTROY,
  autoDeleteObjects: true,
});

const page = new Bucket(stack, 'Page', { removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true });
const site = new Distribution(stack, 'Site', {
  defaultRootObject: 'index.html',
  defaultBehavior: {
    origin: S3BucketOrigin.withOriginAccessControl(page),
    viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    responseHeadersPolicy: ResponseHeadersPolicy.SECURITY_HEADERS,
  },
});
// The page and the images have a common domain. Therefore, the page requires neither configuration nor CORS.
photos.addBehaviorsTo(site);

new BucketDeployment(stack, 'Files', {
  sources: [
    Source.asset(join(__dirname, 'page')),
    Source.data('thumbhash.js', readFileSync(require.resolve('thumbhash'), 'utf8')),
  ],
  destinationBucket: page,
  distribution: site,
});
new CfnOutput(stack, 'PageUrl', { value: `https://${site.distributionDomainName}/` });
new CfnOutput(stack, 'SigningKeys', { value: photos.signingKeys!.secretName });
