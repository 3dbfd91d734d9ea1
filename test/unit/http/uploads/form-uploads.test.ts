import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FormUploads } from '../../../../runtime/http/uploads/form-uploads';
import { readUploadForm } from '../../../../runtime/http/uploads/read-upload-form';
import { TEMPORARY_PREFIX } from '../../../../runtime/http/uploads/temporary-file';
import { MemoryObjectStore } from '../../../support/aws/memory-store';
import { eventually } from '../../../support/eventually';

const MIB = 2 ** 20;
const BOUNDARY = 'b';

let temporaryDirectory: string;
beforeEach(() => {
  temporaryDirectory = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-forms-'));
});
afterEach(() => {
  rmSync(temporaryDirectory, { recursive: true, force: true });
});

/** Returns the temporary files in the directory, and the open temporary files of this process that have no name. */
function temporaryFiles(): string[] {
  const open = process.platform === 'linux' ? readdirSync('/proc/self/fd').map((fd) => linkOf(fd)) : [];
  return [...readdirSync(temporaryDirectory), ...open.filter((path) => path.includes(TEMPORARY_PREFIX))];
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

function open(store: Pick<MemoryObjectStore, 'putFile'> = new MemoryObjectStore()) {
  const changed: string[] = [];
  const forms = new FormUploads({ store, temporaryDirectory, changed: (key) => changed.push(key) });
  /** Returns the request of a form. `chunks` contains the bytes of the file. An error in `chunks` ends the body. */
  const requestOf = async (bytes: number, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => {
    const policy = { key: 'a.jpg', contentType: 'image/jpeg', bytes, metadata: {}, seconds: 60 };
    const { fields } = await forms.createForm(policy, 'http://localhost');
    const parts = Object.entries(fields).map(
      ([name, value]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    const start = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n`;
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(parts.join('') + start);
      yield* chunks;
      yield Buffer.from(`\r\n--${BOUNDARY}--\r\n`);
    }
    return new Request('http://localhost/uploads/form', {
      method: 'POST',
      body: ReadableStream.from(body()),
      duplex: 'half',
      headers: { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}` },
    });
  };
  const send = async (...parameters: Parameters<typeof requestOf>) =>
    forms.receive(await requestOf(...parameters), 4 * MIB);
  return { changed, requestOf, send };
}

function* chunksOf(count: number, bytes: number): Generator<Buffer> {
  for (let index = 0; index < count; index++) {
    yield Buffer.alloc(bytes, index);
  }
}

test('the upload is stored from a temporary file without a name', async () => {
  const store = new MemoryObjectStore();
  const seen: string[][] = [];
  const { changed, send } = open({
    putFile: (...parameters) => {
      seen.push(temporaryFiles());
      return store.putFile(...parameters);
    },
  });
  await send(3 * MIB, chunksOf(3, MIB));
  expect(store.objects.get('a.jpg')?.body.equals(Buffer.concat([...chunksOf(3, MIB)]))).toBe(true);
  expect(changed).toEqual(['a.jpg']);
  expect(seen.flat().filter((path) => !path.endsWith('(deleted)'))).toEqual([]);
  expect(temporaryFiles()).toEqual([]);
});

test('the upload reads the body only as fast as it writes the file', async () => {
  const { requestOf } = open();
  let pulled = 0;
  let appended = 0;
  let ahead = 0;
  function* chunks(): Generator<Buffer> {
    for (const chunk of chunksOf(200, 64 * 1024)) {
      pulled += chunk.length;
      ahead = Math.max(ahead, pulled - appended);
      yield chunk;
    }
  }
  const append = async (bytes: Uint8Array): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    appended += bytes.length;
  };
  const begin = () => Promise.resolve({ file: { append }, maxBytes: Infinity });
  const request = await requestOf(200 * 64 * 1024, chunks());
  expect(await readUploadForm(request, { maxFileBytes: 64 * MIB, begin })).toBe(200 * 64 * 1024);
  expect(ahead).toBeLessThan(MIB);
});

test.each<[string, number, () => Iterable<Buffer>, string]>([
  ['is smaller than its form', 3, () => [Buffer.alloc(2)], 'invalid-upload-form'],
  ['is larger than its form', 3, () => [Buffer.alloc(3), Buffer.alloc(1)], 'file-too-large'],
  ['is larger than the maximum', 8 * MIB, () => chunksOf(8, MIB), 'file-too-large'],
  [
    'ends with an error of the connection',
    MIB,
    function* () {
      yield Buffer.alloc(1000);
      throw new Error('aborted');
    },
    'invalid-upload-form',
  ],
])('the form deletes the temporary file of an upload that %s', async (_, bytes, chunks, code) => {
  const store = new MemoryObjectStore();
  const { changed, send } = open(store);
  await expect(send(bytes, chunks())).rejects.toMatchObject({ code });
  expect([changed, [...store.keys], temporaryFiles()]).toEqual([[], [], []]);
  // The first upload is no longer in progress. Otherwise, the second upload would exceed the total size.
  await expect(send(128 * MIB, [Buffer.alloc(1)])).rejects.toMatchObject({ code: 'invalid-upload-form' });
});

test('the upload deletes the temporary file if the object store fails', async () => {
  const { send } = open({ putFile: () => Promise.reject(new Error('no')) });
  await expect(send(3, [Buffer.alloc(3)])).rejects.toThrow('no');
  expect(temporaryFiles()).toEqual([]);
});

test('an upload without a temporary directory fails with storage-unavailable', async () => {
  rmSync(temporaryDirectory, { recursive: true });
  const { send } = open();
  for (let count = 0; count < 20; count++) {
    await expect(send(128 * MIB, [Buffer.alloc(3)])).rejects.toMatchObject({
      code: 'storage-unavailable',
      status: 503,
    });
  }
});

test('an upload that never ends does not prevent other uploads', async () => {
  const { send } = open();
  let abort: (error: Error) => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => (abort = reject));
  async function* endless(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(1000);
    await aborted;
  }
  const stalled = send(MIB, endless()).catch((error: unknown) => error);
  if (process.platform === 'linux') {
    await eventually(() => temporaryFiles().length === 1 || undefined, 'the stalled upload');
  }
  await send(3, [Buffer.alloc(3)]);
  abort(new Error('aborted'));
  expect(await stalled).toMatchObject({ code: 'invalid-upload-form' });
  expect(temporaryFiles()).toEqual([]);
});
