import { Annotations, Aws, Names } from 'aws-cdk-lib';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { statementJson } from '../private/stacks';
import { validationError } from '../private/validation';
import type { ThumbnailAccessLogOptions } from './thumbnail-access-log-options';
import { validateUsEast1, warnAboutUnknownRegion } from './us-east-1';

/**
 * Region of the delivery resources of every distribution.
 *
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html#enable-access-logging-api
 */
const DELIVERY_REGION = 'us-east-1';
/**
 * Maximum length of a name in characters:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutDeliverySource.html
 */
const MAX_NAME_LENGTH = 60;

/** Validates the destination of access logs. Also validates the region of the stack if the region is known at synthesis. */
export function validateAccessLogs(scope: Construct, { bucket, logGroup }: ThumbnailAccessLogOptions): string[] {
  const errors: string[] = [];
  if (bucket && logGroup) {
    errors.push(validationError('accessLogs', 'logGroup and bucket are both set', 'remove one of them'));
  }
  if (!bucket && !logGroup) {
    errors.push(validationError('accessLogs', 'logGroup and bucket are both undefined', 'set one of them'));
  }
  errors.push(
    ...validateUsEast1(
      scope,
      'accessLogs',
      `CloudFront supports the delivery only in ${DELIVERY_REGION}`,
      `create a ThumbnailDistribution in a stack of ${DELIVERY_REGION}, and set crossRegionReferences to true in both stacks`,
    ),
  );
  return errors;
}

/**
 * Creates the delivery of access logs (standard logging v2). Adds the permission for the delivery to the policy of the
 * destination.
 */
export function createAccessLogs(
  distribution: Distribution,
  scope: Construct,
  { bucket, logGroup }: ThumbnailAccessLogOptions,
): logs.CfnDelivery {
  warnAboutUnknownRegion(
    scope,
    'cdk-thumbnails:accessLogsRegion',
    `CloudFront supports the delivery of access logs only in ${DELIVERY_REGION}`,
  );
  const parent = new Construct(scope, 'AccessLogs');
  const source = new logs.CfnDeliverySource(parent, 'Source', {
    name: nameFor(parent, 'source'),
    logType: 'ACCESS_LOGS',
    resourceArn: distribution.distributionArn,
  });
  // Each destination type has its own id and name. Therefore, CloudFormation can create the new destination before it deletes
  // the old destination.
  const type = bucket ? 'bucket' : 'log-group';
  const destination = new logs.CfnDeliveryDestination(parent, bucket ? 'Bucket' : 'LogGroup', {
    name: nameFor(parent, type),
    destinationResourceArn: bucket?.bucketArn ?? logGroup?.logGroupArn,
    outputFormat: 'json',
  });
  const delivery = new logs.CfnDelivery(parent, 'Delivery', {
    deliverySourceName: source.ref,
    deliveryDestinationArn: destination.attrArn,
  });
  const policy = bucket ? allowBucket(scope, bucket) : logGroup?.addToResourcePolicy(statementForLogGroup(logGroup));
  if (policy?.policyDependable) {
    // CloudFormation must change the policy before it creates the delivery. Otherwise, CloudWatch Logs adds the missing
    // permissions to the policy itself. The two changes of the policy would conflict.
    delivery.node.addDependency(policy.policyDependable);
  }
  return delivery;
}

function nameFor(scope: Construct, type: string): string {
  const maxLength = MAX_NAME_LENGTH - type.length - 1;
  return `${Names.uniqueResourceName(scope, { maxLength, separator: '-' })}-${type}`;
}

/**
 * Allows the delivery to write to the bucket.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
 */
function allowBucket(scope: Construct, bucket: IBucket): iam.AddToResourcePolicyResult {
  const statement = statementFor(['s3:PutObject'], bucket.arnForObjects(`AWSLogs/${Aws.ACCOUNT_ID}/*`), {
    's3:x-amz-acl': 'bucket-owner-full-control',
  });
  const result = bucket.addToResourcePolicy(statement);
  if (!result.statementAdded) {
    Annotations.of(scope).addWarningV2(
      'cdk-thumbnails:accessLogsBucketPolicy',
      'The app cannot change the policy of the imported bucket for access logs. The delivery requires this statement: ' +
        statementJson(scope, statement),
    );
  }
  allowKey(scope, bucket);
  return result;
}

function allowKey(scope: Construct, { encryptionKey }: IBucket): void {
  if (!encryptionKey) {
    return;
  }
  const statement = statementFor(['kms:GenerateDataKey*', 'kms:Decrypt'], '*');
  if (!encryptionKey.addToResourcePolicy(statement).statementAdded) {
    Annotations.of(scope).addWarningV2(
      'cdk-thumbnails:accessLogsKeyPolicy',
      'The app cannot change the policy of the imported KMS key of the bucket for access logs. The delivery requires this ' +
        `statement: ${statementJson(scope, statement)}`,
    );
  }
}

/**
 * Returns the statement that allows the delivery to write to the log group.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-CloudWatchLogs.html
 */
function statementForLogGroup({ logGroupArn }: logs.ILogGroup): iam.PolicyStatement {
  return statementFor(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroupArn);
}

function statementFor(actions: string[], resource: string, conditions?: Record<string, string>): iam.PolicyStatement {
  return new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal('delivery.logs.amazonaws.com')],
    actions,
    resources: [resource],
    conditions: {
      StringEquals: { ...conditions, 'aws:SourceAccount': Aws.ACCOUNT_ID },
      ArnLike: { 'aws:SourceArn': `arn:${Aws.PARTITION}:logs:${DELIVERY_REGION}:${Aws.ACCOUNT_ID}:*` },
    },
  });
}
