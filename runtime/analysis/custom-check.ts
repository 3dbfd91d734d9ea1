import { createHmac } from 'node:crypto';
import * as v from 'valibot';
import { ANALYSIS_SIGNATURE_HEADER, ANALYSIS_VERSION } from '../contract';
import { AnalysisError } from './analysis-error';
import type { Analysis, AnalyzedImage, Analyzer } from './analyzer';
import type { AwsClient } from './aws-client';
import { errorTypeOf, parsed, readResponse, withAttempts, type Wait } from './service-requests';

const side = v.pipe(v.number(), v.integer(), v.minValue(1));
const fraction = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

export const checkRequestSchema = v.object({
  version: v.pipe(v.literal(ANALYSIS_VERSION), v.description('Version of the format')),
  key: v.pipe(v.string(), v.minLength(1), v.description('Key of the source')),
  etag: v.pipe(v.string(), v.description('ETag of the source, without quotes')),
  source: v.object({ format: v.string(), width: side, height: side, frames: side }),
  frames: v.pipe(
    v.array(
      v.object({
        index: v.pipe(
          v.number(),
          v.integer(),
          v.minValue(0),
          v.description('Zero-based number of the frame in the source'),
        ),
        width: side,
        height: side,
        jpeg: v.pipe(v.string(), v.description('Downscaled JPEG, base64')),
      }),
    ),
    v.minLength(1),
  ),
});

/** Schema of the response of a custom check. The runtime ignores unknown members. */
export const checkResponseSchema = v.object({
  version: v.literal(ANALYSIS_VERSION),
  verdict: v.picklist(['allow', 'reject']),
  reason: v.optional(
    v.pipe(
      v.string(),
      v.minLength(1),
      v.maxLength(200),
      v.description('Reason of a rejection. Manifests and HTTP responses contain it'),
    ),
  ),
  focalPoint: v.optional(
    v.pipe(
      v.strictObject({ x: fraction, y: fraction }),
      v.description('Point that crops keep visible: fractions from the left and from the top of the upright image'),
    ),
  ),
  tags: v.optional(
    v.pipe(
      v.unknown(),
      // Valibot accepts an array as a record whose keys are numbers.
      v.check((tags) => !Array.isArray(tags), 'expected an object'),
      v.record(v.pipe(v.string(), v.minLength(1), v.maxLength(128)), v.pipe(v.string(), v.maxLength(256))),
      v.check((tags) => Object.keys(tags).length <= 50, 'expected at most 50 tags'),
      v.description('Texts for the manifest'),
    ),
  ),
});

/** Key that signs requests. */
export interface CheckSigningKey {
  readonly id: string;
  readonly key: string;
}

/** Sends a JSON request to a custom check. Returns the JSON text of the response. */
export type SendCheck = (body: string, signal: AbortSignal) => Promise<string>;

/** Analyses images with a custom check: a Lambda function or an HTTP endpoint of the user. */
export class CustomCheckAnalyzer implements Analyzer {
  public constructor(
    /** Name of the check for error messages. */
    private readonly service: string,
    private readonly send: SendCheck,
  ) {}

  public async analyze({ key, etag, source, frames }: AnalyzedImage, signal: AbortSignal): Promise<Analysis> {
    const { format, width, height, frames: frameCount } = source;
    const request: v.InferOutput<typeof checkRequestSchema> = {
      version: ANALYSIS_VERSION,
      key,
      etag,
      source: { format, width, height, frames: frameCount },
      frames: frames.map(({ index, body, ...frame }) => ({
        index,
        width: frame.width,
        height: frame.height,
        jpeg: body.toString('base64'),
      })),
    };
    const body = await this.send(JSON.stringify(request), signal);
    const { verdict, reason, focalPoint, tags } = parsed(this.service, checkResponseSchema, body);
    return { verdict, reason, focalPoint, tags };
  }
}

/** Returns a function that sends requests to a Lambda function by synchronous invocation. */
export function invokeFunction(functionArn: string, send: AwsClient, wait?: Wait): SendCheck {
  const service = `the function ${functionArn}`;
  return async (body, signal) => {
    const response = await withAttempts(
      service,
      () =>
        send({
          path: `/2015-03-31/functions/${encodeURIComponent(functionArn)}/invocations`,
          headers: { 'content-type': 'application/json' },
          body,
          signal,
        }),
      signal,
      wait,
    );
    const { status, headers } = response;
    if (status !== 200) {
      const type = headers.get('x-amzn-errortype') ?? errorTypeOf(response.body) ?? 'an unknown error';
      const message = `the invocation of ${service} returned ${type} with status ${status}; check lambda:InvokeFunction`;
      throw new AnalysisError('analysis-unavailable', message);
    }
    if (headers.has('x-amz-function-error')) {
      throw new AnalysisError('analysis-unavailable', `${service} threw an error; check the log of the function`);
    }
    return response.body;
  };
}

/** Options of {@link postToEndpoint}. */
export interface EndpointOptions {
  readonly url: string;
  /** Function that returns the key for signing the request. @default - no signature */
  readonly signingKey?: (() => Promise<CheckSigningKey>) | undefined;
  /** Function that returns the current time in milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
  readonly wait?: Wait;
}

/** Returns a function that sends requests to an HTTP endpoint. Error messages contain only the origin of the URL. */
export function postToEndpoint({ url, signingKey, now = Date.now, wait }: EndpointOptions): SendCheck {
  const service = `the endpoint ${new URL(url).origin}`;
  return async (body, signal) => {
    const key = await signingKey?.().catch((error: unknown) => {
      throw new AnalysisError('analysis-unavailable', 'the keys that sign requests are unavailable', { cause: error });
    });
    const response = await withAttempts(
      service,
      async () => {
        const headers = {
          'Content-Type': 'application/json',
          ...(key && { [ANALYSIS_SIGNATURE_HEADER]: signatureOf(body, key, Math.floor(now() / 1000)) }),
        };
        return readResponse(await fetch(url, { method: 'POST', headers, body, redirect: 'error', signal }));
      },
      signal,
      wait,
    );
    if (response.status < 200 || response.status > 299) {
      const message = `${service} returned status ${response.status}; expected 200`;
      throw new AnalysisError('analysis-unavailable', message);
    }
    return response.body;
  };
}

/**
 * Returns the value of the signature header.
 *
 * The signature is an HMAC-SHA256 of the time in seconds since 1970, a dot and the body.
 */
function signatureOf(body: string, { id, key }: CheckSigningKey, seconds: number): string {
  const signature = createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},keyid=${id},v1=${signature}`;
}
