import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { validationError } from '../private/validation';

const REGION = 'us-east-1';

/**
 * Validates that a stack is in us-east-1, if its region is known at synthesis.
 *
 * @param reason restriction of the service; the error message contains this text after "the stack is in eu-west-1, but"
 */
export function validateUsEast1(scope: Construct, prop: string, reason: string, fix: string): string[] {
  const { region } = Stack.of(scope);
  return Token.isUnresolved(region) || region === REGION
    ? []
    : [validationError(prop, `the stack is in ${region}, but ${reason}`, fix)];
}

/** Warns if the region of the stack is unknown at synthesis. */
export function warnAboutUnknownRegion(scope: Construct, id: string, requirement: string): void {
  if (!Token.isUnresolved(Stack.of(scope).region)) {
    return;
  }
  Annotations.of(scope).addWarningV2(
    id,
    `${requirement}, and the region of the stack is unknown at synthesis. Set env.region of the stack to ${REGION}.`,
  );
}
