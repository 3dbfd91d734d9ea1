// With equal props and sources, all entry points store identical thumbnails and manifests.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mapParallel } from '../../../runtime/pipeline';
import type { Manifest } from '../../../runtime/pipeline/thumbnail-set/manifest';
import type { ObjectStore } from '../../../runtime/storage';
import { startS3, type S3Server } from '../../support/aws/s3';
import { startSqs, type SqsServer } from '../../support/aws/sqs';
import { eventually } from '../../support/eventually';
import { type Variant, VARIANTS } from './open-variants';
import { createSources, FILES, type Source } from './sources';

/** Content of an object with its metadata, without times. */
interface StoredObject {
  readonly key: string;
  readonly text: string;
  readonly etag: string;
  readonly contentType: string | undefined;
  readonly cacheControl: string | undefined;
  readonly metadata: unknown;
}

/** Stored objects after the uploads. If the entry point receives deletions, also the objects after the changes. */
interface Result {
  readonly uploaded: readonly StoredObject[];
  readonly changed?: readonly StoredObject[];
}

const KEYS = [
  'turned.jpg',
  'trip/my été+1 100%.jpg',
  'progressive.jpg',
  'print.jpg',
  'glass.png',
  'deep.png',
  'moving.gif',
  'moving.webp',
  'still.webp',
  'phone.heic',
  'web.avif',
  'cut.jpg',
  'notes.txt',
];
const [FIRST = '', ...OTHERS] = Object.keys(VARIANTS);
const RECEIVING_DELETIONS = [
  'the service on a queue',
  'the service on directories',
  'the service on S3 notifications by HTTP',
  'the service on CloudEvents by HTTP',
];
/** Number of entry points that run at a time. */
const PARALLEL = 2;

let s3: S3Server;
let sqs: SqsServer;
let directory: string;
let sources: readonly Source[];
const results = new Map<string, Result>();

beforeAll(async () => {
  [s3, sqs, sources] = await Promise.all([startS3(), startSqs(), createSources()]);
  directory = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-variants-'));
  await mapParallel(Object.entries(VARIANTS), PARALLEL, async ([name, open]) => {
    const variant = await open({ s3, sqs, directory });
    try {
      results.set(name, await run(variant));
    } finally {
      await variant.close();
    }
  });
}, 300_000);
afterAll(async () => {
  await Promise.all([s3.stop(), sqs.stop()]);
  rmSync(directory, { recursive: true, force: true });
});

async function run(variant: Variant): Promise<Result> {
  const { source, receivesDeletions } = variant;
  await put(source, ...sources);
  const uploaded = await settledContentsOf(variant);
  if (!receivesDeletions) {
    return { uploaded };
  }
  await source.delete(['glass.png']);
  // Replaces the image of a key.
  await put(source, { ...sources[0]!, key: 'still.webp' });
  return { uploaded, changed: await settledContentsOf(variant) };
}

async function put(store: ObjectStore, ...objects: readonly Source[]): Promise<void> {
  for (const { key, body, options } of objects) {
    await store.put(key, body, options);
  }
}

async function settledContentsOf({ source, thumbnails, settled }: Variant): Promise<StoredObject[]> {
  await settled(sources.map(({ key }) => key));
  await eventually(async () => (await isCurrent(source, thumbnails)) || undefined, 'current thumbnail sets');
  const objects: StoredObject[] = [];
  for await (const { key } of thumbnails.list({ prefix: '' })) {
    const { body, etag, contentType, cacheControl, metadata } = (await thumbnails.get(key, { maxBytes: Infinity }))!;
    const text = key.endsWith('.json') ? body.toString() : body.toString('base64');
    objects.push({ key, text, etag, contentType, cacheControl, metadata });
  }
  return objects.sort((one, other) => (one.key < other.key ? -1 : 1));
}

/** Returns whether each source has a current manifest and each thumbnail set belongs to a source. */
async function isCurrent(source: ObjectStore, thumbnails: ObjectStore): Promise<boolean> {
  const keys: string[] = [];
  for await (const { key, etag } of source.list({ prefix: '' })) {
    keys.push(`${key}/`);
    const manifest = await thumbnails.get(`${key}/manifest.json`, { maxBytes: Infinity });
    if (!manifest || (JSON.parse(manifest.body.toString()) as Manifest).source.etag !== etag) {
      return false;
    }
  }
  for await (const { key } of thumbnails.list({ prefix: '' })) {
    if (!keys.some((start) => key.startsWith(start))) {
      return false;
    }
  }
  return true;
}

const storedOf = (entryPoint: string, source: string): StoredObject[] =>
  results.get(entryPoint)!.uploaded.filter(({ key }) => key.startsWith(`${source}/`));

test('KEYS contains the key of every source', () => {
  expect(KEYS).toEqual(sources.map(({ key }) => key));
});

test.each(KEYS)(`${FIRST} stores the thumbnail set of %s`, (key) => {
  const { rejection } = sources.find((source) => source.key === key)!;
  const stored = storedOf(FIRST, key);
  expect(stored.map((object) => object.key.slice(key.length + 1))).toEqual(rejection ? ['manifest.json'] : FILES);
  const manifest = JSON.parse(stored.find((object) => object.key.endsWith('.json'))!.text) as Manifest;
  expect(manifest).toMatchObject(
    rejection ? { status: 'rejected', rejection: { code: rejection } } : { status: 'ready' },
  );
});

describe.each(OTHERS)('%s', (entryPoint) => {
  test.each(KEYS)('the entry point stores the objects of %s with equal bytes', (key) => {
    expect(storedOf(entryPoint, key)).toEqual(storedOf(FIRST, key));
  });

  test('the entry point stores no other objects', () => {
    expect(results.get(entryPoint)!.uploaded).toHaveLength(results.get(FIRST)!.uploaded.length);
  });
});

test.each(RECEIVING_DELETIONS)(
  'the entry point %s stores equal bytes after a deletion and a replacement',
  (entryPoint) => {
    const expected = results.get(FIRST)!.changed!;
    expect(expected).toHaveLength(results.get(FIRST)!.uploaded.length - FILES.length);
    expect(expected.some(({ key }) => key.startsWith('glass.png/'))).toBe(false);
    expect(results.get(entryPoint)!.changed).toEqual(expected);
  },
);
