import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { inspect, type InspectOptions, type InspectRecord } from '../../../cli/inspect/inspect-command';

const directory = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-inspect-'));
mkdirSync(join(directory, 'images'));
mkdirSync(join(directory, 'thumbnails'));
writeFileSync(join(directory, 'images', 'cat.jpg'), 'bytes');
const ENVIRONMENT = {
  STORAGE: 'directory',
  SOURCE_DIRECTORY: join(directory, 'images'),
  THUMBNAIL_DIRECTORY: join(directory, 'thumbnails'),
  THUMBNAILS: JSON.stringify([{ name: 's', fit: 'inside', width: 9, height: 9, formats: [{ type: 'webp' }] }]),
};

async function run(key: string, options: InspectOptions = {}): Promise<{ code: number; text: string }> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const code = await inspect(key, options, ENVIRONMENT, { out, err });
  return { code, text: ((out.read() ?? '') as Buffer | string).toString() };
}

test('the inspect command ends with exit code 1 for a source without thumbnails', async () => {
  const { code, text } = await run('cat.jpg');
  expect(code).toBe(1);
  expect(text).toMatch(/^state: +missing: /m);
  expect(text).toMatch(/^source: .*\b5 bytes\b/m);
});

test('the inspect command prints a JSON record', async () => {
  const { code, text } = await run('dog.jpg', { json: true });
  expect(code).toBe(0);
  expect(JSON.parse(text) as InspectRecord).toEqual({
    key: 'dog.jpg',
    state: 'absent',
    folder: 'dog.jpg',
    files: {},
  });
});

test('the inspect command escapes control characters of keys', async () => {
  expect((await run('\u001b[2J.jpg')).text).toMatch(/^key: +\\u001b\[2J\.jpg$/m);
});
