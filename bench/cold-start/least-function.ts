// A function with only sharp and the S3 client, without checks, placeholders and manifests. Its cold start is the lower
// limit for the runtime's functions.
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import sharp from 'sharp';

const s3 = new S3Client({ forcePathStyle: true });
sharp.concurrency(1);

/** The two settings of a thumbnail that this function reads, in pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
  readonly fit?: string;
}

/** Event of this function: the bucket and the key of a photo. */
export interface LeastEvent {
  readonly Bucket: string;
  readonly Key: string;
}

/** Decodes a photo once and stores its thumbnails as WebP. */
export async function handler({ Bucket, Key }: LeastEvent): Promise<object> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const source = await Body!.transformToByteArray();
  const sizes = JSON.parse(process.env['THUMBNAILS']!) as readonly Size[];
  const longest = Math.max(...sizes.flatMap(({ width, height }) => [width, height]));
  const { data, info } = await sharp(source, { autoOrient: true })
    .resize(longest, longest, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  await Promise.all(
    sizes.map(async (size, index) => {
      const Body = await sharp(data, { raw: { width, height, channels } })
        .resize(size.width, size.height, { fit: size.fit === 'cover' ? 'cover' : 'inside', withoutEnlargement: true })
        .webp({ quality: 80, effort: 4 })
        .toBuffer();
      const target = process.env['THUMBNAIL_BUCKET'];
      await s3.send(
        new PutObjectCommand({ Bucket: target, Key: `${Key}/${index}.webp`, Body, ContentType: 'image/webp' }),
      );
    }),
  );
  return {};
}
