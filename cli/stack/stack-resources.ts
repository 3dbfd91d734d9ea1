import { CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { withAwsErrors } from '../aws-errors';

/** A resource of a deployed stack. */
export interface StackResource {
  /** Logical id in the template. */
  readonly logicalId: string;
  /** CloudFormation type, such as `AWS::SQS::Queue`. */
  readonly type: string;
  /** Physical id: a name, an ARN or a URL, depending on the type. */
  readonly physicalId: string;
}

/**
 * Returns the resources of a stack and of its nested stacks.
 *
 * @param stack name or ARN of the stack
 * @throws Error if the stack does not exist or CloudFormation rejects a request
 */
export async function listStackResources(stack: string): Promise<StackResource[]> {
  const client = new CloudFormationClient({});
  const context = { resource: stack, kind: 'stack', permissions: 'cloudformation:ListStackResources on the stack' };
  try {
    return await withAwsErrors(context, () => resourcesOf(client, stack));
  } finally {
    client.destroy();
  }
}

async function resourcesOf(client: CloudFormationClient, stack: string): Promise<StackResource[]> {
  const resources: StackResource[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName: stack })) {
    for (const { LogicalResourceId = '', ResourceType = '', PhysicalResourceId = '' } of StackResourceSummaries) {
      if (ResourceType === 'AWS::CloudFormation::Stack') {
        resources.push(...(await resourcesOf(client, PhysicalResourceId)));
      } else {
        resources.push({ logicalId: LogicalResourceId, type: ResourceType, physicalId: PhysicalResourceId });
      }
    }
  }
  return resources;
}
