import { Duration, Token } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import type { CfnDelivery } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { IThumbnailPipeline } from '../pipeline/thumbnail-pipeline-interface';
import { injectedProps } from '../private/property-injection';
import { isInChina } from '../private/stacks';
import { ValidationErrors, validationError } from '../private/validation';
import { validateBehaviorOptions } from './behavior-validation';
import { createAccessLogs, validateAccessLogs } from './distribution-logs';
import { distributionSourceOf } from './distribution-source';
import type { ThumbnailAccessLogOptions } from './thumbnail-access-log-options';
import type { ThumbnailBehaviorOptions } from './thumbnail-behavior-options';
import { ThumbnailBehaviors } from './thumbnail-behaviors';
import { ThumbnailPurge } from './thumbnail-purge';
import { ThumbnailWebAcl } from './web-acl/thumbnail-web-acl';
import type { ThumbnailWebAclOptions } from './web-acl/thumbnail-web-acl-options';
import { validateWebAcl, validateWebAclRegion } from './web-acl/web-acl-rules';

/** Status codes of the origin responses that CloudFront caches for 10 seconds by default. */
const ERRORS = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];
/**
 * Cache time of errors. The time is short, because users can upload a missing image at any time. Even a short time reduces the
 * requests to a failing origin.
 */
const ERROR_TTL = Duration.seconds(1);

/** Options of the distribution of a pipeline. */
export interface ThumbnailDistributionOptions extends ThumbnailBehaviorOptions {
  /**
   * Alternate domain names of the distribution. Requires `certificate`. Create the DNS records yourself.
   *
   * @default - the domain name that CloudFront assigns
   */
  readonly domainNames?: string[];

  /**
   * Certificate of the domain names, in the region us-east-1. Requires `domainNames`.
   *
   * @default - the CloudFront certificate
   */
  readonly certificate?: ICertificate;

  /**
   * Oldest TLS version and cipher suites that viewers can use. Requires `certificate`, because CloudFront determines the TLS
   * settings of its own certificate.
   *
   * @default SecurityPolicyProtocol.TLS_V1_2_2025
   */
  readonly minimumProtocolVersion?: cloudfront.SecurityPolicyProtocol;

  /**
   * ARN of an AWS WAF web ACL with the scope `CLOUDFRONT`, in the region us-east-1.
   *
   * @default - no web ACL
   */
  readonly webAclId?: string;

  /**
   * Creates an AWS WAF web ACL that limits the rate and the body size of requests. Requires a stack in the region us-east-1,
   * and cannot be combined with `webAclId`. AWS WAF bills the web ACL, its rules and the requests.
   *
   * @default - no web ACL
   */
  readonly webAcl?: ThumbnailWebAclOptions;

  /**
   * Delivers access logs to a log group or a bucket (standard logging v2). Requires a stack in the region us-east-1. CloudWatch
   * Logs bills the delivery.
   *
   * @default - no access logs
   */
  readonly accessLogs?: ThumbnailAccessLogOptions;

  /**
   * Bucket for standard access logs (legacy). This bucket must have ACLs enabled, in contrast to the bucket of `accessLogs`.
   *
   * @default - no access logs
   */
  readonly logBucket?: IBucket;

  /**
   * Prefix of the keys of access logs. Requires `logBucket`.
   *
   * @default - no prefix
   */
  readonly logFilePrefix?: string;

  /**
   * Price class, which determines the edge locations.
   *
   * @default PriceClass.PRICE_CLASS_100
   */
  readonly priceClass?: cloudfront.PriceClass;

  /**
   * Supported HTTP versions.
   *
   * @default HttpVersion.HTTP2_AND_3
   */
  readonly httpVersion?: cloudfront.HttpVersion;

  /**
   * Restriction of the countries from which viewers can access the distribution.
   *
   * @default - no restriction
   */
  readonly geoRestriction?: cloudfront.GeoRestriction;

  /**
   * Whether CloudFront publishes additional metrics, such as the cache hit rate, for a fixed monthly price. A dashboard of the
   * pipeline shows these metrics.
   *
   * @default false
   */
  readonly publishAdditionalMetrics?: boolean;

  /**
   * Whether to invalidate the cached thumbnails of replaced and deleted images. Adds a {@link ThumbnailPurge} with default
   * settings and enables the events of the pipeline. CloudFront bills invalidations.
   *
   * @default false - CloudFront caches thumbnails for the time in their `Cache-Control` header
   */
  readonly purge?: boolean;
}

/** Properties of {@link ThumbnailDistribution}. */
export interface ThumbnailDistributionProps extends ThumbnailDistributionOptions {
  /** Pipeline of this app with an API. Imported pipelines are not supported. */
  readonly pipeline: IThumbnailPipeline;
}

/**
 * CloudFront distribution for the thumbnails of a pipeline.
 *
 * The distribution serves `GET` and `HEAD` requests for `/thumbnails/{name}/{key+}`. With public read access, the distribution
 * also serves `/images/{key+}`, and requests with the key in the query. Clients send uploads and deletions to the URL of the
 * API, or to the distribution if `onlyThroughDistribution` of the API is set.
 */
