import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import type { DeployedPipeline } from './deployed-pipeline';

/** IAM actions of a role on one resource. */
export interface RoleRequests {
  /** ARN of the resource. */
  readonly resource: string;
  readonly actions: readonly string[];
  /** Key prefix of an `s3:ListBucket` request. @default - no prefix */
  readonly prefix?: string;
}

/** Result of the IAM policy simulation for one request of a role. */
export interface SimulatedRequest {
  readonly action: string;
  readonly resource: string;
  readonly isAllowed: boolean;
}

/** Returns the requests that the workers of a pipeline send for the source key `<prefix><id>.jpg`. */
export function workerRequests({ settings }: DeployedPipeline, queueArn: string, id: string): RoleRequests[] {
  const { sourceLocation, thumbnailLocation } = settings;
  const bucket = bucketArns(queueArn);
  return [
    { resource: `${bucket(sourceLocation.name)}/${sourceLocation.prefix}${id}.jpg`, actions: ['s3:GetObject'] },
    { resource: bucket(sourceLocation.name), actions: ['s3:ListBucket'], prefix: sourceLocation.prefix },
    {
      resource: `${bucket(thumbnailLocation.name)}/${thumbnailLocation.prefix}${id}.jpg/manifest.json`,
      actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
    },
    {
      resource: bucket(thumbnailLocation.name),
      actions: ['s3:ListBucket'],
      prefix: `${thumbnailLocation.prefix}${id}.jpg/`,
    },
    { resource: queueArn, actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'] },
  ];
}

/** Returns requests for the source key `<prefix><id>.jpg` that IAM must deny the workers of a pipeline. */
export function forbiddenRequests({ settings }: DeployedPipeline, queueArn: string, id: string): RoleRequests[] {
  const { sourceLocation, thumbnailLocation } = settings;
  const bucket = bucketArns(queueArn);
  return [
    {
      resource: `${bucket(sourceLocation.name)}/${sourceLocation.prefix}${id}.jpg`,
      actions: ['s3:PutObject', 's3:DeleteObject'],
    },
    { resource: bucket(sourceLocation.name), actions: ['s3:DeleteBucket', 's3:PutBucketPolicy'] },
    { resource: bucket(thumbnailLocation.name), actions: ['s3:DeleteBucket', 's3:PutBucketPolicy'] },
    { resource: queueArn, actions: ['sqs:DeleteQueue', 'sqs:SetQueueAttributes'] },
  ];
}

/**
 * Simulates the requests of a role with the IAM policy simulator.
 *
 * @param queueArn ARN of the queue. The simulation uses the account id in this ARN.
 */
export async function simulateRequests(
  roleArn: string,
  queueArn: string,
  requests: readonly RoleRequests[],
): Promise<SimulatedRequest[]> {
  const account = queueArn.split(':')[4];
  const client = new IAMClient({});
  try {
    const results = await Promise.all(
      requests.map(async ({ resource, actions, prefix }) => {
        const context = (name: string, value: string) => ({
          ContextKeyName: name,
          ContextKeyValues: [value],
          ContextKeyType: 'string' as const,
        });
        const { EvaluationResults = [] } = await client.send(
          new SimulatePrincipalPolicyCommand({
            PolicySourceArn: roleArn,
            ActionNames: [...actions],
            ResourceArns: [resource],
            ContextEntries: [
              { ContextKeyName: 'aws:SecureTransport', ContextKeyValues: ['true'], ContextKeyType: 'boolean' },
              context('aws:ResourceAccount', account ?? ''),
              ...(prefix === undefined ? [] : [context('s3:prefix', prefix)]),
            ],
          }),
        );
        return EvaluationResults.map(({ EvalActionName = '', EvalDecision }) => ({
          action: EvalActionName,
          resource,
          isAllowed: EvalDecision === 'allowed',
        }));
      }),
    );
    return results.flat();
  } finally {
    client.destroy();
  }
}

function bucketArns(queueArn: string): (name: string) => string {
  const partition = queueArn.split(':')[1];
  return (name) => `arn:${partition}:s3:::${name}`;
}
