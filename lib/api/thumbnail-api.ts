import { Names, type RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { routesWithAccess, type Route } from '../../runtime/contract';
import { defineLogGroup } from '../pipeline/storage';
import { injectedProps } from '../private/property-injection';
import { ValidationErrors } from '../private/validation';
import { apiProblems } from './api-validation';
import { ThumbnailAccess } from './thumbnail-access';

/** Options of {@link ThumbnailApi}. */
export interface ThumbnailApiOptions {
  /**
   * Who may read: thumbnails, and what is known of images.
   *
   * @default ThumbnailAccess.iam()
   */
  readonly access?: ThumbnailAccess;

  /**
   * Who may write: ask for uploads, and delete images.
   *
   * @default - no one, and there are no such routes
   */
  readonly writeAccess?: ThumbnailAccess;

  /**
   * Which pages of other origins may call the API from a browser. Plain `<img>` elements need none.
   *
   * @default - no other origin
   */
  readonly cors?: apigateway.CorsPreflightOptions;

  /**
   * Requests that are taken: a rate per second, and a burst. More are answered 429.
   *
   * @default - a rate of 1000 and a burst of 2000, so that this API leaves the rest of the account's quota to others
   */
  readonly throttle?: apigateway.ThrottleSettings;

  /**
   * Where a line of JSON is logged for every request.
   *
   * @default - a new log group that keeps its lines for one month
   */
  readonly accessLogGroup?: logs.ILogGroup;
}

/** Properties of {@link ThumbnailApi}. */
export interface ThumbnailApiProps extends ThumbnailApiOptions {
  /** What answers the requests: a function or a service that runs the program's web face. */
  readonly integration: apigateway.HttpRouteIntegration;

  /**
   * What becomes of the log group, if it is made here, when it leaves the stack.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * One line of JSON for every request. What a caller can write quotes into, such as the user agent, is left out: API Gateway
 * does not escape them. The path comes first: should API Gateway decode it, what it pretends is followed by what is.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
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
 * An HTTP API in front of a pipeline's program: `GET` and `HEAD` of `/thumbnails/{name}/{key+}` (a stored thumbnail, or
 * one made on the spot), `/images/{key+}` (what is known of an image), `/health` and `/openapi.json` (what this API takes
 * and answers); and where writing is asked for `POST /uploads` and `DELETE /images/{key+}`. A key that a path cannot carry,
 * such as one with `%` or `//`, is given in the query: `/thumbnails/{name}?key=…`, `/images?key=…`.
 */
export class ThumbnailApi extends Construct {
  /** What a property injector of the app names this class by. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-thumbnails.ThumbnailApi';

  /** The API. */
  public readonly httpApi: apigateway.HttpApi;
  /** Its only stage. */
  public readonly stage: apigateway.HttpStage;
  /** Its routes for reading. */
  public readonly routes: apigateway.HttpRoute[];
  /** Its routes for uploads and for deleting; empty where nobody may. */
  public readonly writeRoutes: apigateway.HttpRoute[];
  /** Where its requests are logged. */
  public readonly accessLogGroup: logs.ILogGroup;
  /** Its address, with a slash at the end. */
  public readonly url: string;

  private readonly integration: apigateway.HttpRouteIntegration;
  private distributionRoutes?: apigateway.HttpRoute[];

  /**
   * Makes the API, its stage and its routes.
   *
   * @param scope where it belongs: a stack, or a construct in one
   * @param id its name there, a part of the logical ids of everything in it
   * @param props what answers it, and who may ask
   * @throws where props are wrong: one error, which names each of them with what it got and what it takes
   */
  public constructor(scope: Construct, id: string, props: ThumbnailApiProps) {
    super(scope, id);
    props = injectedProps(scope, id, ThumbnailApi.PROPERTY_INJECTION_ID, props);

    const problems = new ValidationErrors();
    problems.add(apiProblems(props));
    problems.throwIfAny(this);

    this.integration = props.integration;
    this.accessLogGroup = props.accessLogGroup ?? defineLogGroup(this, 'AccessLogGroup', props.removalPolicy);
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
    const { authorizer } = access.bind(this);
    this.routes = this.addRoutes(routesWithAccess('read', 'none'), authorizer);
    this.writeRoutes = writeAccess
      ? this.addRoutes(
          routesWithAccess('write'),
          writeAccess === access ? authorizer : writeAccess.bind(this).authorizer,
        )
      : [];
    this.url = this.stage.url;
  }

  /**
   * Lets a principal read by the API. Only where `access` is {@link ThumbnailAccess.iam}.
   *
   * @param grantee who may call
   * @throws where `access` is another
   */
  public grantInvoke(grantee: iam.IGrantable): iam.Grant {
    return this.routes.map((route) => route.grantInvoke(grantee)).reduce((all, grant) => all.combine(grant));
  }

  /**
   * Lets a principal ask for uploads and delete images by the API. Only where `writeAccess` is {@link ThumbnailAccess.iam}.
   *
   * @param grantee who may call
   * @throws where `writeAccess` is another, or left out
   */
  public grantInvokeWrite(grantee: iam.IGrantable): iam.Grant {
    const [first, ...rest] = this.writeRoutes.map((route) => route.grantInvoke(grantee));
    if (!first) {
      throw new Error(`${this.node.path}: grantInvokeWrite: nobody may write: set writeAccess`);
    }
    return rest.reduce((all, grant) => all.combine(grant), first);
  }

  /**
   * Lets distributions ask for thumbnails that they have not found in the bucket.
   *
   * @internal
   */
  public _addDistributionRoutes(): void {
    this.distributionRoutes ??= this.addRoutes(routesWithAccess('distribution'), new apigateway.HttpNoneAuthorizer());
  }

  private addRoutes(routes: readonly Route[], authorizer: apigateway.IHttpRouteAuthorizer): apigateway.HttpRoute[] {
    return routes.flatMap(({ path, methods }) =>
      this.httpApi.addRoutes({
        path,
        methods: methods.map((method) => apigateway.HttpMethod[method]),
        integration: this.integration,
        authorizer,
      }),
    );
  }
}
