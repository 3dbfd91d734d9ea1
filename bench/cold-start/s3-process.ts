// Runs an S3 server in a separate process: node s3-process.js FOLDER
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { startS3 } from '../../test/support/aws/s3';

/** Message that the server sends when it is ready. */
export interface S3Facts {
  readonly env: Readonly<Record<string, string>>;
  readonly source: string;
  readonly thumbnails: string;
}

async function main(folder: string | undefined): Promise<void> {
  const server = await startS3();
  process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)));
  const source = await server.createBucket();
  const thumbnails = await server.createBucket();
  for (const name of folder === undefined ? [] : readdirSync(folder)) {
    const Body = readFileSync(join(folder!, name));
    await server.client.send(
      new PutObjectCommand({ Bucket: source, Key: `photos/${name}`, Body, ContentType: 'image/jpeg' }),
    );
  }
  process.send!({ env: server.env, source, thumbnails } satisfies S3Facts);
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
