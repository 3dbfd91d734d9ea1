import { Annotations, Aws, Stack } from 'aws-cdk-lib';
import type * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { type BucketPart, objectsOf } from '../private/permissions';
import { isInOtherStack, statementJson } from '../private/stacks';

/**
 * CloudFront origin for stored thumbnails, with an origin access control.
 *
 * The S3 origin of the CDK grants access to the whole bucket, which can also contain sources. This origin grants access only to
 * keys with the thumbnail prefix.
 */
export class ThumbnailOrigin implements cloudfront.IOrigin {
  private readonly origin: cloudfront.IOrigin;

  public constructor(
    private readonly thumbnails: BucketPart,
    accessControl: cloudfront.S3OriginAccessControl,
    options: cloudfront.OriginProps,
  ) {
    this.origin = S3BucketOrigin.withBucketDefaults(thumbnails.bucket, {
      ...options,
      originAccessControlId: accessControl.originAccessControlId,
    });
  }

  public bind(scope: Construct, options: cloudfront.OriginBindOptions): cloudfront.OriginBindConfig {
    this.grantRead(scope, options.distributionId ?? '*');
    this.grantDecrypt(scope);
    return this.origin.bind(scope, options);
  }

  private grantRead(scope: Construct, distributionId: string): void {
    const { bucket } = this.thumbnails;
    // If another stack creates the bucket, a bucket policy with the ARN of the distribution would cause a cyclic dependency.
    const isShared = isInOtherStack(scope, bucket);
    const statement = statementFor(['s3:GetObject'], objectsOf(this.thumbnails), isShared ? '*' : distributionId);
    if (bucket.addToResourcePolicy(statement).statementAdded) {
      if (isShared) {
        warnAboutAnyDistribution(scope, bucket);
      }
      return;
    }
    Annotations.of(scope).addWarningV2(
      'cdk-thumbnails:distributionBucketPolicy',
      'The app cannot change the policy of the imported bucket. Add the following statement to the policy. Otherwise, ' +
        `CloudFront requests every thumbnail from the API. ${statementJson(scope, statement)}`,
    );
  }

  /**
   * Grants CloudFront permission to decrypt thumbnails with the KMS key of the bucket. The key policy omits the ARN of the
   * distribution. With the ARN, the distribution, the bucket and the key would have a cyclic dependency.
   */
  private grantDecrypt(scope: Construct): void {
    const key = this.thumbnails.bucket.encryptionKey;
    if (!key) {
      return;
    }
    const statement = statementFor(['kms:Decrypt'], '*', '*');
    if (key.addToResourcePolicy(statement).statementAdded) {
      return;
    }
    Annotations.of(scope).addWarningV2(
      'cdk-thumbnails:distributionKeyPolicy',
      'The app cannot change the policy of the imported KMS key. Add the following statement to the policy. Otherwise, ' +
        `CloudFront requests every thumbnail from the API. ${statementJson(scope, statement)}`,
    );
  }
}

function warnAboutAnyDistribution(scope: Construct, bucket: IBucket): void {
  Annotations.of(scope).addWarningV2(
    'cdk-thumbnails:anyDistribution',
    `The stack ${Stack.of(bucket).node.path} creates the bucket ${bucket.node.path}. Every CloudFront distribution of the ` +
      'account can read its thumbnails, because a bucket policy with the id of this distribution would cause a cyclic ' +
      'dependency. To restrict the policy to this distribution, create the distribution in the stack of the bucket.',
  );
}

function statementFor(actions: string[], resource: string, distributionId: string): iam.PolicyStatement {
  const arn = `arn:${Aws.PARTITION}:cloudfront::${Aws.ACCOUNT_ID}:distribution/${distributionId}`;
  const operator = distributionId === '*' ? 'ArnLike' : 'StringEquals';
  return new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal('cloudfront.amazonaws.com')],
    actions,
    resources: [resource],
    conditions: { [operator]: { 'AWS:SourceArn': arn } },
  });
}
