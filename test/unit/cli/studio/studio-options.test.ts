import { join, resolve } from 'node:path';
import { readStudioOptions } from '../../../../cli/studio/studio-options';

test('the studio defaults', () => {
  const data = resolve('.thumbnails');
  expect(readStudioOptions({})).toEqual({
    host: '127.0.0.1',
    port: 3000,
    images: join(data, 'images'),
    thumbnails: join(data, 'thumbnails'),
    trash: join(data, 'trash'),
  });
});

test('the studio reads HOST, PORT and DATA_DIR', () => {
  const images = join(resolve('photos'), 'images');
  expect(readStudioOptions({ HOST: '::1', PORT: '0', DATA_DIR: 'photos' })).toMatchObject({
    host: '::1',
    port: 0,
    images,
  });
});

test.each(['http', '-1', '65536', '80.5', ''])('the studio throws an error for PORT=%s', (PORT) => {
  expect(() => readStudioOptions({ PORT })).toThrow(`PORT: got ${JSON.stringify(PORT)}; expected 0 to 65535`);
});
