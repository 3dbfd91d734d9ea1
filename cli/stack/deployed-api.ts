import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { HTTP_VARIABLES, ROUTES, SERVICE_VARIABLES } from '../../runtime/contract';
import { withAwsErrors } from '../aws-errors';
import { deployedFunctions, deployedServices, type DeployedPipeline } from './deployed-pipeline';
import {
  deployedWebFunctions,
  isReading,
  isWriting,
  type DeployedTemplate,
  type DeployedWebFunction,
} from './deployed-web-functions';

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
  /** URL of the web function for reading, without a trailing slash; undefined without web functions. */
  readonly url: string | undefined;
  /** URL of the web function for uploads and deletion; undefined if one URL serves all routes. */
  readonly writeUrl: string | undefined;
  /** Name of the AWS service in IAM signatures. */
  readonly signingService: 'execute-api' | 'lambda';
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
  const context = {
    resource: stack,
    kind: 'stack',
    permissions: 'cloudformation:GetTemplate and cloudformation:DescribeStacks on the stack',
  };
  return withAwsErrors(context, async () => {
    const [functions, services] = await Promise.all([deployedFunctions(resources), deployedServices(resources)]);
    const environments = [
      ...functions.filter(({ handler }) => handler === 'api-function.handler').map(({ variables }) => variables),
      ...services.map(({ variables }) => variables).filter((each) => each[SERVICE_VARIABLES.mode] !== 'worker'),
    ];
    const variables = environments.find((each) => each['POWERTOOLS_SERVICE_NAME'] === name) ?? environments[0] ?? {};
    const template = await readTemplate(stack);
    const purges = functions.some(({ handler }) => handler === 'purge-function.handler');
    const webFunctions = await deployedWebFunctions(stack, template, resources);
    const own = webFunctions.filter((each) => each.variables['POWERTOOLS_SERVICE_NAME'] === name);
    if (own.length > 0) {
      return { ...apiOfWebFunctions(own), purges };
    }
    const routes = routesOf(template);
    const authorizationOf = ({ path, methods }: { path: string; methods: readonly string[] }) =>
      routes.get(`${methods[0]} ${path}`);
    return {
      variables,
      read: authorizationOf(ROUTES.getThumbnail),
      write:
        (variables[HTTP_VARIABLES.writeAccess] ?? 'none') === 'none' ? undefined : authorizationOf(ROUTES.createUpload),
      url: undefined,
      writeUrl: undefined,
      signingService: 'execute-api',
      purges,
    };
  });
}

/** Returns the API that the web functions for reading and writing serve together. */
function apiOfWebFunctions(webFunctions: readonly DeployedWebFunction[]): Omit<DeployedApi, 'purges'> {
  const reading = webFunctions.find(isReading);
  const writing = webFunctions.find(isWriting);
  const authorizationOf = (each: DeployedWebFunction | undefined): RouteAuthorization | undefined =>
    each && (each.isIam ? 'AWS_IAM' : 'NONE');
  return {
    variables: {
      ...writing?.variables,
      ...reading?.variables,
      ...pick(reading, HTTP_VARIABLES.readAccess, 'open'),
      ...pick(writing, HTTP_VARIABLES.writeAccess, 'none'),
    },
    read: authorizationOf(reading),
    write: authorizationOf(writing),
    url: reading?.url,
    writeUrl: writing === reading ? undefined : writing?.url,
    signingService: 'lambda',
  };
}

function pick(from: DeployedWebFunction | undefined, name: string, fallback: string): Record<string, string> {
  return { [name]: from?.variables[name] ?? fallback };
}

async function readTemplate(StackName: string): Promise<DeployedTemplate> {
  const client = new CloudFormationClient({});
  try {
    const { TemplateBody = '{}' } = await client.send(new GetTemplateCommand({ StackName }));
    return JSON.parse(TemplateBody) as DeployedTemplate;
  } finally {
    client.destroy();
  }
}

/** Returns the authorization of the routes in the template of a stack, by route key. */
function routesOf({ Resources = {} }: DeployedTemplate): ReadonlyMap<string, RouteAuthorization> {
  return new Map(
    Object.values(Resources)
      .filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Route')
      .map(({ Properties = {} }) => [
        String(Properties['RouteKey']),
        ROUTE_AUTHORIZATION.find((type) => type === Properties['AuthorizationType']) ?? 'NONE',
      ]),
  );
}
