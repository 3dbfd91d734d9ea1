import { RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { DISTRIBUTION_KEY_ID, HTTP_VARIABLES, routesWithAccess } from '../../runtime/contract';
import {
  apiAccessOf,
  type BoundApiAccess,
  bindApiAccess,
  httpEnvironment,
  separateEnvironments,
  signingOf,
} from '../api/http-environment';
import { ThumbnailAccess } from '../api/thumbnail-access';
import { ThumbnailApi } from '../api/thumbnail-api';
import type { ThumbnailApiGrantOptions, ThumbnailPipelineApiOptions } from '../api/thumbnail-api-options';
import type { ApiOrigin, ForwardedRoutes } from '../cdn/distribution-source';
import type { LinkSigningSettings } from '../cdn/link-signing';
import { endpointDomain, endpointUrl, validateEndpoint } from '../compute/api-endpoint';
import type { ThumbnailComputeMetrics } from '../compute/compute-metrics';
import type { IThumbnailApiBinding, ThumbnailComputeBindOptions } from '../compute/compute-protocol';
import type { ThumbnailCompute } from '../compute/thumbnail-compute';
import { httpApiMetrics } from '../monitoring/pipeline-metrics';
import { createKeySecret } from '../private/key-secret';
import { type BucketPart, grantReadSecret, grantReconcile, grantWriteSources } from '../private/permissions';
import { toJson } from '../private/stacks';
import { ValidationErrors } from '../private/validation';

/** Settings of the HTTP API of a pipeline. */
export interface PipelineApiSettings {
  readonly options: ThumbnailPipelineApiOptions;
  readonly compute: ThumbnailCompute;
  readonly bindOptions: ThumbnailComputeBindOptions;
  readonly source: BucketPart;
  readonly thumbnails: BucketPart;
  /** Grants permission to read the settings. */
  readonly grantReadSettings: (grantee: IGrantable) => void;
  /** Grants permission to analyze images. */
  readonly grantAnalyze: (grantee: IGrantable) => void;
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * HTTP API of a pipeline. Consists of the compute of the API and, for a compute without an endpoint, an API Gateway HTTP API.
 */
export class PipelineApi {
  /** Resources that the compute creates for the API. */
  public readonly binding: IThumbnailApiBinding;
  /** API Gateway HTTP API; undefined if the compute has an endpoint. */
  public readonly httpApi?: ThumbnailApi;
  /** URL with a trailing slash. */
  public readonly url: string;
  /** URL of the routes for uploads and deletion, with a trailing slash. Equals {@link url} for an API with one endpoint. */
  public readonly writeUrl: string;
  /** Domain name of the API, which CloudFront uses as the origin. */
  public readonly domainName: string;
  /** Secret with the keys of signed links; undefined without signed access. */
  public readonly signingKeys?: ISecret;

  private createdDistributionSecret?: ISecret;
  private hasDistribution = false;
  private signsLinks = false;

  /**
   * Binds the compute and creates the API.
   *
   * @throws Error if the binding contains neither or both of `integration` and `endpoint`, or an invalid endpoint
   */
  public constructor(
    private readonly scope: Construct,
    private readonly settings: PipelineApiSettings,
  ) {
    const { options, compute, bindOptions } = settings;
    const access = bindApiAccess(scope, options);
    this.signingKeys = signingOf(access)?.keys;
    retainWithData(scope, this.signingKeys, settings.removalPolicy);
    this.binding = compute.bindApi(scope, {
      ...bindOptions,
      environment: { ...bindOptions.environment, ...httpEnvironment(scope, access, options) },
      apiAccess: apiAccessOf(options),
      separateEnvironments: separateEnvironments(scope, access, options, bindOptions.environment),
    });
    this.grant(access);
    if (options.onlyThroughDistribution) {
      this.requireDistribution();
    }
    const { endpoint, integration, writeApi } = this.binding;
    if ((endpoint === undefined) === (integration === undefined)) {
      throw new Error(
        `${scope.node.path}: compute: bindApi() returned ${endpoint === undefined ? 'neither' : 'both'} integration ` +
          `${endpoint === undefined ? 'nor' : 'and'} endpoint; expected either integration or endpoint`,
      );
    }
    if (endpoint === undefined) {
      this.httpApi = this.createHttpApi(access);
      this.url = this.httpApi.url;
      const { region, urlSuffix } = Stack.of(scope);
      this.domainName = `${this.httpApi.httpApi.apiId}.execute-api.${region}.${urlSuffix}`;
    } else {
      this.validateEndpoint();
      this.url = endpointUrl(endpoint);
      this.domainName = endpointDomain(endpoint);
    }
    this.writeUrl = writeApi ? endpointUrl(writeApi.endpoint) : this.url;
  }

  /**
   * Secret with the key that distributions send to the API. With `onlyThroughDistribution`, the constructor creates the secret.
   * Otherwise, the first call of {@link connectDistribution} creates the secret, unless the API is public.
   */
  public get distributionSecret(): ISecret | undefined {
    return this.createdDistributionSecret;
  }

  /** Metrics of the compute of the API. If API Gateway serves the API, also contains the metrics of API Gateway. */
  public get metrics(): ThumbnailComputeMetrics {
    const { httpApi } = this;
    return { ...(httpApi && httpApiMetrics(this.scope, httpApi.httpApi.apiId)), ...this.binding.metrics };
  }

  /** Whether the API accepts every read request. */
  public get isPublic(): boolean {
    return this.settings.options.access?._isPublic ?? false;
  }

  /** Routes that clients can use only through a distribution. Distributions forward these routes without caching. */
  public get forwardedRoutes(): ForwardedRoutes {
    const { onlyThroughDistribution = false, writeAccess } = this.settings.options;
    return {
      reading: onlyThroughDistribution && !this.isPublic,
      writing: onlyThroughDistribution && writeAccess !== undefined,
    };
  }

  /**
   * Returns the API Gateway HTTP API.
   *
   * @throws Error if the compute has an endpoint
   */
  public requireHttpApi(method: string): ThumbnailApi {
    if (!this.httpApi) {
      throw new Error(
        `${this.scope.node.path}: ${method}: the endpoint of the compute has no IAM authorization; ` +
          'use signed links or a compute with an integration',
      );
    }
    return this.httpApi;
  }

  /**
   * Grants permission to read thumbnails and manifests through the API.
   *
   * @throws Error if `keyPrefix` is invalid. A compute with an endpoint must have IAM authorization, and supports no `keyPrefix`
   */
  public grantRead(
    grantee: IGrantable,
    thumbnails: readonly { readonly name: string }[],
    { keyPrefix }: ThumbnailApiGrantOptions = {},
  ): Grant {
    if (keyPrefix !== undefined) {
      this.requireKeyPrefixes('grantApiRead');
      return this.requireHttpApi('grantApiRead')._grantScoped(grantee, {
        method: 'grantApiRead',
        keyPrefix,
        sourcePrefix: this.settings.source.prefix,
        routes: routesWithAccess('read', 'none'),
        names: [...new Set(thumbnails.map(({ name }) => name))],
        isIam: this.settings.options.access?._isIam ?? true,
      });
    }
    const { endpointGrants } = this.binding;
    return endpointGrants ? endpointGrants.invoke(grantee) : this.requireHttpApi('grantApiRead').grantRead(grantee);
  }

  /**
   * Grants permission to create uploads and delete images through the API.
   *
   * @throws Error if `keyPrefix` is invalid. A compute with an endpoint must have IAM authorization for uploads and deletion, and
   * supports no `keyPrefix`
   */
  public grantWrite(grantee: IGrantable, { keyPrefix }: ThumbnailApiGrantOptions = {}): Grant {
    if (keyPrefix !== undefined) {
      this.requireKeyPrefixes('grantApiWrite');
      return this.requireHttpApi('grantApiWrite')._grantScoped(grantee, {
        method: 'grantApiWrite',
        keyPrefix,
        sourcePrefix: this.settings.source.prefix,
        routes: routesWithAccess('write'),
        names: [],
        isIam: this.settings.options.writeAccess?._isIam ?? false,
      });
    }
    const endpointGrants = this.binding.writeApi?.endpointGrants;
    return endpointGrants ? endpointGrants.invoke(grantee) : this.requireHttpApi('grantApiWrite').grantWrite(grantee);
  }

  /**
   * Prepares the API for requests from distributions, and returns the origin for the API. All distributions use the same domain
   * name and secret.
   *
   * @throws Error if the endpoint of the compute requires IAM authorization
   */
  public connectDistribution(): ApiOrigin {
    if (this.binding.endpointGrants) {
      throw new Error(
        `${this.scope.node.path}: addDistribution: the endpoint of the compute requires IAM authorization, but requests ` +
          'of CloudFront have no IAM signature; set api.access to ThumbnailAccess.publicRead() or signed()',
      );
    }
    this.httpApi?._addDistributionRoutes();
    this.hasDistribution = true;
    if (!this.isPublic) {
      this.createdDistributionSecret ??= this.createDistributionSecret();
    }
    return { domainName: this.domainName, secret: this.createdDistributionSecret };
  }

  /**
   * Configures the runtime to sign links to thumbnails for a distribution.
   *
   * @throws Error if another distribution signs links, or if the URL depends on the API
   */
  public signLinks(
    distribution: Construct,
    { privateKeys, keyPairIds, lifetimeSeconds, url }: LinkSigningSettings,
  ): void {
    const prop = `${distribution.node.path}: linkSigning`;
    if (this.signsLinks) {
      throw new Error(
        `${prop}: another distribution of the pipeline signs links; set linkSigning for only one distribution`,
      );
    }
    const isInOtherStack = Stack.of(distribution) !== Stack.of(this.scope);
    if (isInOtherStack || (Token.isUnresolved(url) && this.binding.endpoint !== undefined)) {
      throw new Error(
        `${prop}: the API and the distribution would depend on each other; ` +
          (isInOtherStack
            ? 'create the distribution in the stack of the pipeline'
            : 'set domainNames and certificate, or linkSigning.url'),
      );
    }
    this.signsLinks = true;
    grantReadSecret(this.binding.grantee, privateKeys);
    this.binding.addEnvironment(HTTP_VARIABLES.cdnSigningSecret, privateKeys.secretArn);
    this.binding.addEnvironment(HTTP_VARIABLES.cdnKeyPairIds, toJson(this.scope, keyPairIds));
    this.binding.addEnvironment(HTTP_VARIABLES.cdnLinkLifetimeSeconds, String(lifetimeSeconds));
    this.binding.addEnvironment(HTTP_VARIABLES.distributionUrl, url);
  }

  /** Configures the API to reject direct requests of clients. Synthesis fails if the pipeline has no distribution. */
  private requireDistribution(): void {
    this.createdDistributionSecret = this.createDistributionSecret();
    this.binding.addEnvironment(HTTP_VARIABLES.onlyThroughDistribution, 'true');
    this.scope.node.addValidation({
      validate: () =>
        this.hasDistribution
          ? []
          : [
              'api.onlyThroughDistribution: the pipeline has no distribution, so that the API rejects every request; ' +
                'call addDistribution() or addBehaviorsTo(), or remove onlyThroughDistribution',
            ],
    });
  }

  /** Throws an error if the compute has an endpoint, because a permission for an endpoint applies to all source keys. */
  private requireKeyPrefixes(method: string): void {
    if (this.binding.endpoint !== undefined) {
      throw new Error(
        `${this.scope.node.path}: ${method}: keyPrefix: a permission for the endpoint of the compute includes all keys; ` +
          'remove keyPrefix, or use ThumbnailCompute.lambda() for the API',
      );
    }
  }

  private grant({ read, write }: BoundApiAccess): void {
    const { source, thumbnails, grantReadSettings, grantAnalyze } = this.settings;
    const { grantee, writeApi } = this.binding;
    grantReconcile(grantee, source, thumbnails);
    grantReadSettings(grantee);
    grantAnalyze(grantee);
    const readSigning = writeApi ? read.signing : signingOf({ read, write });
    if (readSigning) {
      grantReadSecret(grantee, readSigning.keys);
    }
    if (!write) {
      return;
    }
    if (!writeApi) {
      grantWriteSources(grantee, source);
      return;
    }
    grantReadSettings(writeApi.grantee);
    if (write.signing) {
      grantReadSecret(writeApi.grantee, write.signing.keys);
    }
    grantWriteSources(writeApi.grantee, source);
  }

  private createHttpApi(access: BoundApiAccess): ThumbnailApi {
    return new ThumbnailApi(this.scope, 'Api', {
      ...this.settings.options,
      access: ThumbnailAccess._fromBinding(access.read),
      writeAccess: access.write && ThumbnailAccess._fromBinding(access.write),
      integration: this.binding.integration!,
      removalPolicy: this.settings.removalPolicy,
    });
  }

  private validateEndpoint(): void {
    const { options } = this.settings;
    const errors = new ValidationErrors();
    errors.add(validateEndpoint(this.binding, options));
    errors.throwIfAny(this.scope);
    // The runtime adds the CORS headers, because this API has no API Gateway HTTP API that could add these headers.
    if (options.cors?.allowOrigins) {
      const origins = toJson(this.scope, options.cors.allowOrigins);
      this.binding.addEnvironment(HTTP_VARIABLES.corsOrigins, origins);
      this.binding.writeApi?.addEnvironment(HTTP_VARIABLES.corsOrigins, origins);
    }
  }

  private createDistributionSecret(): ISecret {
    const secret = createKeySecret(this.scope, 'DistributionSecret', {
      description: 'cdk-thumbnails: key that CloudFront sends to the API',
      keyId: DISTRIBUTION_KEY_ID,
    });
    grantReadSecret(this.binding.grantee, secret);
    this.binding.addEnvironment(HTTP_VARIABLES.distributionSecret, secret.secretArn);
    return secret;
  }
}

/**
 * Applies the removal policy of the buckets to signing keys that the pipeline creates. If CloudFormation deleted the keys but
 * not the images, a new pipeline would have new keys, which would invalidate all links.
 */
function retainWithData(
  scope: Construct,
  signingKeys: ISecret | undefined,
  removalPolicy = RemovalPolicy.RETAIN,
): void {
  if (signingKeys && scope.node.tryFindChild('SigningKeys') === signingKeys) {
    signingKeys.applyRemovalPolicy(removalPolicy);
  }
}
