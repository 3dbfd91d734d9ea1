// Server with the minimum work for a stored thumbnail on S3. For each request, the server sends one GetObject request and
// streams the body to the client.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';

const s3 = new S3Client({ forcePathStyle: true });
const Bucket = process.env['THUMBNAIL_BUCKET'];

const server = createServer((request, response) => {
  const [, , name, ...key] = decodeURIComponent(request.url ?? '').split('/');
  s3.send(new GetObjectCommand({ Bucket, Key: `${key.join('/')}/${name}.webp` })).then(
    ({ Body, ContentLength, ContentType, ETag }) => {
      response.writeHead(200, { 'content-type': ContentType, 'content-length': ContentLength, etag: ETag });
      (Body as Readable).pipe(response);
    },
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send!(`http://127.0.0.1:${port}`);
});
