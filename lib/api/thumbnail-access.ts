import type { Duration } from 'aws-cdk-lib';
import { HttpNoneAuthorizer, type IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { validateDuration, validatePattern } from '../private/validation';

/** Bytes of a key that is made here, as letters and digits: more than 256 bits. */
const KEY_LENGTH = 64;
/** As the host stands in a URL: lower case, with a port where it is not the scheme's own. */
const HOST_PATTERN = /^[a-z0-9]+(?:[.-]+[a-z0-9]+)*(?::\d{1,5})?$/;

/** Options of {@link ThumbnailAccess.signed}. */
export interface SignedAccessOptions {
  /**
   * Holds the keys that links are signed with: its text is a JSON object of 1 to 4 of them by their ids, such as
   * `{"k1":"…","k2":"…"}`, each of at least 32 characters. The last one signs and all of them are taken: to replace a key,
   * add the new one after it, and take the old one out when the last link that it signed has expired.
   *
   * @default - a new secret with one key, `k1`, which only Secrets Manager has ever seen
   */
  readonly keys?: ISecret;

  /**
   * Hosts that links are signed for, such as `img.example.com`. A link for another host is refused.
   *
   * @default - the host that a request names
   */
  readonly hosts?: string[];

  /**
   * How long a link can be valid, 1 second to 365 days: one that says more is refused.
   *
   * @default Duration.days(7)
   */
  readonly maxDuration?: Duration;
}

/** How links are signed, as a signed access binds it. */
export interface ThumbnailSigning {
  /** Holds the keys. The program that answers reads it, and no template and no log has what it holds. */
  readonly keys: ISecret;
  /**
   * Hosts that links are signed for.
   *
   * @default - the host that a request names
   */
  readonly hosts?: string[];
  /**
   * How long a link can be valid.
   *
   * @default Duration.days(7)
   */
  readonly maxDuration?: Duration;
}

/** What an access policy sets on the routes of an API. */
export interface ThumbnailAccessConfig {
  /** Decides on each request, before the program hears of it. */
  readonly authorizer: IHttpRouteAuthorizer;
  /**
   * The program itself asks for links that are signed like this.
   *
   * @default - it answers every request that comes through
   */
  readonly signing?: ThumbnailSigning;
}

/** Who may call the API. */
export abstract class ThumbnailAccess {
  /** Callers sign their requests with AWS credentials that are allowed to: see {@link ThumbnailApi.grantInvoke}. */
  public static iam(): ThumbnailAccess {
    return new AuthorizerAccess(new HttpIamAuthorizer());
  }

  /**
   * Everyone, for reading only. Only thumbnails that are defined can be asked for, so that no one can make it work for
   * nothing.
   */
  public static publicRead(): ThumbnailAccess {
    return new PublicAccess();
  }

  /**
   * Who has a link that was signed for exactly this request and has not expired. Links are made by the package's signer,
   * or by `cdk-thumbnails sign`, with a key of the secret.
   *
   * An object of this class may serve reading and writing of one API, which then share their keys.
   *
   * @param options keys, hosts and the longest time
   */
  public static signed(options: SignedAccessOptions = {}): ThumbnailAccess {
    return new SignedAccess(options);
  }

  /**
   * Whom an authorizer of your own lets in: a JSON Web Token, a user pool, a function.
   *
   * @param authorizer an authorizer for HTTP APIs
   */
  public static authorizer(authorizer: IHttpRouteAuthorizer): ThumbnailAccess {
    return new AuthorizerAccess(authorizer);
  }

  /**
   * What was bound already.
   *
   * @internal
   */
  public static _bound(config: ThumbnailAccessConfig): ThumbnailAccess {
    return new BoundAccess(config);
  }

  /**
   * Whether everyone is let in.
   *
   * @internal
   */
  public get _isPublic(): boolean {
    return false;
  }

  /**
   * Whether the program checks links.
   *
   * @internal
   */
  public get _isSigned(): boolean {
    return false;
  }

  /**
   * What is wrong with the options.
   *
   * @internal
   */
  public _problems(): string[] {
    return [];
  }

  /**
   * Called once for each API that uses this.
   *
   * @param scope the API, or the pipeline that it is of
   * @returns what decides on requests
   */
  public abstract bind(scope: Construct): ThumbnailAccessConfig;
}

class AuthorizerAccess extends ThumbnailAccess {
  public constructor(private readonly httpAuthorizer: IHttpRouteAuthorizer) {
    super();
  }

  public bind(): ThumbnailAccessConfig {
    return { authorizer: this.httpAuthorizer };
  }
}

class PublicAccess extends ThumbnailAccess {
  public override get _isPublic(): boolean {
    return true;
  }

  public bind(): ThumbnailAccessConfig {
    return { authorizer: new HttpNoneAuthorizer() };
  }
}

class SignedAccess extends ThumbnailAccess {
  public constructor(private readonly options: SignedAccessOptions) {
    super();
  }

  public override get _isSigned(): boolean {
    return true;
  }

  public override _problems(): string[] {
    const { hosts = [], maxDuration } = this.options;
    return [
      ...hosts.flatMap((host, index) =>
        validatePattern(`hosts[${index}]`, host, HOST_PATTERN, 'a host in lower case, such as img.example.com'),
      ),
      ...validateDuration('maxDuration', maxDuration, { min: 1, max: 365 * 86_400 }),
    ];
  }

  public bind(scope: Construct): ThumbnailAccessConfig {
    const { keys, hosts, maxDuration } = this.options;
    const secret =
      keys ??
      new Secret(scope, 'SigningKeys', {
        description: 'cdk-thumbnails: keys of signed links',
        generateSecretString: {
          secretStringTemplate: '{}',
          generateStringKey: 'k1',
          passwordLength: KEY_LENGTH,
          excludePunctuation: true,
        },
      });
    return { authorizer: new HttpNoneAuthorizer(), signing: { keys: secret, hosts, maxDuration } };
  }
}

class BoundAccess extends ThumbnailAccess {
  public constructor(private readonly config: ThumbnailAccessConfig) {
    super();
  }

  public bind(): ThumbnailAccessConfig {
    return this.config;
  }
}
