import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DirectoryObjectStore } from '../../../../runtime/storage';
import { all } from '../contract/listing';
import { digest, DirectoryFixture, plain } from './directory-fixture';

const onLinux = process.platform === 'linux' ? test : test.skip;

/**
 * Exchanges the folder `photos` and a link to a folder outside the root, until this process or its parent ends. If a write creates
 * a folder in between, the script renames that folder.
 */
const EXCHANGE = `
  const { renameSync } = require('node:fs');
  const parent = process.ppid;
  let moved = 0;
  const move = (from, to) => {
    try {
      renameSync(from, to);
    } catch {
      renameSync(to, '.moved-' + moved++);
      move(from, to);
    }
  };
  console.log('started');
  while (process.ppid === parent) {
    renameSync('photos', '.folder');
    move('.link', 'photos');
    renameSync('photos', '.link');
    move('.folder', 'photos');
  }`;

let fixture: DirectoryFixture;
let outside: string;
let store: DirectoryObjectStore;
let exchange: ChildProcess;
beforeEach(async () => {
  fixture = await DirectoryFixture.create();
  store = fixture.store;
  outside = join(fixture.base, 'outside');
  await mkdir(join(outside, 'deep'), { recursive: true });
  await symlink(outside, join(fixture.root, '.link'));
  for (const name of ['a.jpg', join('deep', 'b.jpg')]) {
    await fixture.drop(join('photos', name), 'inside');
    await writeFile(join(outside, name), 'a secret');
  }
  await writeFile(join(outside, 'secret.jpg'), 'a secret');
  exchange = spawn(process.execPath, ['-e', EXCHANGE], { cwd: fixture.root, stdio: ['ignore', 'pipe', 'inherit'] });
  await once(exchange.stdout!, 'data');
});
afterEach(async () => {
  exchange.kill('SIGKILL');
  if (exchange.exitCode === null && exchange.signalCode === null) {
    await once(exchange, 'exit');
  }
  await fixture.remove();
});

const KEYS = ['photos/a.jpg', 'photos/deep/b.jpg', 'photos/secret.jpg'];

onLinux('reads never leave the root while another process exchanges a folder with a link', async () => {
  const seen = new Set<string>();
  for (let round = 0; round < 500; round++) {
    for (const key of KEYS) {
      const object = await store.get(key, { maxBytes: 100 });
      seen.add(object?.body.toString() ?? 'missing');
      seen.add((await store.head(key))?.etag ?? 'missing');
    }
    if (round % 10 === 0) {
      for (const { key, etag } of await all(store)) {
        seen.add(key).add(etag);
      }
    }
  }
  // A listing must not contain keys of files outside of the root.
  const expected = ['inside', digest('inside'), 'missing', 'photos/a.jpg', 'photos/deep/b.jpg'];
  expect([...seen].filter((value) => !expected.includes(value))).toEqual([]);
  expect(seen).toContain('inside');
  expect(exchange.exitCode).toBeNull();
});

onLinux('writes never leave the root while another process exchanges a folder with a link', async () => {
  let written = 0;
  for (let round = 0; round < 200; round++) {
    const put = store.put('photos/deep/b.jpg', Buffer.from(`inside ${round}`), plain);
    written += await put.then(
      () => 1,
      () => 0,
    );
    await store.put('photos/new/c.jpg', Buffer.from('inside'), plain).catch(() => undefined);
    await store.delete(['photos/secret.jpg', 'photos/deep/b.jpg', 'photos/a.jpg']).catch(() => undefined);
  }
  expect((await readdir(outside, { recursive: true })).sort()).toEqual(['a.jpg', 'deep', 'deep/b.jpg', 'secret.jpg']);
  expect(await readFile(join(outside, 'deep', 'b.jpg'), 'utf8')).toBe('a secret');
  expect(written).toBeGreaterThan(0);
  expect(exchange.exitCode).toBeNull();
});
