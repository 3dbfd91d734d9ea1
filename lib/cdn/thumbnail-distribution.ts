import { Duration, Token } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { injectedProps } from '../private/property-injection';
import { isOfChina } from '../private/stacks';
import { invalidValue, ValidationErrors } from '../private/validation';
import { ThumbnailBehaviors, type ThumbnailBehaviorOptions } from './thumbnail-behaviors';
import type { ThumbnailOrigins } from './thumbnail-origins';

/** Errors of origins that CloudFront would keep for ten seconds. */
const ERRORS = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];
/** A missing image may be there a second later; that long, an origin in trouble is left alone. */
const ERROR_TTL = Duration.seconds(1);

/** Options of the distribution of a pipeline. */
export interface ThumbnailDistributionOptions extends ThumbnailBehaviorOptions {
  /**
   * Domains of your own that the thumbnails are served at. Each needs a record at its DNS, which is not made here.
   *
   * @default - the one that CloudFront gives
   */
  readonly domainNames?: string[];

  /**
   * Certificate of these domains, of the region us-east-1.
   *
   * @default - that of the domain that CloudFront gives
   */
  readonly certificate?: ICertificate;

  /**
   * ARN of a web ACL of AWS WAF, of the scope CLOUDFRONT in us-east-1.
   *
   * @default - none
   */
  readonly webAclId?: string;

  /**
   * Where a line is written for every request: a bucket with ACLs, which CloudFront's logs need.
   *
   * @default - requests are not logged
   */
  readonly logBucket?: IBucket;

  /**
   * Put before the names of the logs.
   *
   * @default - nothing
   */
  readonly logFilePrefix?: string;

  /**
   * Which of CloudFront's places serve.
   *
   * @default PriceClass.PRICE_CLASS_100
   */
  readonly priceClass?: cloudfront.PriceClass;

  /**
   * Versions of HTTP.
   *
   * @default HttpVersion.HTTP2_AND_3
   */
  readonly httpVersion?: cloudfront.HttpVersion;

  /**
   * Countries that are served.
   *
   * @default - all of them
   */
  readonly geoRestriction?: cloudfront.GeoRestriction;
}

/** Properties of {@link ThumbnailDistribution}. */
export interface ThumbnailDistributionProps extends ThumbnailDistributionOptions {
  /** What is behind it. */
  readonly origins: ThumbnailOrigins;
}

/**
 * A CloudFront distribution in front of a pipeline: `GET` and `HEAD` of `/thumbnails/{name}/{key+}` as the API has them, and
 * where reading is for everyone also `/images/{key+}` and the forms with the key in the query. Writing stays with the API.
 */
export class ThumbnailDistribution extends Construct {
  /** What a property injector of the app names this class by. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-thumbnails.ThumbnailDistribution';

  /** The distribution. */
  public readonly distribution: cloudfront.Distribution;
  /** Its behaviours, and what they need. */
  public readonly behaviors: ThumbnailBehaviors;
  /** Its address, with a slash at the end: at the first domain of your own, where there is one. */
  public readonly url: string;

  /**
   * Makes the distribution, with its behaviours.
   *
   * @param scope where it belongs: a stack, or a construct in one
   * @param id its name there, a part of the logical ids of everything in it
   * @param props what is behind it, and how it is served
   * @throws where props are wrong: one error, which names each of them with what it got and what it takes
   */
  public constructor(scope: Construct, id: string, props: ThumbnailDistributionProps) {
    super(scope, id);
    props = injectedProps(scope, id, ThumbnailDistribution.PROPERTY_INJECTION_ID, props);

    const problems = new ValidationErrors();
    problems.add(distributionProblems(this, props));
    problems.throwIfAny(this);

    this.behaviors = new ThumbnailBehaviors(this, 'Behaviors', props);
    const { behaviors } = this.behaviors;
    // What no pattern is for is answered by the function.
    const [defaultBehavior] = Object.values(behaviors);
    this.distribution = new cloudfront.Distribution(this, 'Distribution', {
      comment: 'cdk-thumbnails',
      defaultBehavior: defaultBehavior!,
      additionalBehaviors: behaviors,
      errorResponses: ERRORS.map((httpStatus) => ({ httpStatus, ttl: ERROR_TTL })),
      domainNames: props.domainNames,
      certificate: props.certificate,
      webAclId: props.webAclId,
      enableLogging: props.logBucket !== undefined,
      logBucket: props.logBucket,
      logFilePrefix: props.logFilePrefix,
      priceClass: props.priceClass ?? cloudfront.PriceClass.PRICE_CLASS_100,
      httpVersion: props.httpVersion ?? cloudfront.HttpVersion.HTTP2_AND_3,
      minimumProtocolVersion: props.certificate && cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
      geoRestriction: props.geoRestriction,
    });
    this.url = `https://${props.domainNames?.[0] ?? this.distribution.distributionDomainName}${props.basePath ?? ''}/`;
  }
}

function distributionProblems(scope: Construct, props: ThumbnailDistributionProps): string[] {
  const { domainNames, certificate, logBucket, logFilePrefix } = props;
  const problems: string[] = [];
  if (isOfChina(scope)) {
    return [
      'CloudFront of the China regions serves no domain of its own and takes no certificate of ACM: make a distribution as ' +
        'it asks, and give it to addBehaviorsTo',
    ];
  }
  if (domainNames?.length && !certificate) {
    problems.push(invalidValue('certificate', 'none with domainNames', 'one for these domains'));
  }
  if (certificate && !domainNames?.length) {
    problems.push(invalidValue('domainNames', 'none with a certificate', 'the domains that it is for'));
  }
  if (logFilePrefix !== undefined && !Token.isUnresolved(logFilePrefix) && !logBucket) {
    problems.push(invalidValue('logFilePrefix', 'a prefix without logBucket', 'left out, or logBucket given'));
  }
  return problems;
}
