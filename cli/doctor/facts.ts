import { CloudFrontClient, GetDistributionCommand } from '@aws-sdk/client-cloudfront';
import { EventBridgeClient, ListRuleNamesByTargetCommand } from '@aws-sdk/client-eventbridge';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { createS3Client } from '../../runtime/storage/s3/s3-client';
import { withAwsErrors } from '../aws-errors';
import { deadLetterArnOf, openQueue } from '../queue';
import { apiUrlOf } from '../stack/deployed-api';
import type { DeployedPipeline } from '../stack/deployed-pipeline';
import { simulateRequests, workerRequests, type SimulatedRequest } from '../stack/simulate-requests';

/** A notification of a bucket to a queue. */
export interface QueueNotification {
  readonly queueArn: string;
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

/** Attributes of a queue by attribute name, as in the SQS API. */
export type QueueAttributes = Readonly<Record<string, string | undefined>>;

/** State of a deployment that the checks of `doctor` evaluate. */
export interface DeploymentFacts {
  readonly pipeline: DeployedPipeline;
  /** Version of this command. */
  readonly version: string;
  readonly notifications: readonly QueueNotification[];
  /** Whether the source bucket sends its events to EventBridge. */
  readonly sendsToEventBridge: boolean;
  /** Names of the EventBridge rules whose target is the queue. */
  readonly rules: readonly string[];
  readonly queue: QueueAttributes;
  /** Attributes of the dead-letter queue; undefined for a queue without a dead-letter queue. */
  readonly deadLetterQueue: QueueAttributes | undefined;
  readonly requests: readonly SimulatedRequest[];
  /** Response of `/health`; undefined if the stack has no API Gateway HTTP API. */
  readonly health: { readonly url: string; readonly status: number; readonly version?: string } | undefined;
  readonly distributions: readonly { readonly id: string; readonly status: string; readonly isEnabled: boolean }[];
  /** Concurrency quota of Lambda in this account and Region; undefined for workers in an ECS service. */
  readonly lambdaConcurrency: number | undefined;
  /** Parts of the state that AWS did not return. */
  readonly unread: readonly UnreadFact[];
}

/** Part of the state that AWS did not return, for example because a permission is missing. */
export interface UnreadFact {
  readonly fact: string;
  readonly reason: string;
}

const PERMISSIONS =
  's3:GetBucketNotification on the source bucket; sqs:GetQueueUrl and sqs:GetQueueAttributes on the queues; ' +
  'events:ListRuleNamesByTarget, iam:SimulatePrincipalPolicy, lambda:GetAccountSettings, cloudfront:GetDistribution';

/**
 * Reads the state of a deployment. Changes nothing in the AWS account. `unread` lists the optional parts of the state
 * that AWS does not return.
 *
 * @throws Error if AWS does not return the attributes of the queue or the notifications of the bucket
 */
export async function readFacts(stack: string, pipeline: DeployedPipeline, version: string): Promise<DeploymentFacts> {
  const unread: UnreadFact[] = [];
  const optional = async <T>(fact: string, fallback: T, read: () => Promise<T>): Promise<T> => {
    try {
      return await withAwsErrors({ resource: fact, kind: 'resource', permissions: PERMISSIONS }, read);
    } catch (error) {
      unread.push({ fact, reason: (error as Error).message.split('\n')[0]!.replace(`${fact}: `, '') });
      return fallback;
    }
  };
  return withAwsErrors({ resource: stack, kind: 'resource', permissions: PERMISSIONS }, async () => {
    const queue = await queueAttributes(pipeline.queue);
    const queueArn = queue['QueueArn'] ?? '';
    const deadLetterArn = deadLetterArnOf(queue);
    const [notifications, rules, deadLetterQueue, requests, health, distributions, lambdaConcurrency] =
      await Promise.all([
        bucketNotifications(pipeline.settings.sourceLocation.name),
        rulesFor(queueArn),
        deadLetterArn === undefined
          ? undefined
          : optional('dead-letter queue', undefined, () => queueAttributes(deadLetterArn)),
        optional('permissions of the role', [], () =>
          simulateRequests(pipeline.roleArn, queueArn, workerRequests(pipeline, queueArn, 'doctor')),
        ),
        readHealth(pipeline),
        optional('distributions', [], () => readDistributions(pipeline)),
        pipeline.kind === 'function' ? optional('Lambda quotas', undefined, readLambdaConcurrency) : undefined,
      ]);
    return {
      pipeline,
      version,
      ...notifications,
      rules,
      queue,
      deadLetterQueue,
      requests,
      health,
      distributions,
      lambdaConcurrency,
      unread: unread.sort((one, other) => one.fact.localeCompare(other.fact)),
    };
  });
}

async function bucketNotifications(
  Bucket: string,
): Promise<Pick<DeploymentFacts, 'notifications' | 'sendsToEventBridge'>> {
  const client = createS3Client();
  const { QueueConfigurations = [], EventBridgeConfiguration } = await client.send(
    new GetBucketNotificationConfigurationCommand({ Bucket }),
  );
  client.destroy();
  const notifications = QueueConfigurations.map(({ QueueArn = '', Events = [], Filter }) => {
    const value = (name: string): string =>
      Filter?.Key?.FilterRules?.find((rule) => rule.Name?.toLowerCase() === name)?.Value ?? '';
    return { queueArn: QueueArn, events: Events, prefix: value('prefix'), suffix: value('suffix') };
  });
  return { notifications, sendsToEventBridge: EventBridgeConfiguration !== undefined };
}

async function rulesFor(TargetArn: string): Promise<string[]> {
  const client = new EventBridgeClient({});
  const { RuleNames = [] } = await client.send(new ListRuleNamesByTargetCommand({ TargetArn }));
  client.destroy();
  return RuleNames;
}

/** Returns the attributes of a queue. @param queue URL or ARN of the queue */
async function queueAttributes(queue: string | undefined): Promise<QueueAttributes> {
  if (queue === undefined) {
    return {};
  }
  const { client, url } = openQueue(queue);
  try {
    const getAttributes = new GetQueueAttributesCommand({ QueueUrl: await url(), AttributeNames: ['All'] });
    return (await client.send(getAttributes)).Attributes ?? {};
  } finally {
    client.destroy();
  }
}

async function readHealth(pipeline: DeployedPipeline): Promise<DeploymentFacts['health']> {
  const apiUrl = apiUrlOf(pipeline);
  if (apiUrl === undefined) {
    return undefined;
  }
  const url = `${apiUrl}/health`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    const { version } = (await response.json().catch(() => ({}))) as { readonly version?: string };
    return { url, status: response.status, ...(version !== undefined && { version }) };
  } catch {
    return { url, status: 0 };
  }
}

async function readDistributions({ resources }: DeployedPipeline): Promise<DeploymentFacts['distributions']> {
  const ids = resources.filter(({ type }) => type === 'AWS::CloudFront::Distribution');
  const client = new CloudFrontClient({});
  const distributions = await Promise.all(
    ids.map(async ({ physicalId }) => {
      const { Distribution } = await client.send(new GetDistributionCommand({ Id: physicalId }));
      const isEnabled = Distribution?.DistributionConfig?.Enabled ?? false;
      return { id: physicalId, status: Distribution?.Status ?? 'unknown', isEnabled };
    }),
  );
  client.destroy();
  return distributions;
}

async function readLambdaConcurrency(): Promise<number | undefined> {
  const client = new LambdaClient({});
  const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
  client.destroy();
  return AccountLimit?.ConcurrentExecutions;
}
