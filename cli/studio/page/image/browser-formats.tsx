import type { VNode } from 'preact';
import { thumbnailUrl } from '../../../../client/urls';
import { formatBytes, formatMilliseconds } from '../shared/format';
import { timingsOf } from '../shared/requests';
import { useQuery } from '../shared/use-query';

/** `Accept` headers for images. @see https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/Content_negotiation/List_of_default_Accept_values */
const CLIENTS: readonly { readonly name: string; readonly accept: string }[] = [
  { name: 'Chrome, Edge', accept: 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8' },
  { name: 'Firefox', accept: 'image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5' },
  {
    name: 'Safari 16 and later',
    accept:
      'image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5',
  },
  { name: 'Safari 14', accept: 'image/webp,image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5' },
  { name: 'Internet Explorer 11', accept: 'image/png, image/svg+xml, image/*;q=0.8, */*;q=0.5' },
  { name: 'curl, e-mail clients', accept: '*/*' },
];

interface Row {
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  readonly milliseconds: number | undefined;
}

/** List of browsers with the format in which the HTTP API returns a thumbnail to each browser. */
export function BrowserFormats({
  imageKey,
  name,
  etag,
}: {
  readonly imageKey: string;
  readonly name: string;
  readonly etag: string;
}): VNode {
  const url = thumbnailUrl({ url: '' }, name, imageKey);
  const { result, error } = useQuery(`${url} ${etag}`, (signal) =>
    Promise.all(
      CLIENTS.map(async ({ name: client, accept }): Promise<Row> => {
        const response = await fetch(url, { headers: { Accept: accept }, signal, cache: 'no-store' });
        const { size } = await response.blob();
        const type = response.headers.get('Content-Type') ?? '';
        return { name: client, type, bytes: size, milliseconds: timingsOf(response.headers)['total'] };
      }),
    ),
  );
  return (
    <div class="scroll">
      <table>
        <caption class="visually-hidden">Responses for {name} by the Accept header</caption>
        <thead>
          <tr>
            <th scope="col">Browser</th>
            <th scope="col">Receives</th>
            <th scope="col" class="number">
              Bytes
            </th>
            <th scope="col" class="number">
              Server-Timing
            </th>
          </tr>
        </thead>
        <tbody>
          {result?.map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              <td>{row.type.replace('image/', '')}</td>
              <td class="number">{formatBytes(row.bytes)}</td>
              <td class="number">{row.milliseconds === undefined ? '' : formatMilliseconds(row.milliseconds)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {error && <p class="error">{error}</p>}
    </div>
  );
}
