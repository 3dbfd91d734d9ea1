import { setTimeout as delay } from 'node:timers/promises';
import { inspectKey, Pipeline, type KeyInspection, type Manifest, type ReadyManifest } from '../../runtime/pipeline';
import type { PutOptions } from '../../runtime/storage';
import { CheckFailure, CheckSkipped } from './check';
import { photo } from './sample-images';
import type { VerifyTarget } from './verify-target';

/** Options of a {@link VerifyRun}. */
export interface VerifyRunOptions {
  /** Random id of the run, which is part of all keys. */
  readonly id: string;
  /** Maximum time in milliseconds for which a check waits for an expected state of the pipeline. */
  readonly timeoutMs: number;
  /** Interval in ms between two requests for the same state. */
  readonly intervalMs: number;
  /** Signal that ends all checks that wait for the pipeline. */
  readonly signal: AbortSignal;
}

/** Uploaded image with stored thumbnails. */
export interface ReadyImage {
  readonly key: string;
  readonly body: Buffer;
  readonly manifest: ReadyManifest;
}

/** Folder below the source prefix that contains the keys of all runs. */
const FOLDER = 'cdk-thumbnails-verify/';
const JPEG: PutOptions = { contentType: 'image/jpeg' };

/** One run of all checks against a deployment. The source keys of a run have a common prefix. */
export class VerifyRun {
  /** Prefix of all source keys of this run. */
  public readonly prefix: string;
  private readonly pipeline: Pipeline;
  private ready: Promise<ReadyImage> | undefined;
  private rejected: Promise<string> | undefined;

  public constructor(
    public readonly target: VerifyTarget,
    public readonly options: VerifyRunOptions,
  ) {
    this.prefix = `${target.settings.sourceLocation.prefix}${FOLDER}${options.id}/`;
    this.pipeline = new Pipeline(target);
  }

  /**
   * Returns a source key of this run.
   *
   * @param name end of the key, such as `photo.jpg`
   * @throws CheckSkipped if the pipeline does not process the key
   */
  public key(name: string): string {
    const key = this.prefix + name;
    if (!this.pipeline.serves(key)) {
      throw new CheckSkipped(`the pipeline does not process keys such as ${name}`);
    }
    return key;
  }

  public settingsOf(key: string): ReturnType<Pipeline['settingsOf']> {
    return this.pipeline.settingsOf(key);
  }

  /** Uploads a source and returns its ETag. */
  public async put(name: string, body: Buffer, options: PutOptions = JPEG): Promise<string> {
    return (await this.target.source.put(this.key(name), body, options)).etag;
  }

  /** Uploads a source, and waits until the pipeline has stored its thumbnails. */
  public async putReady(name: string, body: Buffer, options?: PutOptions): Promise<ReadyImage> {
    const etag = await this.put(name, body, options);
    return { key: this.key(name), body, manifest: await this.readyManifest(this.key(name), etag) };
  }

  /**
   * Waits until the thumbnail set of a key is current, and returns the manifest with status `ready`.
   *
   * @param etag ETag of the source. @default - any ETag
   * @throws CheckFailure if the pipeline rejects the source, or the timeout expires
   */
  public async readyManifest(key: string, etag?: string): Promise<ReadyManifest> {
    const manifest = await this.manifest(key, etag);
    if (manifest.status !== 'ready') {
      throw new CheckFailure(`${key}: rejected with ${manifest.rejection.code}; expected thumbnails`);
    }
    return manifest;
  }

  /** Waits until the thumbnail set of a key is current, and returns the manifest. The status can be `ready` or `rejected`. */
  public async manifest(key: string, etag?: string): Promise<Manifest> {
    const { manifest } = await this.state(key, 'current', ({ source }) => etag === undefined || source?.etag === etag);
    if (!manifest) {
      throw new CheckFailure(`${key}: the manifest cannot be read`);
    }
    return manifest;
  }

  /** Waits until a thumbnail set has the given state. */
  public state(
    key: string,
    state: KeyInspection['state'],
    matches: (inspection: KeyInspection) => boolean = () => true,
  ): Promise<KeyInspection> {
    let last: string = 'unknown';
    return this.waitFor(
      () => `${key}: the thumbnail set has the state ${last}; expected ${state}`,
      async () => {
        const inspection = await inspectKey(this.target, this.target.settings, key);
        last = inspection.state;
        return last === state && matches(inspection) ? inspection : undefined;
      },
    );
  }

  /**
   * Repeats a request until the request returns a value.
   *
   * @throws CheckFailure if the timeout expires or the run is interrupted
   */
  public async waitFor<T>(message: () => string, get: () => Promise<T | undefined>): Promise<T> {
    const { timeoutMs, intervalMs, signal } = this.options;
    const end = Date.now() + timeoutMs;
    for (;;) {
      const value = await get();
      if (value !== undefined) {
        return value;
      }
      if (signal.aborted || Date.now() > end) {
        throw new CheckFailure(`${message()} (${signal.aborted ? 'interrupted' : `waited ${timeoutMs / 1000} s`})`);
      }
      await delay(intervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Returns a photo with stored thumbnails. Uploads the photo at the first call. All read-only checks use this photo. */
  public photo(): Promise<ReadyImage> {
    return (this.ready ??= photo().then((body) => this.putReady('shared.jpg', body)));
  }

  /** Returns the key of a rejected source. Uploads the source at the first call. All read-only checks use this source. */
  public rejectedKey(): Promise<string> {
    return (this.rejected ??= this.putRejected());
  }

  private async putRejected(): Promise<string> {
    const key = this.key('rejected.jpg');
    await this.manifest(key, await this.put('rejected.jpg', Buffer.from('no image')));
    return key;
  }
}

/** One check of a deployed pipeline. */
export interface Check {
  /** Description of the verified behavior for the report. */
  readonly title: string;
  /**
   * Runs the check and returns details for the report.
   *
   * @throws CheckFailure if the behavior of the pipeline differs from `title`
   * @throws CheckSkipped if the deployment does not support the check
   */
  readonly run: (run: VerifyRun) => Promise<string>;
}
