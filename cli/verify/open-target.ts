import { CloudFrontClient, GetDistributionCommand } from '@aws-sdk/client-cloudfront';
import { readCoreSettings } from '../../runtime/config/core-settings';
import { signingOf } from '../../runtime/config/signing-settings';
import { EVENT_VARIABLES, HTTP_VARIABLES, SERVICE_VARIABLES } from '../../runtime/contract';
import { signingKeysOf } from '../../runtime/program/signing-secret';
import { withStoredSettings } from '../../runtime/program/stored-settings';
import { canPresign, openObjectStore } from '../../runtime/storage';
import { createS3Client } from '../../runtime/storage/s3/s3-client';
import { withAwsErrors } from '../aws-errors';
import { apiUrlOf, findApi, regionOf, type DeployedApi, type RouteAuthorization } from '../stack/deployed-api';
import { findPipeline, type DeployedPipeline } from '../stack/deployed-pipeline';
import { forbiddenRequests, simulateRequests, workerRequests } from '../stack/simulate-requests';
import { alarmStates } from './alarm-states';
import { ApiRequests, type ApiAccess } from './api-requests';
import { CheckSkipped, type Part } from './check';
import { deployedQueue } from './deployed-queue';
import { subscribeToEvents } from './event-subscription';
import type { VerifyDistribution, VerifyTarget } from './verify-target';

