// Deploys an old version and then a new version of the package. Checks that the API still returns all thumbnails.
//
//   npm run test:upgrade -- OLD.tgz NEW.tgz
//
// On a server that imitates AWS, APIs have other URLs. Set the environment variable API_URL to such a URL, with {id} in place
// of the API's id.
//
// Deploys the stack ThumbnailsUpgradeTest with the credentials of the AWS CDK, and deletes the stack at the end.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';
import { listStackResources } from '../../cli/stack/stack-resources';
import { S3ObjectStore } from '../../runtime/storage/s3/s3-object-store';
import { compareSnapshots, KEPT_TYPES, type DeploymentSnapshot } from './compare-snapshots';
import { requestImages, requestManifest, requestThumbnail } from './served-images';

const STACK = 'ThumbnailsUpgradeTest';
const PREFIX = 'upgrade/';
const IMAGES = 10;
const TIMEOUT_MS = 300_000;
const root = join(__dirname, '../..');
const PACKAGES = ['aws-cdk-lib', 'constructs'];

const APP = `
const { App, CfnOutput, RemovalPolicy, Stack } = require('aws-cdk-lib');
const { Architecture } = require('aws-cdk-lib/aws-lambda');
const { ThumbnailAccess, ThumbnailCompute, ThumbnailPipeline } = require('cdk-thumbnails');
const stack = new Stack(new App(), '${STACK}');
const { sourceBucket, thumbnailBucket, apiUrl } = new ThumbnailPipeline(stack, 'Photos', {
  removalPolicy: RemovalPolicy.DESTROY,
  api: { access: ThumbnailAccess.publicRead() },
  compute: ThumbnailCompute.lambda({ architecture: Architecture.${process.arch === 'x64' ? 'X86_64' : 'ARM_64'} }),
});
new CfnOutput(stack, 'Source', { value: sourceBucket.bucketName });
new CfnOutput(stack, 'Thumbnails', { value: thumbnailBucket.bucketName });
new CfnOutput(stack, 'Api', { value: apiUrl });
`;

interface Outputs {
  readonly Source: string;
  readonly Thumbnails: string;
  readonly Api: string;
}

async function main([oldTarball, newTarball]: readonly string[]): Promise<void> {
  if (oldTarball === undefined || newTarball === undefined) {
    throw new Error('expected the paths of two tarballs: npm run test:upgrade -- OLD.tgz NEW.tgz');
  }
  const folder = createApp();
  const stores: S3ObjectStore[] = [];
  try {
    install(folder, oldTarball);
    const outputs = await deploy(folder);
    stores.push(new S3ObjectStore({ bucket: outputs.Source }), new S3ObjectStore({ bucket: outputs.Thumbnails }));
    const [source, thumbnails] = stores;
    const api = requestUrl(outputs.Api);
    await upload(source!, 'before');
    await waitForManifests(thumbnails!, 'before');
    const before = await snapshot(thumbnails!, api);

    install(folder, newTarball);
    // Uploads during the update must not be lost, and requests must not fail.
    const update = deploy(folder);
    const [, , requests] = await Promise.all([update, upload(source!, 'during'), requestUntil(update, api, before)]);
    const losses = [...compareSnapshots(before, await snapshot(thumbnails!, api)), ...requests.failures];
    await waitForManifests(thumbnails!, 'during');
    await upload(source!, 'after');
    await waitForManifests(thumbnails!, 'after');
    const responses = await requestImages(api, [...keysOf('during'), ...keysOf('after')]);
    losses.push(...(await renderOnDemand(thumbnails!, api)));
    await source!.delete(keysOf('before'));
    await waitForRemoval(thumbnails!, 'before');

    losses.forEach((loss) => console.error(loss));
    const count = (values: object): number => Object.keys(values).length;
    console.log(
      `${count(before.resources)} resources, ${count(before.objects)} objects and ${count(before.responses)} responses ` +
        `compared, ${losses.length} lost; ${IMAGES} images uploaded before, during and after the update; ` +
        `${requests.count} requests during the update, ${count(responses)} responses for new images`,
    );
    process.exitCode = losses.length > 0 ? 1 : 0;
  } finally {
    await Promise.all(stores.map(empty));
    await cdk(folder, 'destroy', '--force');
    rmSync(folder, { recursive: true });
  }
}

/** Returns the URL at which the API receives requests. */
function requestUrl(apiUrl: string): string {
  const [id] = new URL(apiUrl).hostname.split('.');
  return process.env['API_URL']?.replace('{id}', id!) ?? apiUrl;
}

interface RequestsDuringUpdate {
  readonly count: number;
  readonly failures: readonly string[];
}

