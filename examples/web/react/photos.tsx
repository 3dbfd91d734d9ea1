import type { ClientConfig } from 'cdk-thumbnails/client';
import { upload } from 'cdk-thumbnails/client/upload';
import { type ChangeEvent, type ReactElement, useState } from 'react';
import { Picture } from './picture';
import json from './thumbnails.json';

// The assertion is necessary, because TypeScript infers the type `string` for the format names in a JSON file.
const config = json as ClientConfig;

/** Shows the images of the query parameter `image`. Users can upload images, which the component then also shows. */
export function Photos(): ReactElement {
  const [keys, setKeys] = useState(() => new URLSearchParams(location.search).getAll('image'));
  const [status, setStatus] = useState('');

  async function send({ target }: ChangeEvent<HTMLInputElement>): Promise<void> {
    try {
      for (const file of target.files ?? []) {
        const onProgress = (sent: number, total: number): void =>
          setStatus(`${file.name}: ${Math.round((100 * sent) / total)} %`);
        const { key } = await upload(config, file, { onProgress });
        setKeys((previous) => [key, ...previous]);
      }
    } catch (error) {
      setStatus(error instanceof Error ? error.message : String(error));
    }
  }

  return (
    <main>
      <h1>Photos</h1>
      <label>
        Add photos <input type="file" accept="image/*" multiple onChange={(event) => void send(event)} />
      </label>
      <p role="status">{status}</p>
      {keys.map((key) => (
        <Picture key={key} config={config} image={key} alt={key.split('/').at(-1)!} sizes="20rem" />
      ))}
    </main>
  );
}
