import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
  SQSBatchResponse,
  SQSEvent,
} from 'aws-lambda';
import { CORE_VARIABLES } from '../../../runtime/contract';

/** The Lambda functions by entry point. */
export interface LambdaFunctions {
  readonly 'upload-function': { readonly handler: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> };
  readonly 'api-function': {
    readonly handler: (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;
  };
}

/** Two directories as object stores, and the environment of a function that uses them. */
export interface FunctionDirectories {
  readonly source: string;
  readonly thumbnails: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Removes the folders. */
  remove(): void;
}

export function createDirectories(variables: Readonly<Record<string, string>> = {}): FunctionDirectories {
  const folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-functions-'));
  const source = join(folder, 'source');
  const thumbnails = join(folder, 'thumbnails');
  return {
    source,
    thumbnails,
    environment: {
      ...(variables[CORE_VARIABLES.storage] !== 's3' && {
        [CORE_VARIABLES.storage]: 'directory',
        [CORE_VARIABLES.sourceDirectory]: source,
        [CORE_VARIABLES.thumbnailDirectory]: thumbnails,
      }),
      [CORE_VARIABLES.thumbnails]: JSON.stringify([
        { name: 'small', fit: 'inside', width: 40, height: 40, formats: [{ type: 'webp' }, { type: 'jpeg' }] },
      ]),
      POWERTOOLS_SERVICE_NAME: 'Photos',
      POWERTOOLS_METRICS_NAMESPACE: 'Thumbnails',
      ...variables,
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const OWN_ENVIRONMENT = process.env;

/**
 * Loads the module of a function again in the given environment. The function reads some variables at its first
 * request. Therefore, the environment is in effect until {@link restoreEnvironment}.
 *
 * @param folder of the entry points: the sources or the bundles
 */
export function loadEntryPoint<D extends keyof LambdaFunctions>(
  folder: string,
  lambdaFunction: D,
  environment: Readonly<Record<string, string>>,
): LambdaFunctions[D] {
  process.env = { ...OWN_ENVIRONMENT, ...environment };
  let module: unknown;
  jest.isolateModules(() => {
    module = jest.requireActual(join(folder, lambdaFunction));
  });
  return module as LambdaFunctions[D];
}

/** Restores the environment from before {@link loadEntryPoint}. */
export function restoreEnvironment(): void {
  process.env = OWN_ENVIRONMENT;
}

/** Returns the context of an invocation. */
export function invocation(remaining: () => number = () => 30_000): Context {
  const unused = (): never => {
    throw new Error('expected the function to return a promise');
  };
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: 'photos-upload',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:photos-upload',
    memoryLimitInMB: '1769',
    awsRequestId: '0c2f6a2e-5b7d-4a0e-9f5e-3e2b5e2d7c11',
    logGroupName: '/aws/lambda/photos-upload',
    logStreamName: '2026/07/10/[$LATEST]abcdef',
    getRemainingTimeInMillis: remaining,
    done: unused,
    fail: unused,
    succeed: unused,
  };
}

/** Runs a function. Returns the JSON lines that the function writes to standard output. */
export async function linesOf(run: () => Promise<void>): Promise<Record<string, unknown>[]> {
  const written: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written.push(String(chunk));
    return true;
  });
  const writeError = jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    written.push(String(chunk));
    return true;
  });
  try {
    await run();
  } finally {
    write.mockRestore();
    writeError.mockRestore();
  }
  return written
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
