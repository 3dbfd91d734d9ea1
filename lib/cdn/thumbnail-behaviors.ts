import { Annotations, Duration } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, OriginGroup } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Construct } from 'constructs';
import { DISTRIBUTION_HEADER, DISTRIBUTION_KEY_ID, STORED_PATH } from '../../runtime/contract';
import { injectedProps } from '../private/property-injection';
import { isOfChina } from '../private/stacks';
import { validateDuration, validatePattern, invalidValue } from '../private/validation';
import { ValidationErrors } from '../private/validation';
import { ThumbnailOrigin } from './bucket-first-origin';
import { edgeFunctionCode, type EdgeFunctionName } from './edge-function';
import type { ThumbnailOrigins } from './thumbnail-origins';

/** Longest time that anything is kept at the edge: a year. */
const MAX_TTL = Duration.days(365);
const DEFAULT_IMAGE_TTL = Duration.minutes(1);
const BASE_PATTERN = /^(?:\/[\w.~-]+)*$/;
const ORIGIN_PATTERN = /^(?:\*|https?:\/\/[^/\s]+)$/;

/** How thumbnails are served by CloudFront, in a distribution of the pipeline's as in one of your own. */
export interface ThumbnailBehaviorOptions {
  /**
   * Keys that links or cookies are signed with: CloudFront refuses whatever is not. To replace a key, have both in the
   * group for a while. Needed where reading the API is not for everyone, because CloudFront cannot ask for what the API
   * asks for.
   *
   * @default - everyone may read
   */
  readonly trustedKeyGroups?: cloudfront.IKeyGroupRef[];

  /**
   * What stands before the paths of the API, such as `/media`, without a slash after it.
   *
   * @default - nothing
   */
  readonly basePath?: string;

  /**
   * How long what is known of an image is kept, 1 second to 1 day, if the API says that it may be.
   *
   * @default Duration.minutes(1)
   */
  readonly imageTtl?: Duration;

  /**
   * Origins whose pages may read the bytes of thumbnails, such as `https://example.com`, or `*`. Plain `<img>` elements
   * need none.
   *
   * @default - no other origin
   */
  readonly corsOrigins?: string[];

  /**
   * Headers that are put on every answer.
   *
   * @default - a new policy: `Cross-Origin-Resource-Policy: cross-origin`, `X-Content-Type-Options: nosniff`, a
   * Content-Security-Policy that lets a picture do nothing, and those of `corsOrigins`
   */
  readonly responseHeadersPolicy?: cloudfront.IResponseHeadersPolicy;

  /**
   * Region of Origin Shield, a cache before both origins: the region of the pipeline, or the one nearest to it.
   *
   * @default - no Origin Shield
   */
  readonly originShieldRegion?: string;
}

/** Properties of {@link ThumbnailBehaviors}. */
export interface ThumbnailBehaviorsProps extends ThumbnailBehaviorOptions {
  /** What is behind them. */
  readonly origins: ThumbnailOrigins;
}

/**
 * CloudFront's behaviours for the thumbnails of a pipeline, and what they need: functions that make one cache key of what
 * browsers ask for in many ways and complete what the bucket answers, policies, and origins. Thumbnails that are stored are
 * read from the bucket; those that are not, from the API, which makes and stores them.
 */
export class ThumbnailBehaviors extends Construct {
  /** What a property injector of the app names this class by. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-thumbnails.ThumbnailBehaviors';

  /** The behaviours by their path patterns, the more special ones first. */
  public readonly behaviors: { readonly [pathPattern: string]: cloudfront.BehaviorOptions };
  /** Sees every request first. */
  public readonly requestFunction: cloudfront.Function;
  /** Sees every thumbnail last: says what an answer of the bucket depends on, and that bytes named by their version stay. */
  public readonly responseFunction: cloudfront.Function;
  /** Lets the distribution read the bucket, by requests that it signs. */
  public readonly accessControl: cloudfront.S3OriginAccessControl;
  /** What answers are kept by: of stored thumbnails, and where reading is for everyone of those asked of the API and of images. */
  public readonly cachePolicies: cloudfront.CachePolicy[] = [];
  /** Headers on every answer. */
  public readonly responseHeadersPolicy: cloudfront.IResponseHeadersPolicy;

