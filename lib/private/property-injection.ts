import { PropertyInjectors } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * Applies the property injector of the nearest enclosing scope and returns the resulting props. The CDK applies injectors to
 * its own constructs with a decorator, which jsii libraries cannot import.
 */
export function injectedProps<Props>(scope: Construct, id: string, injectionId: string, props: Props): Props {
  for (const ancestor of scope.node.scopes.toReversed()) {
    if (!PropertyInjectors.hasPropertyInjectors(ancestor)) {
      continue;
    }
    const injector = PropertyInjectors.of(ancestor).for(injectionId);
    if (injector) {
      return injector.inject(props, { scope, id }) as Props;
    }
  }
  return props;
}
