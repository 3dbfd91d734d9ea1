import { type IResource, Resource, Stack, Token } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** Returns whether another stack of the app creates the resource. */
export function isInOtherStack(scope: Construct, resource: IResource): boolean {
  return Resource.isOwnedResource(resource) && Stack.of(resource) !== Stack.of(scope);
}

/** Returns whether the region of the stack is known to be a China region. */
export function isInChina(scope: Construct): boolean {
  const { region, partition } = Stack.of(scope);
  return partition === 'aws-cn' || (!Token.isUnresolved(region) && region.startsWith('cn-'));
}

/** Serializes a value that may contain tokens as JSON. */
export function toJson(scope: Construct, value: unknown): string {
  return Stack.of(scope).toJsonString(value);
}

/** Formats a policy statement as JSON for a message. Tokens appear as CloudFormation intrinsic functions. */
export function statementJson(scope: Construct, statement: PolicyStatement): string {
  return JSON.stringify(Stack.of(scope).resolve(statement.toStatementJson()));
}