  /**
   * Makes the behaviours, and what they need.
   *
   * @param scope where it belongs: a stack, or a construct in one
   * @param id its name there, a part of the logical ids of everything in it
   * @param props what is behind them, and how it is served
   * @throws where props are wrong: one error, which names each of them with what it got and what it takes
   */
  public constructor(scope: Construct, id: string, props: ThumbnailBehaviorsProps) {
    super(scope, id);
    props = injectedProps(scope, id, ThumbnailBehaviors.PROPERTY_INJECTION_ID, props);

    const { origins, basePath = '', originShieldRegion, trustedKeyGroups } = props;
    const isOpen = origins.originSecret === undefined;
    const problems = new ValidationErrors();
    problems.add(behaviorProblems(props));
    problems.throwIfAny(this);
    if (isOfChina(this)) {
      Annotations.of(this).addWarningV2(
        'cdk-thumbnails:distributionInChina',
        'CloudFront of the China regions is a service of its own, with fewer features: see whether it has functions and ' +
          'origin access control before you deploy this',
      );
    }

    const settings = { formats: origins.formats, prefix: origins.thumbnailPrefix, base: basePath, query: isOpen };
    const edgeFunction = (functionId: string, name: EdgeFunctionName, comment: string): cloudfront.Function =>
      new cloudfront.Function(this, functionId, {
        comment: `cdk-thumbnails: ${comment}`,
        runtime: cloudfront.FunctionRuntime.JS_2_0,
        code: cloudfront.FunctionCode.fromInline(edgeFunctionCode(this, name, settings)),
      });
    this.requestFunction = edgeFunction('Request', 'normalize', 'one cache key for one thumbnail');
    this.responseFunction = edgeFunction('Response', 'respond', 'what the bucket cannot say of a thumbnail');
    this.responseHeadersPolicy = props.responseHeadersPolicy ?? this.defineHeaders(props.corsOrigins ?? []);
    const seen = { function: this.requestFunction, eventType: cloudfront.FunctionEventType.VIEWER_REQUEST };
    const completed = { function: this.responseFunction, eventType: cloudfront.FunctionEventType.VIEWER_RESPONSE };
    const common = {
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: cloudfront.AllowedMethods.ALLOW_GET_HEAD,
      responseHeadersPolicy: this.responseHeadersPolicy,
      functionAssociations: [seen, completed],
      trustedKeyGroups,
    };
    const secret = origins.originSecret?.secretValueFromJson(DISTRIBUTION_KEY_ID).unsafeUnwrap();
    const apiOrigin = (originPath?: string): cloudfront.IOrigin =>
      new HttpOrigin(origins.apiDomainName, {
        originPath,
        originShieldRegion,
        protocolPolicy: cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
        // A reference, which CloudFormation follows at deployment: the value itself is in no template.
        customHeaders: secret === undefined ? undefined : { [DISTRIBUTION_HEADER]: secret },
      });
    this.accessControl = new cloudfront.S3OriginAccessControl(this, 'AccessControl', { description: 'cdk-thumbnails' });
    const stored: cloudfront.BehaviorOptions = {
      ...common,
      origin: new OriginGroup({
        primaryOrigin: new ThumbnailOrigin(
          { bucket: origins.thumbnailBucket, prefix: origins.thumbnailPrefix },
          this.accessControl,
          { originShieldRegion },
        ),
        fallbackOrigin: apiOrigin(STORED_PATH),
        // S3 says 403 of what is missing to who may not list, which CloudFront may not: then the API tells which it is.
        fallbackStatusCodes: [403, 404],
      }),
      cachePolicy: this.definePolicy('Stored', { parameters: ['v'] }),
      compress: false,
    };
    const api = apiOrigin();
    const asked = (cachePolicy: cloudfront.ICachePolicy): cloudfront.BehaviorOptions => ({
      ...common,
      origin: api,
      cachePolicy,
      compress: true,
    });
    this.behaviors = {
      [`${basePath}/thumbnails/*/*`]: stored,
      ...(isOpen && {
        [`${basePath}/thumbnails/*`]: asked(this.definePolicy('Asked', { parameters: ['format', 'key', 'v'] })),
        [`${basePath}/images*`]: {
          ...asked(
            this.definePolicy('Images', {
              parameters: ['key'],
              maxTtl: props.imageTtl ?? DEFAULT_IMAGE_TTL,
              encoded: true,
            }),
          ),
          functionAssociations: [seen],
        },
      }),
    };
  }

