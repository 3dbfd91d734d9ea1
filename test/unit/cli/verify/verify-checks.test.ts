import {
  ALL_CHECKS,
  runCheck,
  runChecks,
  type CheckResult,
  type VerifyCheckId,
} from '../../../../cli/verify/run-checks';
import type { Check } from '../../../../cli/verify/verify-run';
import type { VerifyTarget } from '../../../../cli/verify/verify-target';
import { VerifyFixture, withHeader } from './verify-fixture';

let fixture: VerifyFixture;
beforeEach(() => {
  fixture = new VerifyFixture();
});
afterEach(() => {
  jest.restoreAllMocks();
});

const check = (id: VerifyCheckId, target?: Partial<VerifyTarget>): Promise<CheckResult> =>
  runCheck(fixture.run(target), id, (ALL_CHECKS as Readonly<Record<string, Check>>)[id]!);

const stopWorkers = (): void => {
  fixture.process = () => Promise.resolve();
};
/** Processes a source only if the source exists. Therefore, the thumbnails of a deleted source remain. */
const ignoreDeletions = (): void => {
  fixture.process = async (key) => {
    if (fixture.source.objects.has(key)) {
      await fixture.reconcile(key);
    }
  };
};
/** Changes one header of all responses. Removes the header if `value` is undefined. */
const changeHeader = (name: string, value?: string) => (): void => {
  fixture.respond = (response) => withHeader(response, name, value);
};
const respondWith = (status: number, matches: (url: URL, method: string) => boolean) => (): void => {
  fixture.respond = (response, url, { method = 'GET' }) =>
    matches(url, method) ? new Response(status === 204 ? null : '{}', { status }) : response;
};
const isUnsigned = (url: URL): boolean => !url.searchParams.has('signature');
/** Replaces the error code of all rejections with `corrupt`. */
const acceptEverything = (): void => {
  fixture.process = async (key) => {
    await fixture.reconcile(key);
    const manifest = fixture.thumbnails.objects.get(`${key}/manifest.json`);
    const text = manifest?.body.toString().replace(/"code":"[a-z-]+"/, '"code":"corrupt"');
    if (manifest && text !== undefined) {
      await fixture.thumbnails.put(manifest.key, Buffer.from(text), {
        contentType: 'application/json',
        metadata: manifest.metadata,
      });
    }
  };
};
/** Removes the first byte of each thumbnail that is read from the object store. */
const truncateThumbnails = (): void => {
  const get = fixture.thumbnails.get.bind(fixture.thumbnails);
  fixture.thumbnails.get = async (key, options) => {
    const object = await get(key, options);
    return object && (key.endsWith('.json') ? object : { ...object, body: object.body.subarray(1) });
  };
};

