import { PutObjectCommand } from '@aws-sdk/client-s3';
import { mapParallel } from '../../../runtime/pipeline';
import { S3ObjectStore } from '../../../runtime/storage/s3/s3-object-store';
import { startS3, type S3Server } from '../aws/s3';
import { startSqs, type SqsServer, type TestQueue } from '../aws/sqs';
import { eventually } from '../eventually';
import { quadrants } from '../images';
import { buildBundles, type BuildBundlesOptions, type Bundles } from './bundles';
import { FILES, ServiceProcess, SETTINGS } from './service-process';

const PARALLEL_UPLOADS = 32;

/** Number of visible and hidden messages of a queue. */
export interface QueueDepth {
  readonly visible: number;
  readonly hidden: number;
}

/** Returns the sorted keys of all thumbnails and manifests of the sources. */
export function storedKeysOf(keys: readonly string[]): string[] {
  return keys.flatMap((key) => FILES.map((file) => `${key}/${file}`)).sort();
}

/**
 * Service processes with buckets in s3rver and a queue in fauxqs. s3rver sends notifications of uploads to the queue.
 */
export class ServiceFixture {
  public source = '';
  public thumbnails = '';
  public queue!: TestQueue;
  private sent: Promise<void>[] = [];
  private services: ServiceProcess[] = [];
  private unsubscribe = (): void => undefined;

  private constructor(
    public readonly s3: S3Server,
    public readonly sqs: SqsServer,
    private readonly bundles: Bundles,
    private readonly photo: Buffer,
  ) {}

  /** Builds the bundles and starts the servers. */
  public static async create(options: BuildBundlesOptions = {}): Promise<ServiceFixture> {
    const bundles = buildBundles(options);
    const photo = await quadrants({ width: 640, height: 480, orientation: 6 });
    const [s3, sqs] = await Promise.all([startS3(), startSqs()]);
    return new ServiceFixture(s3, sqs, bundles, photo);
  }

  /** Path of the bundle of the service. */
  public get script(): string {
    return this.bundles.path('service');
  }

  /** Path of the bundle of the upload function. */
  public get uploadFunction(): string {
    return this.bundles.path('upload-function');
  }

  /** Path of the bundle of the command line. */
  public get command(): string {
    return this.bundles.path('cdk-thumbnails');
  }

  /** Environment variables of a process that uses the buckets and the queue of a test. */
  public get environment(): Readonly<Record<string, string>> {
    return {
      ...this.s3.env,
      ...this.sqs.env,
      AWS_ENDPOINT_URL_S3: this.s3.endpoint,
      AWS_ACCESS_KEY_ID: this.s3.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: this.s3.credentials.secretAccessKey,
      SOURCE_BUCKET: this.source,
      THUMBNAIL_BUCKET: this.thumbnails,
      QUEUE_URL: this.queue.url,
      THUMBNAILS: SETTINGS['THUMBNAILS']!,
    };
  }

  /** Creates empty buckets and a queue for a test. */
  public async reset({ maxReceiveCount }: { readonly maxReceiveCount?: number } = {}): Promise<void> {
    this.unsubscribe();
    this.sent = [];
    [this.source, this.thumbnails, this.queue] = await Promise.all([
      this.s3.createBucket(),
      this.s3.createBucket(),
      this.sqs.createQueue({ ...(maxReceiveCount !== undefined && { maxReceiveCount }) }),
    ]);
    this.unsubscribe = this.s3.onEvent((event) => {
      if (event.Records[0]?.s3.bucket.name === this.source) {
        this.sent.push(this.sqs.send(this.queue.url, JSON.stringify(event)));
      }
    });
  }

  /** Stops the notifications of uploads. */
  public stopNotifications(): void {
    this.unsubscribe();
  }

  /** Starts a service in the mode `worker`. */
  public async start(variables: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    const service = await ServiceProcess.start(this.script, {
      ...this.environment,
      SERVICE_MODE: 'worker',
      ...variables,
    });
    this.services.push(service);
    return service;
  }

  /** Uploads one image. */
  public async put(key: string, body: Buffer = this.photo): Promise<void> {
    await this.s3.client.send(new PutObjectCommand({ Bucket: this.source, Key: key, Body: body }));
  }

  /** Uploads `count` images with different keys and returns the keys. */
  public async upload(count: number, body?: Buffer): Promise<string[]> {
    const keys = Array.from({ length: count }, (_, index) => `trip ${index % 7}/photo ${index}.jpg`);
    await mapParallel(keys, PARALLEL_UPLOADS, (key) => this.put(key, body));
    return keys;
  }

  /** Returns the sorted keys of all stored thumbnails and manifests. */
  public async storedKeys(): Promise<string[]> {
    const store = new S3ObjectStore({ bucket: this.thumbnails, client: this.s3.client });
    const keys: string[] = [];
    for await (const { key } of store.list({ prefix: '' })) {
      keys.push(key);
    }
    return keys.sort();
  }

  /**
   * Resolves when all notifications are sent and the queue has the given depth. Rejects if the depth remains unchanged for too
   * long.
   */
  public async waitForDepth({ visible, hidden }: QueueDepth): Promise<void> {
    await Promise.all(this.sent);
    let last = await this.sqs.depth(this.queue.url);
    while (last.visible !== visible || last.hidden !== hidden) {
      const before = last;
      last = await eventually(
        async () => {
          const depth = await this.sqs.depth(this.queue.url);
          return depth.visible !== before.visible || depth.hidden !== before.hidden ? depth : undefined;
        },
        `the depth ${JSON.stringify({ visible, hidden })} after ${JSON.stringify(before)}`,
      );
    }
  }

  /** Resolves when all notifications are sent and the queue is empty. */
  public drained(): Promise<void> {
    return this.waitForDepth({ visible: 0, hidden: 0 });
  }

  /** Waits for an empty queue. Expects exactly the thumbnail sets of these sources and an empty dead-letter queue. */
  public async expectAllMade(keys: readonly string[]): Promise<void> {
    await this.drained();
    expect(await this.storedKeys()).toEqual(storedKeysOf(keys));
    expect(await this.sqs.depth(this.queue.deadLetterUrl)).toEqual({ visible: 0, hidden: 0 });
  }

  /** Kills the services of a test. */
  public async killServices(): Promise<void> {
    this.unsubscribe();
    await Promise.all(this.services.map((service) => service.stop('SIGKILL')));
    this.services = [];
  }

  /** Stops the servers and deletes the bundles. */
  public async close(): Promise<void> {
    await Promise.all([this.s3.stop(), this.sqs.stop()]);
    this.bundles.remove();
  }
}
