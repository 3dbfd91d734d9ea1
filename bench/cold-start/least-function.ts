// A function with only sharp and the S3 client, without checks, placeholders and manifests. Its cold start is the lower
// limit for the runtime's functions.
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import type { ThumbnailSettings } from '../../runtime/contract';
import { renderWithSharp } from '../bare-sharp';

const s3 = new S3Client({ forcePathStyle: true });
sharp.concurrency(1);

/** Event of this function: the bucket and the key of a photo. */
export interface LeastEvent {
  readonly Bucket: string;
  readonly Key: string;
}

/** Stores the thumbnails of a photo. */
export async function handler({ Bucket, Key }: LeastEvent): Promise<object> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const thumbnails = JSON.parse(process.env['THUMBNAILS']!) as readonly ThumbnailSettings[];
  const bodies = await renderWithSharp(await Body!.transformToByteArray(), thumbnails);
  await Promise.all(
    bodies.map((body, index) =>
      s3.send(
        new PutObjectCommand({
          Bucket: process.env['THUMBNAIL_BUCKET'],
          Key: `${Key}/${index}.webp`,
          Body: body,
          ContentType: 'image/webp',
        }),
      ),
    ),
  );
  return {};
}
