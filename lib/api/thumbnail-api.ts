import { Names, type RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Route, routesWithAccess } from '../../runtime/contract';
import { createLogGroup } from '../pipeline/pipeline-resources';
import { injectedProps } from '../private/property-injection';
import { ValidationErrors } from '../private/validation';
import { validateApiOptions } from './api-validation';
import { withClaims } from './claims-integration';
import { grantInvokeInScope, type ScopedInvokeOptions } from './scoped-grants';
import { ThumbnailAccess, type ThumbnailAccessBinding } from './thumbnail-access';
import type { ThumbnailApiOptions } from './thumbnail-api-options';
import { warnAboutAnyUser } from './write-access-warnings';

/** Properties of {@link ThumbnailApi}. */
export interface ThumbnailApiProps extends ThumbnailApiOptions {
  /** Integration with a Lambda function or a service that runs the HTTP API of the runtime. */
  readonly integration: apigateway.HttpRouteIntegration;

  /**
   * Removal policy of an access log group that the API creates.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Format of the access log: one line of JSON per request.
 *
 * API Gateway does not escape quotes. The format therefore omits values that clients control, such as the user agent. A
 * decoded path with quotes could inject fields. Therefore, the path is the first field: the fields after the path overwrite
 * injected fields with the same names.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
const ACCESS_LOG_FORMAT = JSON.stringify({
  path: '$context.path',
  requestId: '$context.requestId',
  time: '$context.requestTime',
  method: '$context.httpMethod',
  route: '$context.routeKey',
  status: '$context.status',
  bytes: '$context.responseLength',
  milliseconds: '$context.responseLatency',
  integrationMilliseconds: '$context.integrationLatency',
  error: '$context.error.responseType',
  integrationError: '$context.integrationErrorMessage',
  sourceIp: '$context.identity.sourceIp',
});

/**
 * API Gateway HTTP API of a pipeline.
 *
 * | Route | Option that controls access |
 * |---|---|
 * | `GET /thumbnails/{name}/{key+}`: a thumbnail, which the API creates if the thumbnail is missing | `access` |
 * | `GET /images/{key+}`: the manifest of an image | `access` |
 * | `GET /health`, `GET /openapi.json` | `access` |
 * | `POST /uploads`: a presigned upload | `writeAccess` |
 * | `DELETE /images/{key+}` | `writeAccess` |
 *
 * `GET` routes also accept `HEAD`. A path cannot contain some keys, such as keys with `%` or `//`. Pass these keys in the
 * query: `/thumbnails/{name}?key=…` and `/images?key=…`.
 */
export class ThumbnailApi extends Construct {
  /** Id of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-thumbnails.ThumbnailApi';

  /** API Gateway HTTP API. */
  public readonly httpApi: apigateway.HttpApi;
  /** Default stage. */
  public readonly stage: apigateway.HttpStage;
  /** Routes for reading. */
  public readonly routes: apigateway.HttpRoute[];
  /** Routes for uploads and deletion; empty without `writeAccess`. */
  public readonly writeRoutes: apigateway.HttpRoute[];
  /** Log group of the access log. */
  public readonly accessLogGroup: logs.ILogGroup;
  /** URL of the stage, with a trailing slash. */
  public readonly url: string;

  private readonly integration: apigateway.HttpRouteIntegration;
  private distributionRoutes?: apigateway.HttpRoute[];

  /**
   * Creates the API with its stage and routes.
   *
   * @param scope parent construct
   * @param id construct id
   * @param props integration, access and settings of the stage
   * @throws Error if props are invalid; the message lists all errors
   */
  public constructor(scope: Construct, id: string, props: ThumbnailApiProps) {
    super(scope, id);
    props = injectedProps(scope, id, ThumbnailApi.PROPERTY_INJECTION_ID, props);

    const errors = new ValidationErrors();
    errors.add(validateApiOptions(props));
    errors.throwIfAny(this);
    warnAboutAnyUser(this, props);

    this.integration = props.integration;
    this.accessLogGroup = props.accessLogGroup ?? createLogGroup(this, 'AccessLogGroup', props.removalPolicy);
    this.httpApi = new apigateway.HttpApi(this, 'HttpApi', {
      createDefaultStage: false,
      corsPreflight: props.cors,
      apiName: Names.uniqueResourceName(this, { maxLength: 128, separator: '-' }),
      description: 'cdk-thumbnails: serves thumbnails',
    });
    this.stage = new apigateway.HttpStage(this, 'Stage', {
      httpApi: this.httpApi,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: props.throttle?.rateLimit ?? 1000, burstLimit: props.throttle?.burstLimit ?? 2000 },
      accessLogSettings: {
        destination: new apigateway.LogGroupLogDestination(this.accessLogGroup),
        format: AccessLogFormat.custom(ACCESS_LOG_FORMAT),
      },
    });
    const { access = ThumbnailAccess.iam(), writeAccess } = props;
    const binding = access.bind(this);
    this.routes = this.addRoutes(routesWithAccess('read', 'none'), binding);
    this.writeRoutes = writeAccess
      ? this.addRoutes(routesWithAccess('write'), writeAccess === access ? binding : writeAccess.bind(this))
      : [];
    this.url = this.stage.url;
  }

  /**
   * Grants permission to read thumbnails and manifests through the API. Requires `access: ThumbnailAccess.iam()`.
   *
   * @param grantee principal that receives the permission
   * @throws Error if `access` is not `ThumbnailAccess.iam()`
   */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return combined(this.routes.map((route) => route.grantInvoke(grantee)));
  }

  /**
   * Grants permission to create uploads and delete images through the API. Requires `writeAccess: ThumbnailAccess.iam()`.
   *
   * @param grantee principal that receives the permission
   * @throws Error if `writeAccess` is not `ThumbnailAccess.iam()`
   */
  public grantWrite(grantee: iam.IGrantable): iam.Grant {
    if (this.writeRoutes.length === 0) {
      throw new Error(`${this.node.path}: grantWrite: the API has no write routes; set writeAccess`);
    }
    return combined(this.writeRoutes.map((route) => route.grantInvoke(grantee)));
  }

  /**
   * Adds the routes that CloudFront requests if the bucket does not contain a thumbnail. Further calls have no effect.
   *
   * @internal
   */
  public _addDistributionRoutes(): void {
    this.distributionRoutes ??= this.addRoutes(routesWithAccess('distribution'), {
      authorizer: new apigateway.HttpNoneAuthorizer(),
    });
  }

  /**
   * Grants permission to invoke the routes with a key in the path, for keys with a prefix.
   *
   * @internal
   */
  public _grantScoped(grantee: iam.IGrantable, options: Omit<ScopedInvokeOptions, 'apiId'>): iam.Grant {
    return grantInvokeInScope(this, grantee, { ...options, apiId: this.httpApi.apiId });
  }

  private addRoutes(
    routes: readonly Route[],
    { authorizer, keyPrefix }: ThumbnailAccessBinding,
  ): apigateway.HttpRoute[] {
    const integration = withClaims(this.integration, keyPrefix);
    return routes.flatMap(({ path, methods }) =>
      this.httpApi.addRoutes({
        path,
        methods: methods.map((method) => apigateway.HttpMethod[method]),
        integration,
        authorizer,
      }),
    );
  }
}

function combined(grants: readonly iam.Grant[]): iam.Grant {
  return grants.reduce((all, grant) => all.combine(grant));
}
