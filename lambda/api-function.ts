import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { readCoreSettings } from '../runtime/config/core-settings';
import { readHttpSettings } from '../runtime/config/http-settings';
import { answerGatewayEvent, createHttpApi, MAX_LAMBDA_RESPONSE_BYTES, Problem } from '../runtime/http';
import type { Reconcile } from '../runtime/pipeline';
import { assemble } from '../runtime/program/assemble';
import { httpApiOptionsOf } from '../runtime/program/http-program';
import { DeadlineExceededError, InvocationDeadline } from '../runtime/program/invocation-deadline';
import { Observer } from '../runtime/program/observer';
import { memoryOf } from '../runtime/program/render-within-memory';
import { VERSION } from '../runtime/program/version';

const observer = new Observer();
/** That of the invocation under way: a function has one at a time. */
let limit = new InvocationDeadline(Infinity);
const core = readCoreSettings(process.env);
const http = readHttpSettings(process.env, core);
const app = assemble(core, memoryOf(process.env)).then((program) =>
  createHttpApi({
    ...httpApiOptionsOf(program, http),
    pipeline: program.pipeline,
    reconcile: withinInvocation(observer.watch(program.pipeline.reconcile)),
    version: VERSION,
    maxResponseBytes: MAX_LAMBDA_RESPONSE_BYTES,
    report: observer.responded,
  }),
);

/** Answers a request to the HTTP API: before the function is stopped, whatever it waits for. */
export async function handler(
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
  observer.begin(context);
  limit = new InvocationDeadline(context.getRemainingTimeInMillis());
  try {
    return await limit.requestsOf(async () => answerGatewayEvent(await app, event));
  } finally {
    limit.end();
    observer.end();
  }
}

/** Returns a function that reconciles and gives up before the invocation ends. */
function withinInvocation(reconcile: Reconcile): Reconcile {
  return async (key, options) => {
    try {
      return await limit.run(() => reconcile(key, options));
    } catch (error) {
      throw error instanceof DeadlineExceededError
        ? new Problem('timeout', 'the image took longer than a request may', { cause: error })
        : error;
    }
  };
}
