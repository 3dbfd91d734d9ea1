import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { crossAccountStatement, otherAccountOf } from '../private/other-account';

/** Default quota of characters in an event pattern: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const MAX_PATTERN_LENGTH = 2048;
/** Maximum length of a bucket name, for names that are unknown at synthesis. */
const MAX_BUCKET_NAME = 'b'.repeat(63);

/**
 * Warns about a bucket of another account. The CDK can change the notifications of such a bucket only if the bucket policy
 * allows the change.
 */
export function warnAboutNotificationPermissions(scope: Construct, bucket: IBucket): void {
  const account = otherAccountOf(bucket, Stack.of(scope).account);
  if (account === undefined) {
    return;
  }
  const statement = crossAccountStatement(bucket, Stack.of(scope).account, {
    actions: ['s3:GetBucketNotification', 's3:PutBucketNotification'],
    resource: bucket.bucketArn,
  });
  Annotations.of(bucket).addWarningV2(
    'cdk-thumbnails:otherAccountNotifications',
    `The bucket belongs to account ${account}. The CDK's notification handler fails without this statement in the ` +
      `bucket policy: ${statement}`,
  );
}

/** Warns about a bucket of another account. Such a bucket sends its events to the event bus of its own account. */
export function warnAboutOtherEventBus(scope: Construct, bucket: IBucket): void {
  const account = otherAccountOf(bucket, Stack.of(scope).account);
  if (account === undefined) {
    return;
  }
  Annotations.of(scope).addWarningV2(
    'cdk-thumbnails:otherAccountEvents',
    `trigger: the events of ${bucket.node.path} go to the default event bus of account ${account}, and the rule of this ` +
      `pipeline is in account ${Stack.of(scope).account}. Add a rule in the account of the bucket that forwards the events ` +
      "to the default event bus of the pipeline's account, or set trigger to ThumbnailTrigger.s3Notification().",
  );
}

/** Warns about an event pattern that exceeds the default quota. The quota is adjustable. */
export function warnAboutPatternSize(scope: Construct, pattern: events.EventPattern, bucketName: string): void {
  const json = JSON.stringify({ ...pattern, detailType: undefined, 'detail-type': pattern.detailType });
  // Does not count the tokens in the prefix and the suffixes, because the length of their values is unknown.
  const text = Token.isUnresolved(bucketName) ? json.replace(bucketName, MAX_BUCKET_NAME) : json;
  const { length } = text.replaceAll(/\$\{Token\[[^\]]*\]\}/g, '');
  if (length <= MAX_PATTERN_LENGTH) {
    return;
  }
  Annotations.of(scope).addWarningV2(
    'cdk-thumbnails:eventPatternSize',
    `sourceSuffixes: the EventBridge event pattern has up to ${length} characters, and the default quota is ` +
      `${MAX_PATTERN_LENGTH}. Use fewer suffixes or a shorter sourcePrefix, or request a higher quota.`,
  );
}