export class ThumbnailDistribution extends Construct {
  /** Id of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-thumbnails.ThumbnailDistribution';

  /** CloudFront distribution. */
  public readonly distribution: cloudfront.Distribution;
  /** Behaviors of the distribution. */
  public readonly behaviors: ThumbnailBehaviors;
  /**
   * URL of the distribution with a trailing slash. The host is the first domain name of `domainNames`, or the domain name that
   * CloudFront assigns.
   */
  public readonly url: string;
  /** Invalidation of changed thumbnails; undefined without `purge`. */
  public readonly purge?: ThumbnailPurge;
  /** Web ACL; undefined without `webAcl`. */
  public readonly webAcl?: ThumbnailWebAcl;
  /**
   * Delivery of the access logs; undefined without `accessLogs`. Set `recordFields` of the delivery to select the fields of the
   * records.
   */
  public readonly accessLogDelivery?: CfnDelivery;

  /**
   * Creates the distribution.
   *
   * @param scope parent construct
   * @param id construct id
   * @param props pipeline, domain names and other settings of the distribution
   * @throws Error if props are invalid; the message lists all errors
   */
  public constructor(scope: Construct, id: string, props: ThumbnailDistributionProps) {
    super(scope, id);
    props = injectedProps(scope, id, ThumbnailDistribution.PROPERTY_INJECTION_ID, props);

    if (isInChina(this)) {
      throw new Error(
        `${this.node.path}: CloudFront in the China regions supports no default domain name and no ACM certificates; ` +
          'create a Distribution and call addBehaviorsTo()',
      );
    }
    const errors = new ValidationErrors();
    errors.add(validateDistribution(props));
    if (props.webAcl) {
      errors.add(validateWebAcl(props.webAcl), 'webAcl');
      errors.add(validateWebAclRegion(this));
    }
    errors.add(props.accessLogs ? validateAccessLogs(this, props.accessLogs) : []);
    const source = distributionSourceOf(this, props.pipeline);
    errors.add(validateBehaviorOptions(props, source));
    errors.throwIfAny(this);

    this.behaviors = new ThumbnailBehaviors(this, 'Behaviors', props);
    this.webAcl = props.webAcl && new ThumbnailWebAcl(this, 'WebAcl', props.webAcl);
    const { behaviors } = this.behaviors;
    // The default behavior receives the requests that match no path pattern. Its CloudFront function rejects these requests.
    const [defaultBehavior] = Object.values(behaviors);
    this.distribution = new cloudfront.Distribution(this, 'Distribution', {
      comment: 'cdk-thumbnails',
      defaultBehavior: defaultBehavior!,
      additionalBehaviors: behaviors,
      errorResponses: ERRORS.map((httpStatus) => ({ httpStatus, ttl: ERROR_TTL })),
      domainNames: props.domainNames,
      certificate: props.certificate,
      webAclId: this.webAcl?.webAclArn ?? props.webAclId,
      enableLogging: props.logBucket !== undefined,
      logBucket: props.logBucket,
      logFilePrefix: props.logFilePrefix,
      priceClass: props.priceClass ?? cloudfront.PriceClass.PRICE_CLASS_100,
      httpVersion: props.httpVersion ?? cloudfront.HttpVersion.HTTP2_AND_3,
      minimumProtocolVersion:
        props.certificate && (props.minimumProtocolVersion ?? cloudfront.SecurityPolicyProtocol.TLS_V1_2_2025),
      geoRestriction: props.geoRestriction,
      publishAdditionalMetrics: props.publishAdditionalMetrics,
    });
    source.register({
      distributionId: this.distribution.distributionId,
      hasAdditionalMetrics: props.publishAdditionalMetrics ?? false,
    });
    if (props.purge) {
      this.purge = new ThumbnailPurge(this, 'Purge', { pipeline: props.pipeline, distribution: this.distribution });
    }
    if (props.accessLogs) {
      this.accessLogDelivery = createAccessLogs(this.distribution, this, props.accessLogs);
    }
    this.url = `https://${props.domainNames?.[0] ?? this.distribution.distributionDomainName}${props.basePath ?? ''}/`;
    this.behaviors._signLinks(this.url.replace(/\/$/, ''));
  }
}

function validateDistribution({
  domainNames,
  certificate,
  minimumProtocolVersion,
  logBucket,
  logFilePrefix,
  webAcl,
  webAclId,
}: ThumbnailDistributionOptions): string[] {
  const errors: string[] = [];
  if (webAcl && webAclId !== undefined) {
    errors.push(validationError('webAcl', 'webAcl and webAclId are both set', 'remove one of them'));
  }
  if (domainNames?.length && !certificate) {
    errors.push(validationError('certificate', 'undefined with domainNames', 'pass a certificate for these domains'));
  }
  if (certificate && !domainNames?.length) {
    errors.push(validationError('domainNames', 'undefined with a certificate', 'list the domains of the certificate'));
  }
  if (minimumProtocolVersion !== undefined && !certificate) {
    const finding = `${minimumProtocolVersion} requires a certificate`;
    errors.push(
      validationError(
        'minimumProtocolVersion',
        finding,
        'pass certificate and domainNames, or remove minimumProtocolVersion',
      ),
    );
  }
  if (logFilePrefix !== undefined && !Token.isUnresolved(logFilePrefix) && !logBucket) {
    errors.push(validationError('logFilePrefix', 'a prefix requires logBucket', 'set logBucket'));
  }
  return errors;
}