/** A fault for each check, and a pattern for the message of the failed check. */
const FAULTS: Readonly<Record<VerifyCheckId, readonly [fault: () => void, message: RegExp]>> = {
  'source-upload': [truncateThumbnails, /small\.webp: bytes/],
  'source-special-key': [stopWorkers, /has the state missing/],
  'source-multipart': [stopWorkers, /has the state missing/],
  'source-sse-kms': [stopWorkers, /has the state missing/],
  'source-heic': [stopWorkers, /has the state missing/],
  'source-animation': [stopWorkers, /has the state missing/],
  'source-replace': [
    () => {
      const keys = new Set<string>();
      fixture.process = async (key) => {
        if (!keys.has(key)) {
          keys.add(key);
          await fixture.reconcile(key);
        }
      };
    },
    /has the state outdated/,
  ],
  'source-delete': [ignoreDeletions, /has the state leftover/],
  'reject-web-page': [acceptEverything, /^code: received "corrupt"; expected "unsupported-format"/],
  'reject-empty-file': [acceptEverything, /^code: received "corrupt"; expected "empty-file"/],
  'reject-decompression-bomb': [acceptEverything, /^code: received "corrupt"; expected "too-many-pixels"/],
  'reject-svg': [acceptEverything, /^code: received "corrupt"; expected "unsupported-format"/],
  'http-health': [() => (fixture.respond = () => Response.json({ version: '0.0.1' })), /^version: received "0.0.1"/],
  'http-manifest': [respondWith(404, (url) => url.pathname.startsWith('/thumbnails/')), /status: received 404/],
  'http-thumbnail': [changeHeader('x-content-type-options'), /^X-Content-Type-Options: received null/],
  'http-special-key': [respondWith(404, (url) => url.searchParams.has('key')), /^status: received 404/],
  'http-versioned-url': [changeHeader('cache-control', 'no-store'), /^Cache-Control: received no-store/],
  'http-negotiation': [changeHeader('vary'), /^Vary does not contain Accept/],
  'http-conditional': [
    () => (fixture.respond = (response) => (response.status === 304 ? new Response(null) : response)),
    /^If-None-Match with the ETag: received 200/,
  ],
  'http-errors': [respondWith(500, (url) => url.pathname.includes('does-not-exist')), /^status: received 500/],
  'http-render-on-demand': [
    respondWith(404, (url) => url.pathname.includes('on-demand')),
    /^status: received 404; expected 200/,
  ],
  'access-read': [respondWith(200, isUnsigned), /received 200; expected 401 or 403/],
  'access-signed-link': [
    respondWith(200, (url) => url.searchParams.has('width')),
    /^link with an additional parameter: received 200/,
  ],
  'access-write': [
    respondWith(204, (url, method) => isUnsigned(url) && method === 'DELETE'),
    /^DELETE \/images: received 204/,
  ],
  'access-buckets': [() => (fixture.readUnsigned = () => 200), /^https:\/\/source\.test\/.*: received 200/],
  'access-distribution-route': [
    respondWith(200, (url) => url.pathname.startsWith('/stored/')),
    /^\/stored\/.*: received 200/,
  ],
  'upload-form': [() => (fixture.submit = () => Promise.resolve(204)), /^upload of a larger file: received 204/],
  'upload-form-other-key': [
    () =>
      (fixture.submit = async (form) => {
        await fixture.source.put(form.get('key') as string, Buffer.alloc(1), { contentType: 'image/jpeg' });
        return 403;
      }),
    /^source with the other key: received \{/,
  ],
  'http-delete': [ignoreDeletions, /has the state leftover/],
  events: [
    () => {
      fixture.process = async (key) => {
        await fixture.reconcile(key);
        fixture.events = fixture.events.filter((body) => !body.includes('Removed'));
      };
    },
    /^missing events: Thumbnails Removed/,
  ],
  permissions: [
    () => (fixture.permissions = fixture.permissions.map((each) => ({ ...each, isAllowed: true }))),
    /^allowed s3:PutObject on arn:aws:s3:::photos\/a\.jpg$/,
  ],
  'distribution-cache': [
    () => (fixture.distribute = (response) => withHeader(response, 'x-cache', 'Miss')),
    /^X-Cache: no request was a hit/,
  ],
  'distribution-negotiation': [
    () => (fixture.distribute = (response) => withHeader(response, 'vary', undefined)),
    /^Vary: received null; expected Accept/,
  ],
  'distribution-purge': [
    () => (fixture.distribute = (response) => withHeader(response, 'etag', '"old"')),
    /CloudFront serves the old thumbnail/,
  ],
  'dead-letters': [() => fixture.deadLetters.push('{}'), /^messages in the dead-letter queue: received 1/],
  redrive: [
    () => {
      const counts = new Map<string, number>();
      fixture.process = async (key) => {
        counts.set(key, (counts.get(key) ?? 0) + 1);
        if (counts.get(key) === 1) {
          await fixture.reconcile(key);
        }
      };
    },
    /has the state missing/,
  ],
  alarms: [
    () =>
      (fixture.alarms = [...fixture.alarms, { name: 'Errors', state: 'ALARM' }, { name: 'Gone', state: undefined }]),
    /^Errors: ALARM, Gone: does not exist$/,
  ],
};

test('a working deployment passes all checks', async () => {
  const reported: string[] = [];
  const results = await runChecks(fixture.run(), ({ id }) => reported.push(id));
  expect(results.filter(({ status }) => status !== 'passed')).toEqual([]);
  expect(reported.sort()).toEqual(Object.keys(ALL_CHECKS).sort());
  expect(fixture.subscriptions).toBe(0);
}, 120_000);

test.each(Object.entries(FAULTS))('the check %s fails for a faulty deployment', async (id, [fault, message]) => {
  fault();
  const result = await check(id as VerifyCheckId);
  expect([result.status, result.message]).toEqual(['failed', expect.stringMatching(message)]);
  expect(fixture.subscriptions).toBe(0);
});

/** Parts of the deployment, each with the checks that require the part. */
const REQUIRED: Partial<Record<keyof VerifyTarget, readonly VerifyCheckId[]>> = {
  s3: ['source-multipart', 'source-sse-kms'],
  unsignedUrl: ['access-buckets'],
  api: [
    ...(Object.keys(ALL_CHECKS) as VerifyCheckId[]).filter((id) => id.startsWith('http-') || id.startsWith('upload-')),
    'access-read',
    'access-write',
    'access-signed-link',
    'access-distribution-route',
  ],
  queue: ['dead-letters', 'redrive'],
  subscribe: ['events'],
  alarms: ['alarms'],
  permissions: ['permissions'],
  distribution: ['distribution-cache', 'distribution-negotiation', 'distribution-purge'],
};

test.each(Object.entries(REQUIRED))(
  'if the part %s of the deployment is missing, the verification skips its checks with the given reason',
  async (part, ids) => {
    for (const id of ids) {
      const { status, message } = await check(id, { [part]: { missing: 'the reason' } });
      expect([id, status, message]).toEqual([id, 'skipped', 'the reason']);
    }
  },
);

test('after an interruption, no check passes, and the subscription to events is deleted', async () => {
  const controller = new AbortController();
  fixture.process = () => Promise.resolve(controller.abort());
  const results = await runChecks(fixture.run({}, controller.signal), () => undefined);
  const statuses = new Set(results.map(({ status }) => status));
  expect(statuses.has('passed')).toBe(false);
  expect(results.filter(({ message }) => message === 'interrupted').length).toBeGreaterThan(20);
  expect(fixture.subscriptions).toBe(0);
});
