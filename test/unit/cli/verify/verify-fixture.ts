import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { ApiRequests } from '../../../../cli/verify/api-requests';
import { VerifyRun } from '../../../../cli/verify/verify-run';
import type { AlarmState, PermissionResult, VerifyTarget } from '../../../../cli/verify/verify-target';
import { readCoreSettings } from '../../../../runtime/config/core-settings';
import { EVENT_DETAIL_TYPES } from '../../../../runtime/contract';
import { createHttpApi, fixedKeys } from '../../../../runtime/http';
import { Pipeline, readChangedObjects, type Outcome } from '../../../../runtime/pipeline';
import { VERSION } from '../../../../runtime/program/version';
import { httpOptionsFrom } from '../../../support/assemble-from';
import { MemoryObjectStore } from '../../../support/aws/memory-store';

const KEYS = { k1: 'fedcba9876543210fedcba9876543210' };
const ENVIRONMENT = {
  STORAGE: 's3',
  SOURCE_BUCKET: 'photos',
  THUMBNAIL_BUCKET: 'thumbnails',
  THUMBNAILS: JSON.stringify([
    { name: 'small', fit: 'inside', width: 80, height: 80, formats: [{ type: 'webp' }, { type: 'jpeg' }] },
  ]),
  READ_ACCESS: 'signed',
  WRITE_ACCESS: 'signed',
  SIGNING_KEYS: JSON.stringify(KEYS),
};
const EVENT_OF: Partial<Record<Outcome['status'], keyof typeof EVENT_DETAIL_TYPES>> = {
  made: 'ready',
  rejected: 'rejected',
  deleted: 'removed',
};

type Request_ = RequestInit & { readonly method?: string };

/**
 * A pipeline in memory with all parts of a deployment: API, queue, events, alarms and distribution. The pipeline processes each
 * change of a source at once. Tests replace functions of the fixture to simulate faults.
 */
export class VerifyFixture {
  public readonly settings = readCoreSettings(ENVIRONMENT);
  public readonly source = new MemoryObjectStore({
    hook: async ({ operation, key }, moment) => {
      if (moment === 'answered' && (operation === 'put' || operation === 'delete')) {
        this.cached.clear();
        await this.process(key);
      }
    },
  });
  public readonly thumbnails = new MemoryObjectStore();
  public readonly pipeline = new Pipeline(this);
  /** Bodies of the events that remain in the queue of the subscription. */
  public events: string[] = [];
  public deadLetters: string[] = [];
  public alarms: AlarmState[] = [{ name: 'Dead letters', state: 'OK' }];
  public permissions: PermissionResult[] = [
    { action: 's3:GetObject', resource: 'arn:aws:s3:::photos/a.jpg', isAllowed: true, expected: true },
    { action: 's3:PutObject', resource: 'arn:aws:s3:::photos/a.jpg', isAllowed: false, expected: false },
  ];
  /** Number of open subscriptions. */
  public subscriptions = 0;
  private readonly cached = new Map<string, Response>();
  private readonly api = createHttpApi({
    ...httpOptionsFrom(this, ENVIRONMENT),
    pipeline: this.pipeline,
    reconcile: (key, options) => this.pipeline.reconcile(key, options),
    version: VERSION,
  });
  private readonly parts: Buffer[] = [];
  private readonly s3 = new S3Client({ region: 'us-east-1' });

  /** Changes a response of the API. */
  public respond: (response: Response, url: URL, request: Request_) => Response | Promise<Response> = (response) =>
    response;
  /** Processes a change of a source. */
  public process: (key: string) => Promise<void> = (key) => this.reconcile(key);
  /** Returns the status of an upload with a form. */
  public submit: (form: FormData) => Promise<number> = (form) => this.submitForm(form);
  /** Returns the status of an unsigned request to a bucket. */
  public readUnsigned: () => number = () => 403;
  /** Changes a response of the distribution. */
  public distribute: (response: Response) => Response = (response) => response;

  public constructor() {
    mockClient(this.s3)
      .on(PutObjectCommand)
      .callsFake(async ({ Key, Body, ContentType }: Record<string, never>) => {
        await this.source.put(Key!, Body!, { contentType: ContentType! });
        return { ServerSideEncryption: 'aws:kms' };
      })
      .on(CreateMultipartUploadCommand)
      .resolves({ UploadId: 'upload' })
      .on(UploadPartCommand)
      .callsFake(({ Body, PartNumber }: { Body: Buffer; PartNumber: number }) => {
        this.parts[PartNumber - 1] = Body;
        return { ETag: `"${PartNumber}"` };
      })
      .on(CompleteMultipartUploadCommand)
      .callsFake(({ Key }: { Key: string }) =>
        this.source.put(Key, Buffer.concat(this.parts), { contentType: 'image/png' }),
      )
      .on(AbortMultipartUploadCommand)
      .resolves({});
    jest.spyOn(globalThis, 'fetch').mockImplementation((url, request = {}) => this.fetch(new URL(url), request));
  }

