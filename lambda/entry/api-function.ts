import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { answerGatewayEvent, createApp, MAX_LAMBDA_BODY_BYTES } from '../http';
import { assemble } from './assemble';
import { Observer } from './observe';
import { VERSION } from './version';
import { webFace } from './web';

const observer = new Observer();
const app = assemble(process.env).then((program) =>
  createApp({
    ...webFace(program, process.env),
    pipeline: observer.watch(program.pipeline),
    version: VERSION,
    maxBodyBytes: MAX_LAMBDA_BODY_BYTES,
    report: observer.answered,
  }),
);

/** Answers a request to the HTTP API. */
export async function handler(
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
  observer.begin(context);
  try {
    return await answerGatewayEvent(await app, event);
  } finally {
    observer.end();
  }
}
