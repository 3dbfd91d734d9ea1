import { PropertyInjectors } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * Props as the app wants them: changed by the injector for a class that is nearest above, if there is one. The CDK does the
 * same to its own constructs by a decorator, which jsii libraries have no stable import for.
 */
export function injectedProps<Props>(scope: Construct, id: string, injectionId: string, props: Props): Props {
  for (const above of scope.node.scopes.toReversed()) {
    if (!PropertyInjectors.hasPropertyInjectors(above)) {
      continue;
    }
    const injector = PropertyInjectors.of(above).for(injectionId);
    if (injector) {
      return injector.inject(props, { scope, id }) as Props;
    }
  }
  return props;
}
