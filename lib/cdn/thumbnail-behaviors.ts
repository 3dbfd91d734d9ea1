import { Annotations, Duration } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, OriginGroup } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Construct } from 'constructs';
import { DISTRIBUTION_HEADER, DISTRIBUTION_KEY_ID, PREFIX_HEADER, STORED_PATH } from '../../runtime/contract';
import type { IThumbnailPipeline } from '../pipeline/thumbnail-pipeline-interface';
import { injectedProps } from '../private/property-injection';
import { isInChina } from '../private/stacks';
import { ValidationErrors } from '../private/validation';
import { validateBehaviorOptions } from './behavior-validation';
import { type ApiOrigin, distributionSourceOf } from './distribution-source';
import { edgeFunctionCode, type EdgeFunctionName, type EdgeSettings } from './edge-function';
import { createLinkKeys } from './link-signing';
import { sharedPolicy } from './shared-policies';
import type { ThumbnailBehaviorOptions } from './thumbnail-behavior-options';
import { ThumbnailOrigin } from './thumbnail-origin';

const MAX_TTL = Duration.days(365);
const DEFAULT_IMAGE_TTL = Duration.minutes(1);

/** Comments of the CloudFront functions. CloudFormation templates contain these comments. */
const COMMENTS: Readonly<Record<EdgeFunctionName, string>> = {
  normalize: 'one cache key for one thumbnail',
  respond: 'headers that S3 objects do not have',
};

/** Properties of {@link ThumbnailBehaviors}. */
export interface ThumbnailBehaviorsProps extends ThumbnailBehaviorOptions {
  /** Pipeline of this app with an API. Imported pipelines are not supported. */
  readonly pipeline: IThumbnailPipeline;
}

/**
 * CloudFront behaviors for the thumbnails of a pipeline, with their functions, policies and origins.
 *
 * CloudFront reads stored thumbnails from the bucket, and requests missing thumbnails from the API. The API creates missing
 * thumbnails. Pass {@link behaviors} to your own distribution, or use `addBehaviorsTo` of the pipeline.
 */
export class ThumbnailBehaviors extends Construct {
  /** Id of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-thumbnails.ThumbnailBehaviors';

  /** Behaviors by path pattern, the most specific pattern first. */
  public readonly behaviors: { readonly [pathPattern: string]: cloudfront.BehaviorOptions };
  /** CloudFront function for viewer requests: maps equivalent requests to one cache key. */
  public readonly requestFunction: cloudfront.Function;
  /** CloudFront function for viewer responses: adds the headers that S3 objects do not have. */
  public readonly responseFunction: cloudfront.Function;
  /** Origin access control for the thumbnail bucket. */
  public readonly accessControl: cloudfront.S3OriginAccessControl;
  /**
   * Cache policies of the behaviors. The first policy applies to stored thumbnails. With public read access, further policies
   * apply to API responses and manifests. Distributions in one stack share policies with equal settings.
   */
  public readonly cachePolicies: cloudfront.CachePolicy[] = [];
  /** Response headers policy. */
  public readonly responseHeadersPolicy: cloudfront.IResponseHeadersPolicy;

  private signLinks?: (url: string) => void;