/** Requests one thumbnail repeatedly until the update has ended. Compares each response with the response before the update. */
async function requestUntil(
  update: Promise<unknown>,
  api: string,
  { responses }: DeploymentSnapshot,
): Promise<RequestsDuringUpdate> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  update.then(end, end);
  const [path, expected] = Object.entries(responses).find(([each]) => each.startsWith('thumbnails/'))!;
  const failures: string[] = [];
  let count = 0;
  for (; !ended.signal.aborted; count += 1) {
    const response = await requestThumbnail(api, path).catch(String);
    if (response !== expected) {
      failures.push(`response ${path} during the update: expected ${expected}, received ${response}`);
    }
    await delay(200);
  }
  return { count, failures };
}

/**
 * Deletes stored thumbnails and requests one of the deleted thumbnails. The API must create a thumbnail with identical content.
 */
async function renderOnDemand(thumbnails: S3ObjectStore, api: string): Promise<string[]> {
  const [key] = keysOf('after');
  const manifest = await requestManifest(api, key!);
  const [{ name, format }] = manifest.thumbnails as [(typeof manifest.thumbnails)[number]];
  const path = `thumbnails/${name}/${key}?format=${format}`;
  const stored = await requestThumbnail(api, path);
  const keys: string[] = [];
  for await (const object of thumbnails.list({ prefix: `${key}/` })) {
    keys.push(object.key);
  }
  await thumbnails.delete(keys);
  const rendered = await requestThumbnail(api, path);
  return rendered === stored ? [] : [`on-demand render ${path}: expected ${stored}, received ${rendered}`];
}

/** Creates an app with the peer dependencies of this repository. Requires no registry. */
function createApp(): string {
  const folder = mkdtempSync(join(tmpdir(), 'upgrade-'));
  for (const name of PACKAGES) {
    const path = join(folder, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), path, 'junction');
  }
  writeFileSync(join(folder, 'app.js'), APP);
  writeFileSync(join(folder, 'cdk.json'), JSON.stringify({ app: 'node app.js' }));
  return folder;
}

function install(folder: string, tarball: string): void {
  const library = join(folder, 'node_modules/cdk-thumbnails');
  rmSync(library, { recursive: true, force: true });
  mkdirSync(library);
  execFileSync('tar', ['-xzf', resolve(tarball), '-C', library, '--strip-components=1']);
}

async function deploy(folder: string): Promise<Outputs> {
  await cdk(folder, 'deploy', '--require-approval', 'never', '--outputs-file', 'outputs.json');
  const outputs = JSON.parse(readFileSync(join(folder, 'outputs.json'), 'utf8')) as Record<string, Outputs>;
  return outputs[STACK]!;
}

async function cdk(folder: string, ...args: readonly string[]): Promise<void> {
  const command = join(root, 'node_modules/aws-cdk/bin/cdk');
  const running = spawn(process.execPath, [command, ...args], { cwd: folder, stdio: 'inherit' });
  const [code] = (await once(running, 'exit')) as [number | null];
  if (code !== 0) {
    throw new Error(`cdk ${args[0]}: exit code ${code}`);
  }
}

/** Deletes all objects, because CloudFormation does not delete buckets with objects. */
async function empty(store: S3ObjectStore): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of store.list({ prefix: '' })) {
    keys.push(key);
  }
  await store.delete(keys);
}

function keysOf(group: string): string[] {
  return Array.from({ length: IMAGES }, (_, index) => `${PREFIX}${group}/${index}.jpg`);
}

async function upload(source: S3ObjectStore, group: string): Promise<void> {
  const body = await sharp({ create: { width: 640, height: 480, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer();
  for (const key of keysOf(group)) {
    await source.put(key, body, { contentType: 'image/jpeg' });
  }
}

async function snapshot(thumbnails: S3ObjectStore, api: string): Promise<DeploymentSnapshot> {
  const objects: Record<string, string> = {};
  for await (const { key, etag } of thumbnails.list({ prefix: `${PREFIX}before/` })) {
    objects[key] = etag;
  }
  const resources = (await listStackResources(STACK)).filter(({ type }) => KEPT_TYPES.includes(type));
  return {
    resources: Object.fromEntries(resources.map(({ logicalId, physicalId }) => [logicalId, physicalId])),
    objects,
    responses: await requestImages(api, keysOf('before')),
  };
}

function waitForManifests(thumbnails: S3ObjectStore, group: string): Promise<void> {
  return waitFor(`manifests of ${group}`, async () => {
    const heads = await Promise.all(keysOf(group).map((key) => thumbnails.head(`${key}/manifest.json`)));
    return heads.every((head) => head !== undefined);
  });
}

function waitForRemoval(thumbnails: S3ObjectStore, group: string): Promise<void> {
  return waitFor(`removal of ${group}`, async () => {
    for await (const { key } of thumbnails.list({ prefix: `${PREFIX}${group}/` })) {
      return key === '';
    }
    return true;
  });
}

async function waitFor(subject: string, isReached: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + TIMEOUT_MS; !(await isReached());) {
    if (Date.now() > end) {
      throw new Error(`timed out after ${TIMEOUT_MS / 1000} s: ${subject}`);
    }
    await delay(1000);
  }
}

void main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
