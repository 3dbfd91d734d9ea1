import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { HTTP_VARIABLES, ROUTES, SERVICE_VARIABLES } from '../../runtime/contract';
import { withAwsErrors } from '../aws-errors';
import { deployedFunctions, deployedServices, type DeployedPipeline } from './deployed-pipeline';

/** Authorization types that a route in API Gateway can have. */
export const ROUTE_AUTHORIZATION = ['NONE', 'AWS_IAM', 'JWT', 'CUSTOM'] as const;
/** One of {@link ROUTE_AUTHORIZATION}. */
export type RouteAuthorization = (typeof ROUTE_AUTHORIZATION)[number];

/** The HTTP API of a deployed pipeline. */
export interface DeployedApi {
  /** Environment variables of the function or container; empty if the stack contains no HTTP API. */
  readonly variables: Readonly<Record<string, string>>;
  /** Authorization type of the read routes; undefined if the template contains no such routes. */
  readonly read: RouteAuthorization | undefined;
  /** Authorization type of the routes for uploads and deletion; undefined if the template contains no such routes. */
  readonly write: RouteAuthorization | undefined;
  /** Whether the stack contains the function that purges the cache of a distribution. */
  readonly purges: boolean;
}

/** Returns the Region of a pipeline; undefined if the queue of the pipeline is unknown. */
export function regionOf({ queue = '' }: Pick<DeployedPipeline, 'queue'>): string | undefined {
  // The queue is in the Region of the stack: arn:aws:sqs:REGION:… or https://sqs.REGION.amazonaws.com/…
  return /^(?:arn:[\w-]+:sqs:|https:\/\/sqs\.)([a-z0-9-]+)/.exec(queue)?.[1];
}

/** Returns the URL of the API Gateway HTTP API, without a trailing slash; undefined for a stack without an HTTP API. */
export function apiUrlOf({ resources, queue }: Pick<DeployedPipeline, 'resources' | 'queue'>): string | undefined {
  const api = resources.find(({ type }) => type === 'AWS::ApiGatewayV2::Api');
  const region = regionOf({ queue });
  return api && region && `https://${api.physicalId}.execute-api.${region}.amazonaws.com`;
}

/**
 * Returns the environment variables of the HTTP API, and the authorization of the API routes in the template.
 *
 * @throws Error if AWS rejects a request
 */
export async function findApi(stack: string, { name, resources }: DeployedPipeline): Promise<DeployedApi> {
  const context = { resource: stack, kind: 'stack', permissions: 'cloudformation:GetTemplate on the stack' };
  return withAwsErrors(context, async () => {
    const [functions, services] = await Promise.all([deployedFunctions(resources), deployedServices(resources)]);
    const environments = [
      ...functions.filter(({ handler }) => handler === 'api-function.handler').map(({ variables }) => variables),
      ...services.map(({ variables }) => variables).filter((each) => each[SERVICE_VARIABLES.mode] !== 'worker'),
    ];
    const variables = environments.find((each) => each['POWERTOOLS_SERVICE_NAME'] === name) ?? environments[0] ?? {};
    const routes = await readRoutes(stack);
    const authorizationOf = ({ path, methods }: { path: string; methods: readonly string[] }) =>
      routes.get(`${methods[0]} ${path}`);
    return {
      variables,
      read: authorizationOf(ROUTES.getThumbnail),
      write:
        (variables[HTTP_VARIABLES.writeAccess] ?? 'none') === 'none' ? undefined : authorizationOf(ROUTES.createUpload),
      purges: functions.some(({ handler }) => handler === 'purge-function.handler'),
    };
  });
}

interface Template {
  readonly Resources?: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>
  >;
}

/** Returns the authorization types of the routes in the template of a stack, by route key such as `GET /images/{key}`. */
async function readRoutes(StackName: string): Promise<ReadonlyMap<string, RouteAuthorization>> {
  const client = new CloudFormationClient({});
  try {
    const { TemplateBody = '{}' } = await client.send(new GetTemplateCommand({ StackName }));
    const { Resources = {} } = JSON.parse(TemplateBody) as Template;
    return new Map(
      Object.values(Resources)
        .filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Route')
        .map(({ Properties = {} }) => [
          String(Properties['RouteKey']),
          ROUTE_AUTHORIZATION.find((type) => type === Properties['AuthorizationType']) ?? 'NONE',
        ]),
    );
  } finally {
    client.destroy();
  }
}
