import { AsyncLocalStorage } from 'node:async_hooks';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { readApiSettings, type ApiSettings } from '../runtime/config/api-settings';
import { readProcessMemoryMiB } from '../runtime/config/machine';
import { createHttpApi, handleGatewayEvent, MAX_LAMBDA_RESPONSE_BYTES, Problem } from '../runtime/http';
import type { Reconcile } from '../runtime/pipeline';
import { assemble } from '../runtime/program/assemble';
import { withCorrelationId } from '../runtime/program/correlation';
import { eventProgramOf } from '../runtime/program/event-program';
import { httpApiOptionsOf } from '../runtime/program/http-program';
import { DeadlineExceededError, InvocationDeadline } from '../runtime/program/invocation-deadline';
import { Observer } from '../runtime/program/observer';
import { forwardingOf } from '../runtime/program/queue/forwarding';
import { startWithSettings } from '../runtime/program/stored-settings';
import { VERSION } from '../runtime/program/version';

const observer = new Observer();
/** Deadlines of the current invocations. On Lambda Managed Instances, a process handles several invocations at a time. */
const deadlines = new AsyncLocalStorage<InvocationDeadline>();
const app = startWithSettings(process.env, (environment) =>
  start(readApiSettings(environment), readProcessMemoryMiB(environment)),
);

/** Responds to a request to the HTTP API before the Lambda function times out. */
export async function handler(
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
  observer.begin(context);
  const deadline = new InvocationDeadline(context.getRemainingTimeInMillis());
  try {
    return await deadlines.run(deadline, () => deadline.requestsOf(async () => handleGatewayEvent(await app, event)));
  } finally {
    deadline.end();
    observer.end();
  }
}

async function start(
  { core, http, events, forwarding, monitoring }: ApiSettings,
  memoryMiB: number,
): Promise<ReturnType<typeof createHttpApi>> {
  if (monitoring.detailedMetrics) {
    observer.enableDetailedMetrics();
  }
  const program = await assemble(core, memoryMiB, forwarding);
  return createHttpApi({
    ...httpApiOptionsOf(program, http),
    pipeline: program.pipeline,
    reconcile: withinInvocation(
      observer.watch(forwardingOf(program)(program.pipeline.reconcile, eventProgramOf(program, events).forRequests)),
    ),
    version: VERSION,
    maxResponseBytes: MAX_LAMBDA_RESPONSE_BYTES,
    report: observer.responded,
    correlate: withCorrelationId,
  });
}

/** Wraps `reconcile`. The returned function throws a `timeout` problem before the Lambda invocation times out. */
function withinInvocation(reconcile: Reconcile): Reconcile {
  return async (key, options) => {
    try {
      return await deadlines.getStore()!.run(() => reconcile(key, options));
    } catch (error) {
      throw error instanceof DeadlineExceededError
        ? new Problem('timeout', 'Rendering exceeded the time limit of a request.', { cause: error })
        : error;
    }
  };
}
