import type { IRuleTarget } from 'aws-cdk-lib/aws-events';

/** Options of the rules that `onThumbnailsReady` and similar methods create. */
export interface ThumbnailEventRuleOptions {
  /**
   * Target of the events.
   *
   * @default - no target; add targets to the rule
   */
  readonly target?: IRuleTarget;

  /**
   * Prefix of the source keys, including `sourcePrefix` of the pipeline.
   *
   * @default - all keys
   */
  readonly keyPrefix?: string;

  /**
   * Name of the rule.
   *
   * @default - a name that CloudFormation generates
   */
  readonly ruleName?: string;

  /**
   * Description of the rule.
   *
   * @default - a description with the name of the pipeline
   */
  readonly description?: string;
}