  /** Returns a verification that reads each state once and does not wait for a change. */
  public run(target: Partial<VerifyTarget> = {}, signal = new AbortController().signal): VerifyRun {
    return new VerifyRun({ ...this.target, ...target }, { id: 'run', timeoutMs: 0, intervalMs: 0, signal });
  }

  /** All parts of the deployment. */
  public get target(): VerifyTarget {
    const { settings, source, thumbnails } = this;
    const keys = fixedKeys([{ id: 'k1', key: KEYS.k1 }]);
    return {
      name: 'Photos',
      settings,
      source,
      thumbnails,
      s3: { value: this.s3 },
      unsignedUrl: { value: (store, key) => Promise.resolve(`https://${store}.test/${encodeURIComponent(key)}`) },
      api: { value: new ApiRequests({ url: 'https://api.test', read: 'signed', write: 'signed', keys }) },
      queue: {
        value: {
          deadLetters: () => Promise.resolve(this.deadLetters.length),
          addDeadLetter: (body) => Promise.resolve(void this.deadLetters.push(body)),
          redrive: async () => {
            const keysOf = this.deadLetters.splice(0).flatMap(readChangedObjects);
            await Promise.all(keysOf.map(({ key }) => this.process(key)));
          },
        },
      },
      subscribe: {
        value: () => {
          this.subscriptions += 1;
          return Promise.resolve({
            receive: () => Promise.resolve(this.events.splice(0)),
            close: () => Promise.resolve(void (this.subscriptions -= 1)),
          });
        },
      },
      alarms: { value: () => Promise.resolve(this.alarms) },
      permissions: { value: () => Promise.resolve(this.permissions) },
      distribution: { value: { url: 'https://cdn.test', purges: true } },
    };
  }

  /** Processes a source and publishes its event. */
  public async reconcile(key: string): Promise<void> {
    const { status } = await this.pipeline.reconcile(key);
    const event = EVENT_OF[status];
    if (event) {
      this.events.push(JSON.stringify({ 'detail-type': EVENT_DETAIL_TYPES[event] }));
    }
  }

  private async fetch(url: URL, request: RequestInit): Promise<Response> {
    switch (url.host) {
      case 'api.test':
        if (url.pathname === '/uploads' && request.method === 'POST') {
          return this.respond(this.createForm(url, request), url, request);
        }
        return this.respond(await this.api.fetch(new Request(url, request)), url, request);
      case 'form.test':
        return new Response(null, { status: await this.submit(request.body as FormData) });
      case 'cdn.test':
        return this.distribute(await this.cache(url, request));
      default:
        return new Response(null, { status: this.readUnsigned() });
    }
  }

  /** Creates an upload form that S3 would accept. Responds 403 to requests without a signature. */
  private createForm(url: URL, request: RequestInit): Response {
    const key = url.searchParams.get('key');
    if (key === null || !url.searchParams.has('signature')) {
      return new Response(null, { status: 403 });
    }
    const { bytes } = JSON.parse(request.body as string) as { readonly bytes: number };
    const upload = { url: 'https://form.test/', fields: { key, policy: JSON.stringify({ key, bytes }) } };
    return Response.json({ key, upload }, { status: 201 });
  }

  private async submitForm(form: FormData): Promise<number> {
    const { key, bytes } = JSON.parse(form.get('policy') as string) as { readonly key: string; readonly bytes: number };
    const file = form.get('file') as Blob;
    if (form.get('key') !== key || file.size !== bytes) {
      return 403;
    }
    await this.source.put(key, Buffer.from(await file.arrayBuffer()), { contentType: 'image/jpeg' });
    return 204;
  }

  /** Responds like a distribution: returns the cached response for the URL and the Accept header, or requests the API. */
  private async cache(url: URL, { headers }: RequestInit): Promise<Response> {
    const id = `${url.href} ${new Headers(headers).get('accept')}`;
    const hit = this.cached.get(id);
    if (hit) {
      return new Response(hit.clone().body, { status: hit.status, headers: [...hit.headers, ['x-cache', 'Hit']] });
    }
    const { api } = this.target;
    const link = 'value' in api ? await api.value.link(url.pathname + url.search, 'GET') : '';
    const response = await this.api.fetch(new Request(link, { headers: headers ?? {} }));
    this.cached.set(id, response.clone());
    return response;
  }
}

/** Returns a response with a changed header. */
export function withHeader(response: Response, name: string, value: string | undefined): Response {
  const headers = new Headers(response.headers);
  headers.delete(name);
  if (value !== undefined) {
    headers.set(name, value);
  }
  return new Response(response.body, { status: response.status, headers });
}