  /**
   * Creates the behaviors.
   *
   * @param scope parent construct
   * @param id construct id
   * @param props pipeline, access and settings of the behaviors
   * @throws Error if props are invalid; the message lists all errors
   */
  public constructor(scope: Construct, id: string, props: ThumbnailBehaviorsProps) {
    super(scope, id);
    props = injectedProps(scope, id, ThumbnailBehaviors.PROPERTY_INJECTION_ID, props);

    const { basePath = '', originShieldRegion } = props;
    const source = distributionSourceOf(this, props.pipeline);
    const errors = new ValidationErrors();
    errors.add(validateBehaviorOptions(props, source));
    errors.throwIfAny(this);
    if (isInChina(this)) {
      Annotations.of(this).addWarningV2(
        'cdk-thumbnails:distributionInChina',
        'CloudFront in the China regions has fewer features. Verify that it supports CloudFront functions and origin ' +
          'access control before you deploy.',
      );
    }

    const { formats, thumbnails, isPublic } = source;
    const settings = { formats, prefix: thumbnails.prefix, base: basePath, query: isPublic };
    this.requestFunction = this.createFunction('Request', 'normalize', settings);
    this.responseFunction = this.createFunction('Response', 'respond', settings);
    this.responseHeadersPolicy = props.responseHeadersPolicy ?? this.createHeadersPolicy(props.corsOrigins ?? []);
    const api = source.connectApi();
    const apiOrigin = createApiOrigin(api, { basePath, originShieldRegion });
    this.accessControl = new cloudfront.S3OriginAccessControl(this, 'AccessControl', { description: 'cdk-thumbnails' });
    const bucketOrigin = new ThumbnailOrigin(thumbnails, this.accessControl, { originShieldRegion });

    const forwarding = this.forwardingOptions(apiOrigin, basePath);
    const { reading, writing } = source.forwarded;
    const keys = props.linkSigning && createLinkKeys(this, props.linkSigning);
    const keyGroups = keys && [...(props.trustedKeyGroups ?? []), keys.keyGroup];
    const common = this.commonOptions(keyGroups ?? props.trustedKeyGroups);
    const stored: cloudfront.BehaviorOptions = {
      ...common,
      origin: new OriginGroup({
        primaryOrigin: bucketOrigin,
        fallbackOrigin: createApiOrigin(api, { basePath, originShieldRegion, originPath: STORED_PATH }),
        // S3 returns 403 for a missing object, because CloudFront has no s3:ListBucket permission.
        fallbackStatusCodes: [403, 404],
      }),
      cachePolicy: this.createCachePolicy('Stored', { parameters: ['v'] }),
      compress: false,
    };
    this.behaviors = {
      [`${basePath}/thumbnails/*/*`]: stored,
      ...(isPublic && {
        [`${basePath}/thumbnails/*`]: {
          ...common,
          origin: apiOrigin,
          cachePolicy: this.createCachePolicy('Asked', { parameters: ['format', 'key', 'v'] }),
          compress: true,
        },
        [`${basePath}/images*`]: {
          ...common,
          origin: apiOrigin,
          cachePolicy: this.createCachePolicy('Images', {
            parameters: ['key'],
            maxTtl: props.imageTtl ?? DEFAULT_IMAGE_TTL,
            compressed: true,
          }),
          compress: true,
          functionAssociations: common.functionAssociations.slice(0, 1),
        },
      }),
      ...(reading && { [`${basePath}/thumbnails/*`]: forwarding() }),
      // Clients read manifests and send deletions at the same paths. One cache policy applies to both, so nothing is cached.
      ...((reading || writing) && { [`${basePath}/images*`]: forwarding() }),
      ...(writing && { [`${basePath}/uploads*`]: forwarding() }),
    };
    if (keys) {
      this.signLinks = (url) => source.signLinks(this, { ...keys.settings, url });
      if (props.linkSigning?.url !== undefined) {
        this._signLinks(props.linkSigning.url);
      }
      this.node.addValidation({
        validate: () =>
          this.signLinks
            ? ['linkSigning.url: undefined for an existing distribution; pass the URL of the distribution']
            : [],
      });
    }
  }

  /**
   * Sets the URL of the links. Has no effect if `linkSigning` is undefined or already contains a URL.
   *
   * @internal
   */
  public _signLinks(url: string): void {
    this.signLinks?.(url);
    this.signLinks = undefined;
  }

  private commonOptions(trustedKeyGroups: cloudfront.IKeyGroupRef[] | undefined) {
    const { VIEWER_REQUEST, VIEWER_RESPONSE } = cloudfront.FunctionEventType;
    return {
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: cloudfront.AllowedMethods.ALLOW_GET_HEAD,
      responseHeadersPolicy: this.responseHeadersPolicy,
      functionAssociations: [
        { function: this.requestFunction, eventType: VIEWER_REQUEST },
        { function: this.responseFunction, eventType: VIEWER_RESPONSE },
      ],
      trustedKeyGroups,
    };
  }

