import { execFile } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DirectoryObjectStore } from '../../../../runtime/storage';
import { asNobody } from '../../../support/processes/unprivileged-user';
import { all } from '../contract/listing';
import { digest, DirectoryFixture, onPosix, plain } from './directory-fixture';

let fixture: DirectoryFixture;
let root: string;
let store: DirectoryObjectStore;
beforeEach(async () => {
  fixture = await DirectoryFixture.create();
  ({ root, store } = fixture);
  await chmod(fixture.base, 0o755);
});
afterEach(async () => {
  await promisify(execFile)('chmod', ['-R', 'u+rwX', fixture.base]).catch(() => undefined);
  await fixture.remove();
});

const denied = { code: 'access-denied', message: expect.stringMatching(/^cannot [^\n]*: EACCES[^\n]*$/) as string };

describe('without permission', () => {
  onPosix('reads of a read-only directory succeed and writes fail with access-denied', async () => {
    await fixture.drop('a/b.jpg', 'x');
    await chmod(join(root, 'a'), 0o555);
    await chmod(root, 0o555);
    await asNobody(async () => {
      expect(await store.head('a/b.jpg')).toMatchObject({ etag: digest('x') });
      expect(await fixture.keys()).toEqual(['a/b.jpg']);
      await store.check();
      for (const key of ['new.jpg', 'a/new.jpg', 'new/new.jpg', 'a/b.jpg']) {
        const error: unknown = await store.put(key, Buffer.from('y'), plain).catch((thrown: unknown) => thrown);
        expect(error).toMatchObject(denied);
        expect((error as Error).message).toContain(`${JSON.stringify(key)} in the directory ${root}`);
      }
      await expect(store.delete(['a/b.jpg'])).rejects.toMatchObject(denied);
      await expect(store.create()).rejects.toMatchObject(denied);
    });
    expect(await fixture.files()).toEqual([join('a', 'b.jpg')]);
  });

  onPosix('reads of files and folders fail with access-denied', async () => {
    await fixture.drop('a/b.jpg', 'x');
    await fixture.drop('closed/c.jpg', 'x');
    await chmod(join(root, 'a/b.jpg'), 0o000);
    await chmod(join(root, 'closed'), 0o000);
    await asNobody(async () => {
      await expect(store.get('a/b.jpg', { maxBytes: 1 })).rejects.toMatchObject(denied);
      await expect(store.head('a/b.jpg')).rejects.toMatchObject(denied);
      await expect(store.head('closed/c.jpg')).rejects.toMatchObject(denied);
      await expect(store.head('closed/missing.jpg')).rejects.toMatchObject(denied);
      await expect(all(store, { prefix: 'closed/' })).rejects.toMatchObject(denied);
      await expect(store.delete(['closed/c.jpg', 'closed/d.jpg'])).rejects.toMatchObject({
        code: 'access-denied',
        message: expect.stringMatching(/^2 of 2 objects remain/) as string,
      });
    });
  });

  onPosix('listings skip files and folders with a warning', async () => {
    await fixture.drop('a/b.jpg', 'x');
    await fixture.drop('a/c.jpg', 'x');
    await fixture.drop('closed/deep/d.jpg', 'x');
    await fixture.drop('e.jpg', 'x');
    await chmod(join(root, 'a/b.jpg'), 0o000);
    await chmod(join(root, 'closed'), 0o000);
    await asNobody(async () => {
      expect(await fixture.keys()).toEqual(['a/c.jpg', 'e.jpg']);
    });
    expect(fixture.warnings.sort()).toEqual([
      expect.stringContaining('"a/b.jpg"'),
      expect.stringContaining(`the folder ${join(root, 'closed')}`),
    ]);
    for (const warning of fixture.warnings) {
      expect(warning).toEqual(denied.message);
    }
  });

  onPosix('check of the root fails with access-denied', async () => {
    await chmod(root, 0o000);
    await asNobody(async () => {
      await expect(store.check()).rejects.toMatchObject(denied);
    });
  });
});
