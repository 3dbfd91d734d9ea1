import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { HTTP_VARIABLES } from '../../runtime/contract';
import type { StackResource } from './stack-resources';

/** Resource of a template. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** Template of a deployed stack. */
export interface DeployedTemplate {
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value?: unknown }>>;
}

/** A web function of a deployed stack that serves the HTTP API of a pipeline. */
export interface DeployedWebFunction {
  /**
   * Environment variables. References to resources are replaced with physical ids; variables with other intrinsic
   * functions are omitted.
   */
  readonly variables: Readonly<Record<string, string>>;
  /** Whether the endpoint requires IAM authorization. */
  readonly isIam: boolean;
  /** URL without a trailing slash; undefined if the stack has no output with this URL. */
  readonly url: string | undefined;
}

const REVISION = 'AWS::Lambda::WebFunctionRevision';
const ENDPOINT = 'AWS::Lambda::WebFunctionEndpoint';

/** Returns the web functions of a stack that have routes of the HTTP API. */
export async function deployedWebFunctions(
  StackName: string,
  { Resources = {}, Outputs = {} }: DeployedTemplate,
  resources: readonly StackResource[],
): Promise<DeployedWebFunction[]> {
  const endpoints = Object.entries(Resources).filter(([, { Type }]) => Type === ENDPOINT);
  if (endpoints.length === 0) {
    return [];
  }
  const outputs = await readOutputs(StackName);
  const physicalIds = new Map(resources.map(({ logicalId, physicalId }) => [logicalId, physicalId]));
  return endpoints.map(([endpointId, { Properties = {} }]) => {
    const output = Object.entries(Outputs).find(([, { Value }]) => refersTo(Value, endpointId));
    const revision = Object.entries(Resources).find(
      ([id, { Type }]) => Type === REVISION && refersTo(Properties['RevisionWeights'], id),
    );
    return {
      variables: variablesOf(revision?.[1], physicalIds),
      isIam: Properties['AuthType'] === 'IamAuth',
      url: output && outputs.get(output[0])?.replace(/\/+$/, ''),
    };
  });
}

/** Returns whether a web function serves the read routes. */
export function isReading({ variables }: DeployedWebFunction): boolean {
  return variables[HTTP_VARIABLES.readAccess] !== 'none';
}

/** Returns whether a web function serves the routes for uploads and deletion. */
export function isWriting({ variables }: DeployedWebFunction): boolean {
  return (variables[HTTP_VARIABLES.writeAccess] ?? 'none') !== 'none';
}

function variablesOf(
  revision: TemplateResource | undefined,
  physicalIds: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> {
  const { EnvironmentVariables = {} } = (revision?.Properties?.['ServiceConfig'] ?? {}) as {
    readonly EnvironmentVariables?: Readonly<Record<string, string | { readonly Ref?: string }>>;
  };
  const texts = Object.entries(EnvironmentVariables).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : physicalIds.get(value.Ref ?? ''),
  ]);
  return Object.fromEntries(texts.filter(([, text]) => text !== undefined)) as Record<string, string>;
}

/** Returns whether a value of a template contains `Fn::GetAtt` of a resource. */
function refersTo(value: unknown, logicalId: string): boolean {
  return JSON.stringify(value ?? null).includes(`{"Fn::GetAtt":["${logicalId}",`);
}

async function readOutputs(StackName: string): Promise<ReadonlyMap<string, string>> {
  const client = new CloudFormationClient({});
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName }));
    return new Map((Stacks[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  } finally {
    client.destroy();
  }
}
