import type { Duration } from 'aws-cdk-lib';
import { HttpNoneAuthorizer, type IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { createKeySecret } from '../private/key-secret';
import { validateDuration, validatePattern } from '../private/validation';
import { acceptsAnyUser, validateAuthorizer } from './authorizer-validation';
import type { ThumbnailAuthorizerOptions } from './thumbnail-authorizer-options';

/** Host of a URL in lower case. The host includes the port unless the port is the default of the scheme. */
const HOST_PATTERN = /^[a-z0-9]+(?:[.-]+[a-z0-9]+)*(?::\d{1,5})?$/;
const MAX_LIFETIME_SECONDS = 365 * 86_400;
const SIGNING_KEY_SECRET = { description: 'cdk-thumbnails: keys of signed links', keyId: 'k1' };

/** Options of {@link ThumbnailAccess.signed}. */
export interface ThumbnailSignedAccessOptions {
  /**
   * Secret with 1 to 4 signing keys. The value is a JSON object that maps key ids to keys, such as `{"k1":"…","k2":"…"}`. Each
   * key has at least 32 characters.
   *
   * The signer uses the last key. The API accepts links with a signature of any key in the secret. To rotate a key, append a
   * new key. Remove the old key when all its links are expired.
   *
   * @default - a new secret with one generated key, `k1`
   */
  readonly keys?: ISecret;

  /**
   * Host names of the signed links, in lower case, such as `img.example.com`. The API rejects links with other host names.
   *
   * @default - the host of the request
   */
  readonly hosts?: string[];

  /**
   * Maximum lifetime of a link, whole seconds from 1 second to 365 days. The API rejects links with a longer lifetime.
   *
   * @default Duration.days(7)
   */
  readonly maxLinkLifetime?: Duration;
}

/** Configuration of signed links. */
export interface ThumbnailSigning {
  /** Secret with the signing keys. The runtime reads the secret. */
  readonly keys: ISecret;
  /**
   * Host names of the signed links.
   *
   * @default - the host of the request
   */
  readonly hosts?: string[];
  /**
   * Maximum lifetime of a link.
   *
   * @default Duration.days(7)
   */
  readonly maxLinkLifetime?: Duration;
}

/** Authorization of the routes of an API. */
export interface ThumbnailAccessBinding {
  /** API Gateway authorizer of the routes. */
  readonly authorizer: IHttpRouteAuthorizer;
  /**
   * Configuration of the signed links that the runtime requires.
   *
   * @default - the runtime accepts every request that the authorizer accepts
   */
  readonly signing?: ThumbnailSigning;
  /**
   * Template of the key prefix to which the runtime limits each client, such as `{claim:sub}/`.
   *
   * @default - clients can use every key
   */
  readonly keyPrefix?: string;
}

/**
 * Access to the routes of an API.
 *
 * | Access | Clients that can use the routes |
 * |---|---|
 * | `iam()` | IAM principals with a grant, optionally for a key prefix |
 * | `publicRead()` | all clients, on read routes only |
 * | `signed()` | holders of a signed link; the link determines method and key |
 * | `authorizer()` | clients that the authorizer accepts; with `keyPrefix`, each client only for its own keys |
 *
 * Two permissions do not depend on this access. The holder of an upload form can write one key of the source bucket. The holder
 * of a CloudFront signature can read `/thumbnails/{name}/{key}` through a distribution. With `onlyThroughDistribution`, the API
 * rejects requests that do not come from a distribution.
 *
 * If you pass one instance to both `access` and `writeAccess`, the pipeline binds this instance once. Both settings then share
 * the signing keys.
 */
export abstract class ThumbnailAccess {
  /** Requires IAM authorization. Grant permissions with `grantApiRead` and `grantApiWrite` of the pipeline. */
  public static iam(): ThumbnailAccess {
    return new AuthorizerAccess(new HttpIamAuthorizer());
  }

  /**
   * Allows all clients to use the read routes without authorization. Write routes do not support public access.
   *
   * Anonymous requests can only create the configured thumbnails of existing images. This restriction limits the cost of
   * anonymous requests.
   */
  public static publicRead(): ThumbnailAccess {
    return new PublicAccess();
  }

  /**
   * Requires signed links with an expiration time. Create signed links with the signer of this package or with `cdk-thumbnails
   * sign`.
   *
   * @param options keys, hosts and maximum lifetime of the links
   */
  public static signed(options: ThumbnailSignedAccessOptions = {}): ThumbnailAccess {
    return new SignedAccess(options);
  }

  /**
   * Requires authorization by an API Gateway authorizer, for example a JWT authorizer, a Cognito user pool authorizer or a
   * Lambda authorizer.
   *
   * Set `keyPrefix` to limit each user to their own keys, for example to `{claim:sub}/`. With a JWT authorizer and without
   * `keyPrefix`, every signed-in user can read every image. As `writeAccess`, such an authorizer also lets every signed-in user
   * replace and delete every image.
   *
   * @param authorizer authorizer for API Gateway HTTP APIs
   * @param options keys that a user can use
   */
  public static authorizer(
    authorizer: IHttpRouteAuthorizer,
    options: ThumbnailAuthorizerOptions = {},
  ): ThumbnailAccess {
    return new AuthorizerAccess(authorizer, options);
  }

  /**
   * Returns a `ThumbnailAccess` that reuses an existing binding. Several constructs can then share the binding.
   *
   * @internal
   */
  public static _fromBinding(binding: ThumbnailAccessBinding): ThumbnailAccess {
    return new BoundAccess(binding);
  }

  /**
   * Whether the API accepts every request.
   *
   * @internal
   */
  public get _isPublic(): boolean {
    return false;
  }

  /**
   * Whether the runtime verifies signed links.
   *
   * @internal
   */
  public get _isSigned(): boolean {
    return false;
  }

  /**
   * Whether API Gateway verifies the signatures of IAM principals.
   *
   * @internal
   */
  public get _isIam(): boolean {
    return false;
  }

  /**
   * Whether every user with a valid JSON Web Token has access to every key.
   *
   * @internal
   */
  public get _acceptsAnyUser(): boolean {
    return false;
  }

  /**
   * Validates the options.
   *
   * @internal
   */
  public _validate(): string[] {
    return [];
  }

  /**
   * Creates the resources of this access. The pipeline calls this method once per API.
   *
   * @param scope the API or its pipeline
   * @returns authorizer of the routes and configuration of signed links
   */
  public abstract bind(scope: Construct): ThumbnailAccessBinding;
}

class AuthorizerAccess extends ThumbnailAccess {
  public constructor(
    private readonly routeAuthorizer: IHttpRouteAuthorizer,
    private readonly options: ThumbnailAuthorizerOptions = {},
  ) {
    super();
  }

  public override get _isIam(): boolean {
    return this.routeAuthorizer instanceof HttpIamAuthorizer;
  }

  public override get _acceptsAnyUser(): boolean {
    return this.options.keyPrefix === undefined && acceptsAnyUser(this.routeAuthorizer);
  }

  public override _validate(): string[] {
    return validateAuthorizer(this.routeAuthorizer, this.options);
  }

  public bind(): ThumbnailAccessBinding {
    return { authorizer: this.routeAuthorizer, keyPrefix: this.options.keyPrefix };
  }
}

class PublicAccess extends ThumbnailAccess {
  public override get _isPublic(): boolean {
    return true;
  }

  public bind(): ThumbnailAccessBinding {
    return { authorizer: new HttpNoneAuthorizer() };
  }
}

class SignedAccess extends ThumbnailAccess {
  public constructor(private readonly options: ThumbnailSignedAccessOptions) {
    super();
  }

  public override get _isSigned(): boolean {
    return true;
  }

  public override _validate(): string[] {
    const { hosts = [], maxLinkLifetime } = this.options;
    return [
      ...hosts.flatMap((host, index) =>
        validatePattern(`hosts[${index}]`, host, HOST_PATTERN, 'a host in lower case, such as img.example.com'),
      ),
      ...validateDuration('maxLinkLifetime', maxLinkLifetime, { min: 1, max: MAX_LIFETIME_SECONDS }),
    ];
  }

  public bind(scope: Construct): ThumbnailAccessBinding {
    const { keys = createKeySecret(scope, 'SigningKeys', SIGNING_KEY_SECRET) } = this.options;
    return { authorizer: new HttpNoneAuthorizer(), signing: { ...this.options, keys } };
  }
}

class BoundAccess extends ThumbnailAccess {
  public constructor(private readonly binding: ThumbnailAccessBinding) {
    super();
  }

  public bind(): ThumbnailAccessBinding {
    return this.binding;
  }
}
