import type { Format } from '../../../runtime/contract';
import { imageUrl, thumbnailUrl, versionOf } from '../../../runtime/http';
import type { ManifestThumbnail } from '../../../runtime/pipeline';
import { VERSION } from '../../../runtime/program/version';
import { CheckSkipped, expectEqual, expectThat, partOf } from '../check';
import { photo } from '../sample-images';
import type { Check, VerifyRun } from '../verify-run';

/** Maximum size in bytes of a thumbnail. */
const MAX_BYTES = 64 * 1024 * 1024;
const ACCEPT: Readonly<Record<Format, string>> = {
  avif: 'image/avif',
  webp: 'image/webp',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
};

/** Checks of the read routes of the HTTP API. */
export const HTTP_CHECKS = {
  'http-health': {
    title: 'The API reports the version of this command',
    run: async (run) => {
      const response = await partOf(run.target.api).send('/health');
      expectEqual('status', response.status, 200);
      const { version } = (await response.json()) as { readonly version?: string };
      expectEqual('version', version, VERSION);
      return `version ${version}`;
    },
  },
  'http-manifest': {
    title: 'The API returns the manifest with working URLs of all thumbnails',
    run: async (run) => {
      const api = partOf(run.target.api);
      const { key, manifest } = await run.photo();
      const response = await api.send(imageUrl(key));
      expectEqual('status', response.status, 200);
      const body = (await response.json()) as {
        readonly status?: string;
        readonly thumbnails?: readonly { readonly url: string }[];
      };
      expectEqual('status in the manifest', body.status, 'ready');
      expectEqual('number of thumbnails', body.thumbnails?.length, manifest.thumbnails.length);
      for (const { url } of body.thumbnails ?? []) {
        // If the API requires signed links, the manifest contains signed URLs.
        const isSigned = api.accessOf('GET') === 'signed';
        const link = isSigned ? await api.sendUrl(new URL(url, api.options.url).href) : await api.send(pathOf(url));
        expectEqual(`${url}: status`, link.status, 200);
      }
      return `${manifest.thumbnails.length} URLs`;
    },
  },
  'http-thumbnail': {
    title: 'The API returns the stored bytes with safe headers',
    run: async (run) => {
      const { key, manifest } = await run.photo();
      for (const thumbnail of manifest.thumbnails) {
        const response = await getThumbnail(run, key, thumbnail);
        expectEqual('status', response.status, 200);
        const stored = await run.target.thumbnails.get(thumbnail.key, { maxBytes: MAX_BYTES });
        const received = Buffer.from(await response.arrayBuffer());
        expectThat(stored?.body.equals(received) ?? false, `${thumbnail.key}: the bytes differ from the stored bytes`);
        const header = (name: string): string | null => response.headers.get(name);
        expectEqual('Content-Type', header('content-type'), thumbnail.contentType);
        expectEqual('X-Content-Type-Options', header('x-content-type-options'), 'nosniff');
        expectEqual('Cross-Origin-Resource-Policy', header('cross-origin-resource-policy'), 'cross-origin');
        expectThat(header('content-security-policy') !== null, 'Content-Security-Policy is missing');
        expectThat(header('content-disposition')?.startsWith('inline') ?? false, 'Content-Disposition is not inline');
        expectThat(/^"[^"]+"$/.test(header('etag') ?? ''), `ETag: received ${header('etag')}; expected a strong ETag`);
      }
      return `${manifest.thumbnails.length} thumbnails`;
    },
  },
  'http-special-key': {
    title: 'The API serves keys with spaces, Unicode and reserved characters',
    run: async (run) => {
      const { key, manifest } = await run.putReady('ü 100% + (2)/写真 #2.jpg', await photo());
      const response = await getThumbnail(run, key, manifest.thumbnails[0]!);
      expectEqual('status', response.status, 200);
      return 'key in the query string';
    },
  },
  'http-versioned-url': {
    title: 'A versioned URL is immutable',
    run: async (run) => {
      const { key, manifest } = await run.photo();
      const thumbnail = manifest.thumbnails[0]!;
      const response = await getThumbnail(run, key, thumbnail, { version: versionOf(thumbnail.etag) });
      const cacheControl = response.headers.get('cache-control') ?? '';
      expectThat(cacheControl.includes('immutable'), `Cache-Control: received ${cacheControl}; expected immutable`);
      const isSigned = partOf(run.target.api).accessOf('GET') === 'signed';
      expectEqual('private for signed links', cacheControl.includes('private'), isSigned);
      return cacheControl;
    },
  },
  'http-negotiation': {
    title: 'The API selects the format by the Accept header',
    run: async (run) => {
      const { key, manifest } = await run.photo();
      const formats = formatsOf(manifest.thumbnails);
      if (!formats) {
        throw new CheckSkipped('each thumbnail has one format');
      }
      const { name, types } = formats;
      for (const type of types) {
        const response = await partOf(run.target.api).send(thumbnailUrl(name, key), {
          headers: { accept: `${ACCEPT[type]}, */*;q=0.1` },
        });
        expectEqual(`Accept: ${ACCEPT[type]}`, response.headers.get('content-type'), ACCEPT[type]);
        expectThat(/\baccept\b/i.test(response.headers.get('vary') ?? ''), 'Vary does not contain Accept');
      }
      return types.join(', ');
    },
  },
  'http-conditional': {
    title: 'The API supports conditional requests and HEAD',
    run: async (run) => {
      const { key, manifest } = await run.photo();
      const thumbnail = manifest.thumbnails[0]!;
      const etag = (await getThumbnail(run, key, thumbnail)).headers.get('etag') ?? '';
      const conditional = async (headers: Record<string, string>): Promise<number> =>
        (await getThumbnail(run, key, thumbnail, { headers })).status;
      expectEqual('If-None-Match with the ETag', await conditional({ 'if-none-match': etag }), 304);
      expectEqual('If-None-Match with another ETag', await conditional({ 'if-none-match': '"other"' }), 200);
      expectEqual('If-Match with another ETag', await conditional({ 'if-match': '"other"' }), 412);
      const head = await getThumbnail(run, key, thumbnail, { method: 'HEAD' });
      expectEqual('HEAD', [head.status, head.headers.get('etag')], [200, etag]);
      return '304, 412 and HEAD';
    },
  },
  'http-errors': {
    title: 'The API returns problem documents with the documented codes',
    run: async (run) => {
      const { key, manifest } = await run.photo();
      const thumbnail = manifest.thumbnails[0]!;
      const missing = run.key('does-not-exist.jpg');
      await expectProblem(await getThumbnail(run, missing, thumbnail), 404, 'image-not-found');
      await expectProblem(
        await getThumbnail(run, key, { ...thumbnail, name: 'no-such-name' }),
        404,
        'unknown-thumbnail',
      );
      await expectProblem(await getThumbnail(run, await run.rejectedKey(), thumbnail), 415, 'unsupported-format');
      return 'image-not-found, unknown-thumbnail and unsupported-format';
    },
  },
  'http-render-on-demand': {
    title: 'The API creates the thumbnails of an image that no worker has processed yet',
    run: async (run) => {
      const key = run.key('on-demand.jpg');
      const { thumbnails } = run.settingsOf(key);
      await run.put('on-demand.jpg', await photo());
      const response = await partOf(run.target.api).send(thumbnailUrl(thumbnails[0]!.name, key));
      expectEqual('status', response.status, 200);
      await run.readyManifest(key);
      return 'status 200 directly after the upload';
    },
  },
} as const satisfies Readonly<Record<string, Check>>;

