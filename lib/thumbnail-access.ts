import { HttpNoneAuthorizer, type IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import type { Construct } from 'constructs';

/** What an access policy sets on the routes of an API. */
export interface ThumbnailAccessConfig {
  /** Decides on each request. */
  readonly authorizer: IHttpRouteAuthorizer;
}

/** Who may call the API. */
export abstract class ThumbnailAccess {
  /** Callers sign their requests with AWS credentials that are allowed to: see {@link ThumbnailApi.grantInvoke}. */
  public static iam(): ThumbnailAccess {
    return new AuthorizerAccess(new HttpIamAuthorizer());
  }

  /** Everyone. Only thumbnails that are defined can be asked for, so that no one can make it work for nothing. */
  public static publicRead(): ThumbnailAccess {
    return new AuthorizerAccess(new HttpNoneAuthorizer());
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
   * Called once for each API that uses this.
   *
   * @param scope the API
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