  private definePolicy(
    id: string,
    settings: { readonly parameters: string[]; readonly maxTtl?: Duration; readonly encoded?: boolean },
  ): cloudfront.CachePolicy {
    const { parameters, maxTtl = MAX_TTL, encoded = false } = settings;
    const policy = new cloudfront.CachePolicy(this, `${id}CachePolicy`, {
      comment: `cdk-thumbnails: ${id.toLowerCase()}`,
      // Zero, so that an answer that says no-store is not stored; and for what says nothing, as no answer here does.
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl,
      queryStringBehavior: cloudfront.CacheQueryStringBehavior.allowList(...parameters),
      headerBehavior: cloudfront.CacheHeaderBehavior.none(),
      cookieBehavior: cloudfront.CacheCookieBehavior.none(),
      enableAcceptEncodingGzip: encoded,
      enableAcceptEncodingBrotli: encoded,
    });
    this.cachePolicies.push(policy);
    return policy;
  }

  private defineHeaders(corsOrigins: string[]): cloudfront.ResponseHeadersPolicy {
    return new cloudfront.ResponseHeadersPolicy(this, 'HeadersPolicy', {
      comment: 'cdk-thumbnails',
      customHeadersBehavior: {
        customHeaders: [{ header: 'Cross-Origin-Resource-Policy', value: 'cross-origin', override: true }],
      },
      securityHeadersBehavior: {
        contentTypeOptions: { override: true },
        contentSecurityPolicy: { contentSecurityPolicy: "default-src 'none'; sandbox", override: true },
      },
      ...(corsOrigins.length > 0 && {
        corsBehavior: {
          accessControlAllowOrigins: corsOrigins,
          accessControlAllowMethods: ['GET', 'HEAD'],
          accessControlAllowHeaders: ['*'],
          accessControlAllowCredentials: false,
          accessControlExposeHeaders: ['ETag'],
          accessControlMaxAge: Duration.hours(2),
          originOverride: true,
        },
      }),
    });
  }
}

function behaviorProblems(props: ThumbnailBehaviorsProps): string[] {
  const { origins, basePath, corsOrigins = [], imageTtl, responseHeadersPolicy, trustedKeyGroups = [] } = props;
  const problems = [
    ...validatePattern('basePath', basePath, BASE_PATTERN, 'a path such as /media, without a slash after it'),
    ...validateDuration('imageTtl', imageTtl, { min: 1, max: 86_400 }),
    ...corsOrigins.flatMap((origin, index) =>
      validatePattern(`corsOrigins[${index}]`, origin, ORIGIN_PATTERN, '* or an origin such as https://example.com'),
    ),
  ];
  if (origins.originSecret && trustedKeyGroups.length === 0) {
    problems.push(
      invalidValue(
        'trustedKeyGroups',
        'none',
        'given where reading the API is not for everyone: CloudFront can ask for links that it can check itself, and for ' +
          'nothing else; or set api.access to publicRead()',
      ),
    );
  }
  if (!origins.originSecret && trustedKeyGroups.length > 0) {
    problems.push(
      invalidValue(
        'trustedKeyGroups',
        `${trustedKeyGroups.length} with api.access publicRead()`,
        'left out, or api.access another: the API would answer everyone whom CloudFront refuses',
      ),
    );
  }
  if (responseHeadersPolicy && corsOrigins.length > 0) {
    problems.push(
      invalidValue(
        'corsOrigins',
        'origins beside a responseHeadersPolicy',
        'left out: the policy of your own says them',
      ),
    );
  }
  return problems;
}
