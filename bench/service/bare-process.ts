// Server with the minimum work for a stored thumbnail in a directory: streams the files of a folder.
//   node bare-process.js FOLDER
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';

const [folder = ''] = process.argv.slice(2);

const server = createServer((request, response) => {
  const file = join(folder, normalize(decodeURIComponent(request.url ?? '/')));
  stat(file).then(
    ({ size }) => {
      response.writeHead(200, { 'content-type': 'image/webp', 'content-length': size });
      createReadStream(file).pipe(response);
    },
    () => response.writeHead(404).end(),
  );
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send!(`http://127.0.0.1:${port}`);
});