/** Options of {@link openTarget}. */
export interface TargetOptions {
  readonly stack?: string;
  readonly pipeline?: string;
  readonly apiUrl?: string;
  readonly apiWriteUrl?: string;
  readonly header?: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Pipeline of a deployed stack, with its HTTP API. */
interface StackPipeline {
  readonly deployed: DeployedPipeline;
  readonly api: DeployedApi;
}

const NO_STACK = 'requires --stack';
const ALARM_TYPES = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'];

/**
 * Returns the settings, the object stores and the clients of the pipeline to verify. Reads the settings from a deployed
 * stack. Without a stack, reads the environment variables of the container.
 *
 * @throws Error if an option or the environment is invalid, or AWS rejects a request
 */
export async function openTarget(options: TargetOptions, environment: Environment): Promise<VerifyTarget> {
  const stack = await openStack(options);
  const settings = stack?.deployed.settings ?? readCoreSettings(await withStoredSettings(environment));
  const [source, thumbnails] = await Promise.all([
    openObjectStore(settings.storage, settings.sourceLocation.name),
    openObjectStore(settings.storage, settings.thumbnailLocation.name),
  ]);
  const variables: Environment = stack?.deployed.variables ?? environment;
  const queue = stack ? stack.deployed.queue : environment[SERVICE_VARIABLES.queueUrl];
  const bus = variables[EVENT_VARIABLES.busName];
  const stores = { source, thumbnails };
  return {
    name: stack?.deployed.name ?? settings.sourceLocation.name,
    settings,
    ...stores,
    s3: settings.storage === 's3' ? { value: createS3Client() } : { missing: 'the object store is a directory' },
    unsignedUrl: canPresign(source)
      ? {
          value: async (name, key) => {
            const store = stores[name];
            const url = new URL(canPresign(store) ? await store.presignGet(key, { seconds: 60 }) : '');
            url.search = '';
            return url.href;
          },
        }
      : { missing: 'the object store is a directory' },
    api: openApi(options, stack?.api.variables ?? environment, stack),
    queue: queue === undefined ? { missing: 'the pipeline has no queue' } : { value: deployedQueue(queue) },
    subscribe:
      bus === undefined
        ? { missing: 'the pipeline publishes no events to EventBridge' }
        : { value: (prefix) => subscribeToEvents(bus, prefix) },
    alarms: openAlarms(stack),
    permissions: openPermissions(stack),
    distribution: await openDistribution(stack),
  };
}

async function openStack({ stack, pipeline }: TargetOptions): Promise<StackPipeline | undefined> {
  if (stack === undefined) {
    return undefined;
  }
  const deployed = await findPipeline(stack, pipeline);
  return { deployed, api: await findApi(stack, deployed) };
}

function openApi(
  { apiUrl, apiWriteUrl, header = [] }: TargetOptions,
  variables: Environment,
  stack: StackPipeline | undefined,
): Part<ApiRequests> {
  const url = apiUrl ?? stack?.api.url ?? (stack && apiUrlOf(stack.deployed));
  const writeUrl = apiWriteUrl ?? stack?.api.writeUrl;
  if (url === undefined) {
    return { missing: 'the URL of the API is unknown; pass --api-url' };
  }
  if (!URL.canParse(url)) {
    throw new Error(`--api-url: got ${url}; expected a URL such as https://img.example.com`);
  }
  if (writeUrl !== undefined && !URL.canParse(writeUrl)) {
    throw new Error(`--api-write-url: got ${writeUrl}; expected a URL such as https://img.example.com`);
  }
  const read = variables[HTTP_VARIABLES.readAccess] ?? 'open';
  const write = variables[HTTP_VARIABLES.writeAccess] ?? 'none';
  const signing = signingOf(variables[HTTP_VARIABLES.signingSecret], variables[HTTP_VARIABLES.signingKeys]);
  return {
    value: new ApiRequests({
      url: url.replace(/\/+$/, ''),
      writeUrl: writeUrl?.replace(/\/+$/, ''),
      signingService: stack?.api.signingService,
      read: accessOf(read, stack?.api.read),
      write: write === 'none' ? undefined : accessOf(write, stack?.api.write),
      region: stack && regionOf(stack.deployed),
      keys: signing && signingKeysOf(signing),
      headers: Object.fromEntries(header.map(parseHeader)),
    }),
  };
}

/** Returns the authorization that API Gateway requires. If it requires none, `access` of the runtime applies. */
function accessOf(access: string, authorization: RouteAuthorization = 'NONE'): ApiAccess {
  switch (authorization) {
    case 'AWS_IAM':
      return 'iam';
    case 'JWT':
    case 'CUSTOM':
      return 'authorizer';
    case 'NONE':
      return access === 'signed' ? 'signed' : 'public';
  }
}

function parseHeader(header: string): [name: string, value: string] {
  const [, name, value] = /^([\w-]+):\s*(.+)$/.exec(header) ?? [];
  if (name === undefined || value === undefined) {
    throw new Error('--header: expected a name and a value, such as "Authorization: Bearer TOKEN"');
  }
  return [name.toLowerCase(), value];
}

function openAlarms(stack: StackPipeline | undefined): VerifyTarget['alarms'] {
  const names = (stack?.deployed.resources ?? [])
    .filter(({ type }) => ALARM_TYPES.includes(type))
    .map(({ physicalId }) => physicalId);
  const region = stack && regionOf(stack.deployed);
  if (!stack || region === undefined) {
    return { missing: NO_STACK };
  }
  return names.length === 0 ? { missing: 'the stack contains no alarms' } : { value: () => alarmStates(region, names) };
}

function openPermissions(stack: StackPipeline | undefined): VerifyTarget['permissions'] {
  const queueArn = stack?.deployed.queue;
  if (!stack || queueArn?.startsWith('arn:') !== true) {
    return { missing: stack ? 'the ARN of the queue is unknown' : NO_STACK };
  }
  const { deployed } = stack;
  const simulate = async (requests: ReturnType<typeof workerRequests>, expected: boolean) => {
    try {
      const results = await simulateRequests(deployed.roleArn, queueArn, requests);
      return results.map((result) => ({ ...result, expected }));
    } catch (error) {
      const [reason] = (error as Error).message.split('\n');
      throw new CheckSkipped(`IAM cannot simulate the requests: ${reason}`);
    }
  };
  return {
    value: async () => [
      ...(await simulate(workerRequests(deployed, queueArn, 'verify'), true)),
      ...(await simulate(forbiddenRequests(deployed, queueArn, 'verify'), false)),
    ],
  };
}

async function openDistribution(stack: StackPipeline | undefined): Promise<Part<VerifyDistribution>> {
  const id = stack?.deployed.resources.find(({ type }) => type === 'AWS::CloudFront::Distribution')?.physicalId;
  if (!stack || id === undefined) {
    return { missing: stack ? 'the stack contains no distribution' : NO_STACK };
  }
  const client = new CloudFrontClient({});
  const context = { resource: id, kind: 'distribution', permissions: 'cloudfront:GetDistribution' };
  try {
    const { Distribution } = await withAwsErrors(context, () => client.send(new GetDistributionCommand({ Id: id })));
    const { DefaultCacheBehavior, CacheBehaviors } = Distribution?.DistributionConfig ?? {};
    const behaviors = [DefaultCacheBehavior, ...(CacheBehaviors?.Items ?? [])];
    if (behaviors.some((behavior) => behavior?.TrustedKeyGroups?.Enabled === true)) {
      return { missing: 'the distribution requires URLs that are signed by a trusted key group' };
    }
    const url = stack.api.variables[HTTP_VARIABLES.distributionUrl] ?? `https://${Distribution?.DomainName}`;
    return { value: { url: url.replace(/\/+$/, ''), purges: stack.api.purges } };
  } catch (error) {
    return { missing: (error as Error).message };
  } finally {
    client.destroy();
  }
}
