import { thumbnailUrl } from '../../../runtime/http';
import { CheckSkipped, expectEqual, expectThat, partOf } from '../check';
import { photo } from '../sample-images';
import type { Check, VerifyRun } from '../verify-run';

/** Checks of the CloudFront distribution. */
export const DISTRIBUTION_CHECKS = {
  'distribution-cache': {
    title: 'CloudFront serves the second request from its cache',
    run: async (run) => {
      const { key } = await run.photo();
      const url = urlOf(run, key);
      expectEqual('status of the first request', (await get(url)).status, 200);
      await run.waitFor(
        () => 'X-Cache: no request was a hit',
        async () => /\bhit\b/i.test((await get(url)).headers.get('x-cache') ?? '') || undefined,
      );
      return 'X-Cache: Hit';
    },
  },
  'distribution-negotiation': {
    title: 'CloudFront selects the format by the Accept header and adds Vary',
    run: async (run) => {
      const { url } = partOf(run.target.distribution);
      const { key, manifest } = await run.photo();
      const name = run.settingsOf(key).thumbnails.find(({ formats }) => formats.length > 1)?.name;
      if (name === undefined) {
        throw new CheckSkipped('each thumbnail has one format');
      }
      const types = manifest.thumbnails.filter((each) => each.name === name).map(({ contentType }) => contentType);
      for (const type of types) {
        const { headers } = await get(url + thumbnailUrl(name, key), `${type}, */*;q=0.1`);
        expectEqual(`Accept: ${type}`, headers.get('content-type'), type);
        expectThat(
          /\baccept\b/i.test(headers.get('vary') ?? ''),
          `Vary: received ${headers.get('vary')}; expected Accept`,
        );
      }
      return types.join(', ');
    },
  },
  'distribution-purge': {
    title: 'CloudFront serves the new thumbnail after the image is replaced',
    run: async (run) => {
      if (!partOf(run.target.distribution).purges) {
        throw new CheckSkipped('the stack contains no function that purges the cache');
      }
      const before = await run.putReady('purged.jpg', await photo());
      const url = urlOf(run, before.key);
      const old = (await get(url)).headers.get('etag');
      await run.putReady('purged.jpg', await photo());
      await run.waitFor(
        () => `${url}: CloudFront serves the old thumbnail`,
        async () => (await get(url)).headers.get('etag') !== old || undefined,
      );
      return 'new ETag';
    },
  },
} as const satisfies Readonly<Record<string, Check>>;

function urlOf(run: VerifyRun, key: string): string {
  const { name, formats } = run.settingsOf(key).thumbnails[0]!;
  return partOf(run.target.distribution).url + thumbnailUrl(name, key, { format: formats[0]!.type });
}

function get(url: string, accept = '*/*'): Promise<Response> {
  return fetch(url, { headers: { accept } });
}
