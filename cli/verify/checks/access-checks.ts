import { imageUrl, thumbnailUrl } from '../../../runtime/http';
import type { ApiRequests } from '../api-requests';
import { CheckSkipped, expectEqual, expectOneOf, expectThat, partOf } from '../check';
import { photo } from '../sample-images';
import type { Check, VerifyRun } from '../verify-run';

/** Status codes of the API for a request without permission. */
const DENIED = [401, 403];
/** Status codes of the API for a route that does not exist. With IAM authorization, API Gateway returns 403. */
const NO_ROUTE = [403, 404, 405];
const JSON_HEADERS = { 'content-type': 'application/json' };

/** Checks of uploads and deletion through the API, and of requests that the API must deny. */
export const ACCESS_CHECKS = {
  'access-read': {
    title: 'The API denies reading without permission',
    run: async (run) => {
      const api = partOf(run.target.api);
      if (api.accessOf('GET') === 'public') {
        throw new CheckSkipped('the API is public');
      }
      const { key, manifest } = await run.photo();
      for (const path of [imageUrl(key), thumbnailUrl(manifest.thumbnails[0]!.name, key)]) {
        expectOneOf(path, (await api.send(path, { authorized: false })).status, DENIED);
      }
      return `access: ${api.accessOf('GET')}`;
    },
  },
  'access-signed-link': {
    title: 'The API denies signed links that are changed, expired or made for another method or key',
    run: async (run) => {
      const { api, method } = signedApi(run);
      const { key } = await run.photo();
      const path = method === 'GET' ? imageUrl(key) : imageUrl(run.key('never-uploaded.jpg'));
      const link = await api.link(path, method);
      const other = method === 'GET' ? 'DELETE' : 'GET';
      const send = async (url: string): Promise<number> => (await api.sendUrl(url, { method })).status;
      expectOneOf('valid link', await send(link), [200, 204]);
      expectOneOf('link with an additional parameter', await send(`${link}&width=9000`), DENIED);
      expectOneOf('link with another key', await send(link.replace('.jpg', '.jpeg')), DENIED);
      expectOneOf('link for another method', await send(await api.link(path, other)), DENIED);
      expectOneOf('expired link', await send(await api.link(path, method, new Date(Date.now() - 600_000))), DENIED);
      return 'four invalid links denied';
    },
  },
  'access-write': {
    title: 'The API denies uploads and deletion without permission',
    run: async (run) => {
      const api = partOf(run.target.api);
      const { key } = await run.photo();
      const permitted = api.accessOf('POST') === undefined ? NO_ROUTE : DENIED;
      const body = JSON.stringify({ key, contentType: 'image/jpeg', bytes: 9 });
      const upload = await api.send('/uploads', { method: 'POST', headers: JSON_HEADERS, body, authorized: false });
      expectOneOf('POST /uploads', upload.status, permitted);
      const removal = await api.send(imageUrl(key), { method: 'DELETE', authorized: false });
      expectOneOf('DELETE /images', removal.status, permitted);
      if (api.options.writeUrl !== undefined) {
        const url = api.options.url + '/uploads';
        const other = await api.sendUrl(url, { method: 'POST', headers: JSON_HEADERS, body });
        expectOneOf('POST /uploads at the URL for reading', other.status, NO_ROUTE);
      }
      expectThat((await run.target.source.head(key)) !== undefined, `${key}: was deleted without permission`);
      return api.accessOf('POST') === undefined ? 'no routes for writing' : `access: ${api.accessOf('POST')}`;
    },
  },
  'access-buckets': {
    title: 'The buckets deny requests without a signature',
    run: async (run) => {
      const urlOf = partOf(run.target.unsignedUrl);
      const { key, manifest } = await run.photo();
      for (const url of [await urlOf('source', key), await urlOf('thumbnails', manifest.thumbnails[0]!.key)]) {
        const { status } = await fetch(url, { redirect: 'manual' });
        expectOneOf(url, status, DENIED);
      }
      return 'source bucket and thumbnail bucket';
    },
  },
  'access-distribution-route': {
    title: 'Only CloudFront can use the route for the distribution',
    run: async (run) => {
      const api = partOf(run.target.api);
      if (api.accessOf('GET') === 'public') {
        throw new CheckSkipped('the API is public');
      }
      const { manifest } = await run.photo();
      const path = `/stored/${manifest.thumbnails[0]!.key.split('/').map(encodeURIComponent).join('/')}`;
      expectOneOf(path, (await api.send(path, { authorized: false })).status, [...DENIED, 404]);
      return 'denied';
    },
  },
  'upload-form': {
    title: 'An upload form accepts only a file of the stated size',
    run: async (run) => {
      const body = await photo();
      const key = run.key('form.jpg');
      const form = await createForm(run, key, body.length);
      expectOneOf(
        'upload of a larger file',
        await submit(form, Buffer.concat([body, Buffer.alloc(9)])),
        [400, 403, 413],
      );
      expectOneOf('upload', await submit(form, body), [200, 201, 204]);
      await run.readyManifest(key);
      return 'form accepted, larger file rejected';
    },
  },
  'upload-form-other-key': {
    title: 'An upload form does not permit another key',
    run: async (run) => {
      const body = await photo();
      const { url, fields } = await createForm(run, run.key('form-key.jpg'), body.length);
      const other = run.key('stolen.jpg');
      expectOneOf('upload', await submit({ url, fields: { ...fields, key: other } }, body), [400, 403]);
      expectEqual('source with the other key', await run.target.source.head(other), undefined);
      return 'denied';
    },
  },
  'http-delete': {
    title: 'The API deletes an image and its thumbnails',
    run: async (run) => {
      const api = writableApi(run);
      const { key } = await run.putReady('http-deleted.jpg', await photo());
      expectEqual('status', (await api.send(imageUrl(key), { method: 'DELETE' })).status, 204);
      await run.state(key, 'absent');
      return 'status 204, thumbnails deleted';
    },
  },
} as const satisfies Readonly<Record<string, Check>>;

interface Form {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

function writableApi(run: VerifyRun): ApiRequests {
  const api = partOf(run.target.api);
  if (api.accessOf('POST') === undefined) {
    throw new CheckSkipped('the API has no routes for uploads and deletion (writeAccess)');
  }
  return api;
}

function signedApi(run: VerifyRun): { readonly api: ApiRequests; readonly method: 'GET' | 'DELETE' } {
  const api = partOf(run.target.api);
  const method = (['GET', 'DELETE'] as const).find((each) => api.accessOf(each) === 'signed');
  if (!method) {
    throw new CheckSkipped('the API does not use signed links');
  }
  return { api, method };
}

async function createForm(run: VerifyRun, key: string, bytes: number): Promise<Form> {
  // A signed link permits an upload to a chosen key only if the query contains this key.
  const path = `/uploads?key=${encodeURIComponent(key)}`;
  const body = JSON.stringify({ key, contentType: 'image/jpeg', bytes });
  const response = await writableApi(run).send(path, { method: 'POST', headers: JSON_HEADERS, body });
  expectEqual('POST /uploads', response.status, 201);
  return ((await response.json()) as { readonly upload: Form }).upload;
}

async function submit({ url, fields }: Form, body: Buffer): Promise<number> {
  const form = new FormData();
  Object.entries(fields).forEach(([name, value]) => form.append(name, value));
  form.append('file', new Blob([new Uint8Array(body)]), 'photo.jpg');
  return (await fetch(url, { method: 'POST', body: form, redirect: 'manual' })).status;
}
