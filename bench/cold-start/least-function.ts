// A function that imports only sharp and the S3 client. Its cold start is the lower limit for the runtime's functions.
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import sharp from 'sharp';

const s3 = new S3Client({ forcePathStyle: true });

/** Stores one thumbnail of an object. The benchmark only imports this module and never calls the handler. */
export async function handler({ Bucket, Key }: { readonly Bucket: string; readonly Key: string }): Promise<void> {
  await s3.send(new HeadObjectCommand({ Bucket, Key }));
  await s3.send(new ListObjectsV2Command({ Bucket, Prefix: Key }));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const thumbnail = await sharp(await Body!.transformToByteArray())
    .resize(200, 200)
    .webp()
    .toBuffer();
  await s3.send(new PutObjectCommand({ Bucket, Key: `${Key}/small.webp`, Body: thumbnail }));
}