  /**
   * Returns a function that creates behavior options. The behaviors forward requests with all headers except `Host`. The API
   * authorizes these requests.
   */
  private forwardingOptions(origin: cloudfront.IOrigin, basePath: string): () => cloudfront.BehaviorOptions {
    let options: cloudfront.BehaviorOptions | undefined;
    return () =>
      (options ??= {
        origin,
        // Rejects HTTP requests. A redirect to HTTPS would be too late, because the HTTP request has already exposed its token.
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
        allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
        cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
        originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        ...(basePath !== '' && {
          functionAssociations: [
            {
              eventType: cloudfront.FunctionEventType.VIEWER_REQUEST,
              function: new cloudfront.Function(this, 'Forward', {
                comment: 'cdk-thumbnails: removes the base path from API requests',
                runtime: cloudfront.FunctionRuntime.JS_2_0,
                code: cloudfront.FunctionCode.fromInline(
                  `function handler(event) {\n  event.request.uri = event.request.uri.slice(${basePath.length});\n  return event.request;\n}\n`,
                ),
              }),
            },
          ],
        }),
      });
  }

  private createFunction(id: string, name: EdgeFunctionName, settings: EdgeSettings): cloudfront.Function {
    return new cloudfront.Function(this, id, {
      comment: `cdk-thumbnails: ${COMMENTS[name]}`,
      runtime: cloudfront.FunctionRuntime.JS_2_0,
      code: cloudfront.FunctionCode.fromInline(edgeFunctionCode(this, name, settings)),
    });
  }

  private createCachePolicy(
    id: string,
    settings: { readonly parameters: string[]; readonly maxTtl?: Duration; readonly compressed?: boolean },
  ): cloudfront.CachePolicy {
    const { parameters, maxTtl = MAX_TTL, compressed = false } = settings;
    const policyProps: cloudfront.CachePolicyProps = {
      comment: `cdk-thumbnails: ${id.toLowerCase()}`,
      // A minimum TTL above zero would override Cache-Control: no-store.
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl,
      queryStringBehavior: cloudfront.CacheQueryStringBehavior.allowList(...parameters),
      headerBehavior: cloudfront.CacheHeaderBehavior.none(),
      cookieBehavior: cloudfront.CacheCookieBehavior.none(),
      enableAcceptEncodingGzip: compressed,
      enableAcceptEncodingBrotli: compressed,
    };
    const policy = sharedPolicy(
      this,
      id,
      policyProps,
      () => new cloudfront.CachePolicy(this, `${id}CachePolicy`, policyProps),
    );
    this.cachePolicies.push(policy);
    return policy;
  }

  private createHeadersPolicy(corsOrigins: string[]): cloudfront.ResponseHeadersPolicy {
    const policyProps: cloudfront.ResponseHeadersPolicyProps = {
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
    };
    return sharedPolicy(
      this,
      'Headers',
      policyProps,
      () => new cloudfront.ResponseHeadersPolicy(this, 'HeadersPolicy', policyProps),
    );
  }
}

interface ApiOriginOptions {
  readonly basePath: string;
  readonly originShieldRegion: string | undefined;
  readonly originPath?: string;
}

function createApiOrigin(
  { domainName, secret }: ApiOrigin,
  { basePath, originShieldRegion, originPath }: ApiOriginOptions,
): cloudfront.IOrigin {
  // The value is a dynamic reference, which CloudFormation resolves at deployment. Therefore, no template contains the secret.
  const key = secret?.secretValueFromJson(DISTRIBUTION_KEY_ID).unsafeUnwrap();
  const customHeaders = {
    ...(key !== undefined && { [DISTRIBUTION_HEADER]: key }),
    ...(basePath !== '' && { [PREFIX_HEADER]: basePath }),
  };
  return new HttpOrigin(domainName, {
    originPath,
    originShieldRegion,
    protocolPolicy: cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
    customHeaders: Object.keys(customHeaders).length === 0 ? undefined : customHeaders,
  });
}
