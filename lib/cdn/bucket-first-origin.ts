import { Annotations, Aws } from 'aws-cdk-lib';
import type * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { type BucketPart, objectsOf } from '../private/permissions';
import { isOfAnotherStack } from '../private/stacks';
import { statementText } from '../private/statement-text';

/**
 * The thumbnails of a pipeline as an origin, read by an origin access control. The CDK's own would let the distribution
 * read the whole bucket, in which sources may be too; this one lets it read what is under the prefix.
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
    this.letRead(scope, options.distributionId ?? '*');
    this.letDecrypt(scope);
    return this.origin.bind(scope, options);
  }

  private letRead(scope: Construct, distributionId: string): void {
    const { bucket } = this.thumbnails;
    // A bucket of another stack cannot name the distribution, which names the bucket: neither stack could be first.
    const statement = statementFor(
      ['s3:GetObject'],
      objectsOf(this.thumbnails),
      isOfAnotherStack(scope, bucket) ? '*' : distributionId,
    );
    if (bucket.addToResourcePolicy(statement).statementAdded) {
      return;
    }
    Annotations.of(scope).addWarningV2(
      'cdk-thumbnails:distributionBucketPolicy',
      `CloudFront cannot read thumbnails until the policy of the imported bucket lets it; all are asked of the API till then. ` +
        `Add this statement to the policy: ${statementText(scope, statement)}`,
    );
  }

  /** A key cannot name the distribution: that names the bucket, and the bucket the key. */
  private letDecrypt(scope: Construct): void {
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
      `CloudFront cannot read thumbnails until the policy of the imported key lets it decrypt them; all are asked of the ` +
        `API till then. Add this statement to the policy: ${statementText(scope, statement)}`,
    );
  }
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
