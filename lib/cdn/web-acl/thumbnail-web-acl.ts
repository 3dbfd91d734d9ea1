import { ArnFormat, Stack } from 'aws-cdk-lib';
import { CfnLoggingConfiguration, CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { injectedProps } from '../../private/property-injection';
import { ValidationErrors } from '../../private/validation';
import { warnAboutUnknownRegion } from '../us-east-1';
import type { ThumbnailWebAclOptions } from './thumbnail-web-acl-options';
import { rulesOf, validateWebAcl, validateWebAclRegion, visibility } from './web-acl-rules';

/**
 * AWS WAF web ACL for CloudFront distributions. The web ACL limits the rate and the body size of requests, and applies managed
 * rules.
 *
 * Requires a stack in us-east-1. Set `api.onlyThroughDistribution`, so that clients cannot bypass the web ACL. The HTTP APIs of
 * API Gateway support no web ACL of their own.
 *
 * @example
 * const acl = new ThumbnailWebAcl(stack, 'Acl', { maxRequestsPerIp: 2000 });
 * photos.addDistribution('Distribution', { webAclId: acl.webAclArn });
 */
export class ThumbnailWebAcl extends Construct {
  /** Id of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-thumbnails.ThumbnailWebAcl';

  /** ARN of the web ACL, for `webAclId` of a distribution. */
  public readonly webAclArn: string;
  /** Web ACL. */
  public readonly webAcl: CfnWebACL;

  /**
   * Creates the web ACL.
   *
   * @param scope parent construct
   * @param id construct id
   * @param props limits and managed rules
   * @throws Error if props are invalid, or if the stack is in a region other than us-east-1; the message lists all errors
   */
  public constructor(scope: Construct, id: string, props: ThumbnailWebAclOptions = {}) {
    super(scope, id);
    props = injectedProps(scope, id, ThumbnailWebAcl.PROPERTY_INJECTION_ID, props);

    const errors = new ValidationErrors();
    errors.add(validateWebAcl(props));
    errors.add(validateWebAclRegion(this));
    errors.throwIfAny(this);
    warnAboutUnknownRegion(this, 'cdk-thumbnails:webAclRegion', 'CloudFront supports web ACLs only from us-east-1');
    this.webAcl = new CfnWebACL(this, 'WebAcl', {
      description: 'cdk-thumbnails: rate, body size and managed rules',
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      rules: rulesOf(props).map((rule, priority) => ({ ...rule, priority })),
      visibilityConfig: visibility('ThumbnailWebAcl'),
    });
    this.webAclArn = this.webAcl.attrArn;
    if (props.logGroup) {
      new CfnLoggingConfiguration(this, 'Logging', {
        resourceArn: this.webAclArn,
        // Omits the suffix `:*` of the CDK's log group ARNs, because AWS WAF documents log destinations without this suffix.
        logDestinationConfigs: [
          Stack.of(this).formatArn({
            service: 'logs',
            resource: 'log-group',
            resourceName: props.logGroup.logGroupName,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        ],
        redactedFields: [{ singleHeader: { Name: 'authorization' } }, { queryString: {} }],
      });
    }
  }
}