interface ThumbnailRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly version?: string;
}

function getThumbnail(
  run: VerifyRun,
  key: string,
  { name, format }: Pick<ManifestThumbnail, 'name' | 'format'>,
  { version, ...request }: ThumbnailRequest = {},
): Promise<Response> {
  return partOf(run.target.api).send(thumbnailUrl(name, key, { format, ...(version && { version }) }), request);
}

/** Returns the name and the formats of a thumbnail with several formats; undefined if all thumbnails have one format. */
function formatsOf(thumbnails: readonly ManifestThumbnail[]): { name: string; types: Format[] } | undefined {
  for (const { name } of thumbnails) {
    const types = thumbnails.filter((each) => each.name === name).map(({ format }) => format);
    if (types.length > 1) {
      return { name, types };
    }
  }
  return undefined;
}

async function expectProblem(response: Response, status: number, code: string): Promise<void> {
  expectEqual('status', response.status, status);
  // If the pipeline has a fallback image, the response contains this image instead of a problem document.
  const fromHeader = response.headers.get('problem-code');
  const body = (fromHeader === null ? await response.json() : {}) as { readonly code?: string };
  expectEqual('code', fromHeader ?? body.code, code);
}

/** Returns the path and query of a URL in a manifest, without the base path of the API. */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url, 'http://localhost');
  return pathname.slice(pathname.indexOf('/thumbnails')) + search;
}
