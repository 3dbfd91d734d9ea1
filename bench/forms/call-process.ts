// Processes lists of photos or events, and sends a message after the last item of a list.
//   node call-process.js engine             renders photos
//   node call-process.js function BUNDLE    invokes the Lambda function in a bundle with events
import { readFileSync } from 'node:fs';
import { readProcessMemoryMiB } from '../../runtime/config/machine';
import { DEFAULT_THUMBNAILS } from '../../runtime/contract';
import { disableIncrementalMarking } from '../../runtime/program/heap';
import { renderWithinMemory } from '../../runtime/program/render-within-memory';
import { ENGINE_OPTIONS } from '../engine/cases';

type Call = (item: unknown) => Promise<void>;

/** Response of a function for SQS messages or for HTTP requests. */
interface FunctionResponse {
  readonly batchItemFailures?: readonly unknown[];
  readonly statusCode?: number;
}

const [kind, bundle = ''] = process.argv.slice(2);

/** Returns a function that renders the default thumbnails of a photo, and discards the thumbnails. */
function engine(): Call {
  disableIncrementalMarking();
  const render = renderWithinMemory(readProcessMemoryMiB(process.env));
  return async (photo) => {
    await render(readFileSync(photo as string), { ...ENGINE_OPTIONS, thumbnails: DEFAULT_THUMBNAILS });
  };
}

/** Returns a function that invokes a Lambda handler with an event, like the Lambda service. */
function lambdaFunction(): Call {
  const { handler } = module.require(bundle) as {
    readonly handler: (event: unknown, context: object) => Promise<FunctionResponse>;
  };
  return async (event) => {
    const context = { functionName: 'bench', awsRequestId: 'bench', memoryLimitInMB: '1769' };
    const response = await handler(event, { ...context, getRemainingTimeInMillis: () => 600_000 });
    if ((response.batchItemFailures?.length ?? 0) > 0 || (response.statusCode ?? 200) >= 300) {
      throw new Error(JSON.stringify(response).slice(0, 500));
    }
  };
}

const call = kind === 'engine' ? engine() : lambdaFunction();
process.on('message', (items: unknown[]) => {
  (async () => {
    for (const item of items) {
      await call(item);
    }
    process.send!('done');
  })().catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
process.send!('ready');
