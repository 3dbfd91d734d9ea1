import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
  type S3Client,
} from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { expectEqual, expectThat, partOf, CheckSkipped } from '../check';
import { animation, FRAMES, heicSample, noise, PART_BYTES, photo, PHOTO_SIZE } from '../sample-images';
import type { Check, ReadyImage, VerifyRun } from '../verify-run';

/** Maximum size in bytes of a thumbnail. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Checks that upload, replace and delete objects in the source bucket. */
export const SOURCE_CHECKS = {
  'source-upload': {
    title: 'An uploaded photo gets all thumbnails, upright and in the configured formats',
    run: async (run) => {
      const image = await run.photo();
      const { width, height } = image.manifest.image;
      expectEqual('size of the upright image', { width, height }, PHOTO_SIZE);
      return checkThumbnails(run, image);
    },
  },
  'source-special-key': {
    title: 'A key with spaces, Unicode and reserved characters gets thumbnails',
    run: async (run) => checkThumbnails(run, await run.putReady('été 100% + (1)/写真 #1.jpg', await photo())),
  },
  'source-multipart': {
    title: 'A multipart upload gets thumbnails',
    run: async (run) => {
      const client = partOf(run.target.s3);
      const Bucket = run.target.settings.sourceLocation.name;
      const Key = run.key('multipart.png');
      const body = await noise();
      const { maxFileSizeBytes, maxPixels } = run.settingsOf(Key).limits;
      if (body.length > maxFileSizeBytes || 1500 * 1200 > maxPixels) {
        throw new CheckSkipped(
          'the limits of the pipeline do not permit an image that is large enough for a multipart upload',
        );
      }
      await uploadInParts(client, Bucket, Key, [body.subarray(0, PART_BYTES), body.subarray(PART_BYTES)]);
      return checkThumbnails(run, { key: Key, body, manifest: await run.readyManifest(Key) });
    },
  },
  'source-sse-kms': {
    title: 'An upload with SSE-KMS gets thumbnails',
    run: async (run) => {
      const client = partOf(run.target.s3);
      const Key = run.key('kms.jpg');
      const body = await photo();
      const Bucket = run.target.settings.sourceLocation.name;
      const { ServerSideEncryption: encryption } = await client.send(
        new PutObjectCommand({ Bucket, Key, Body: body, ContentType: 'image/jpeg', ServerSideEncryption: 'aws:kms' }),
      );
      if (encryption !== 'aws:kms') {
        throw new CheckSkipped('the object store does not support SSE-KMS');
      }
      return checkThumbnails(run, { key: Key, body, manifest: await run.readyManifest(Key) });
    },
  },
  'source-heic': {
    title: 'A HEIC image gets thumbnails',
    run: async (run) => {
      const image = await run.putReady('photo.heic', heicSample(), { contentType: 'image/heic' });
      expectEqual('format', image.manifest.image.format, 'heic');
      return checkThumbnails(run, image);
    },
  },
  'source-animation': {
    title: 'The frames of an animation are recognized',
    run: async (run) => {
      const image = await run.putReady('animation.gif', await animation(), { contentType: 'image/gif' });
      expectEqual('frames', image.manifest.image.frames, FRAMES);
      return checkThumbnails(run, image);
    },
  },
  'source-replace': {
    title: 'A replaced image gets new thumbnails',
    run: async (run) => {
      const before = await run.putReady('replaced.jpg', await photo());
      const after = await run.putReady('replaced.jpg', await photo());
      expectThat(before.manifest.source.etag !== after.manifest.source.etag, 'the manifest has the old ETag');
      return checkThumbnails(run, after);
    },
  },
  'source-delete': {
    title: 'The thumbnails of a deleted image are deleted',
    run: async (run) => {
      const { key } = await run.putReady('deleted.jpg', await photo());
      await run.target.source.delete([key]);
      await run.state(key, 'absent');
      return 'thumbnails and manifest deleted';
    },
  },
} as const satisfies Readonly<Record<string, Check>>;

/** Uploads an object in parts. Aborts a failed upload, because S3 bills the parts of incomplete uploads. */
async function uploadInParts(client: S3Client, Bucket: string, Key: string, parts: readonly Buffer[]): Promise<void> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'image/png' }));
  try {
    const Parts: CompletedPart[] = [];
    for (const [index, Body] of parts.entries()) {
      const PartNumber = index + 1;
      const { ETag } = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
      Parts.push({ ETag, PartNumber });
    }
    await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    throw error;
  }
}

/** Compares all stored thumbnails of an image with the manifest and the settings. */
async function checkThumbnails(run: VerifyRun, { key, manifest }: ReadyImage): Promise<string> {
  const { thumbnails } = run.settingsOf(key);
  const expected = thumbnails.flatMap(({ name, formats }) => formats.map(({ type }) => `${name} ${type}`));
  const received = manifest.thumbnails.map(({ name, format }) => `${name} ${format}`);
  expectEqual('thumbnails in the manifest', received.sort(), expected.sort());
  for (const thumbnail of manifest.thumbnails) {
    const object = await run.target.thumbnails.get(thumbnail.key, { maxBytes: MAX_BYTES });
    expectThat(object !== undefined, `${thumbnail.key}: does not exist`);
    const { body, contentType, cacheControl } = object!;
    expectEqual(`${thumbnail.key}: bytes`, body.length, thumbnail.bytes);
    expectEqual(`${thumbnail.key}: Content-Type`, contentType, thumbnail.contentType);
    expectEqual(`${thumbnail.key}: Cache-Control`, cacheControl, run.target.settings.cacheControl);
    const { width, height, pageHeight = height, format } = await sharp(body).metadata();
    const decoded = { width, height: pageHeight, format: format === 'heif' ? 'avif' : format };
    const { width: w, height: h, format: type } = thumbnail;
    expectEqual(`${thumbnail.key}: decoded image`, decoded, { width: w, height: h, format: type });
  }
  return `${manifest.thumbnails.length} thumbnails`;
}
