import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Policies of each stack. The inner key combines the kind and the settings of a policy. */
const policies = new WeakMap<Stack, Map<string, unknown>>();

/**
 * Returns the existing policy of the stack for equal settings. Creates a policy if the stack has no such policy.
 *
 * Distributions share policies, because an account has at most 20 cache policies and 20 response headers policies by default.
 * The construct of the first distribution contains the shared policies.
 *
 * @param kind kind of the policy, for policies with equal settings but different uses
 * @param settings all properties of the policy
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
 */
export function sharedPolicy<Policy>(scope: Construct, kind: string, settings: object, create: () => Policy): Policy {
  const stack = Stack.of(scope);
  const ofStack = policies.get(stack) ?? new Map<string, unknown>();
  policies.set(stack, ofStack);
  const key = JSON.stringify([kind, stack.resolve(settings)]);
  const policy = (ofStack.get(key) as Policy | undefined) ?? create();
  ofStack.set(key, policy);
  return policy;
}
