import { randomBytes } from 'node:crypto';
import {
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { EVENT_SOURCE } from '../../runtime/contract';
import { withAwsErrors } from '../aws-errors';
import type { EventSubscription } from './verify-target';

const PERMISSIONS =
  'events:PutRule, events:PutTargets, events:RemoveTargets and events:DeleteRule on the rules cdk-thumbnails-verify-*, and ' +
  'sqs:CreateQueue, sqs:SetQueueAttributes, sqs:GetQueueAttributes, sqs:ReceiveMessage, sqs:DeleteMessage and ' +
  'sqs:DeleteQueue on the queues cdk-thumbnails-verify-*';

/**
 * Subscribes a temporary queue to the events of sources below a prefix.
 *
 * @param bus name or ARN of the event bus
 * @throws Error if AWS rejects a request. The function then deletes all created resources.
 */
export async function subscribeToEvents(bus: string, prefix: string): Promise<EventSubscription> {
  const name = `cdk-thumbnails-verify-${randomBytes(8).toString('hex')}`;
  const [events, sqs] = [new EventBridgeClient({}), new SQSClient({})];
  const rule = { Name: name, EventBusName: bus };
  const target = { Rule: name, EventBusName: bus };
  let QueueUrl: string | undefined;
  const close = async (): Promise<void> => {
    const ignore = (): undefined => undefined;
    await events.send(new RemoveTargetsCommand({ ...target, Ids: [name] })).catch(ignore);
    await events.send(new DeleteRuleCommand(rule)).catch(ignore);
    if (QueueUrl !== undefined) {
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    }
    events.destroy();
    sqs.destroy();
  };
  try {
    await withAwsErrors({ resource: name, kind: 'event bus', permissions: PERMISSIONS }, async () => {
      QueueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: name }))).QueueUrl;
      const getArn = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
      const Arn = (await sqs.send(getArn)).Attributes?.['QueueArn'];
      const EventPattern = JSON.stringify({ source: [EVENT_SOURCE], detail: { source: { key: [{ prefix }] } } });
      const { RuleArn } = await events.send(new PutRuleCommand({ ...rule, EventPattern }));
      const Policy = JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: Arn,
            Condition: { ArnEquals: { 'aws:SourceArn': RuleArn } },
          },
        ],
      });
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
      await events.send(new PutTargetsCommand({ ...target, Targets: [{ Id: name, Arn }] }));
    });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    receive: async () => {
      const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
      const { Messages = [] } = await sqs.send(receive);
      if (Messages.length > 0) {
        const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
        await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      }
      return Messages.map(({ Body = '' }) => Body);
    },
    close,
  };
}
