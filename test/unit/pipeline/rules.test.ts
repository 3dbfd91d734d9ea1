import fc from 'fast-check';
import { DEFAULT_LIMITS, ruleApplies, type CoreSettings, type RuleSettings } from '../../../runtime/contract';
import { createHttpApi, Problem } from '../../../runtime/http';
import { FormUploads } from '../../../runtime/http/uploads/form-uploads';
import { createUpload } from '../../../runtime/http/uploads/uploads';
import { inspectKey, Pipeline } from '../../../runtime/pipeline';
import { settingsByKey } from '../../../runtime/pipeline/key-settings';
import { MemoryObjectStore } from '../../support/aws/memory-store';
import { sourceKey } from './arbitraries';
import { fakeRender, settingsWith, thumbnail } from './fakes';

const AVATAR: RuleSettings = {
  prefix: 'avatars/',
  suffix: '',
  thumbnails: [thumbnail('face', 96, 'webp')],
  limits: { ...DEFAULT_LIMITS, maxFileSizeBytes: 10 },
};
const DRAWING: RuleSettings = {
  prefix: '',
  suffix: '.png',
  thumbnails: [thumbnail('small', 100, 'png')],
  limits: DEFAULT_LIMITS,
};
const PHOTO_FILES = ['large.webp', 'manifest.json', 'small.jpg', 'small.webp'];

function setUp(rules: readonly RuleSettings[] = [AVATAR, DRAWING]) {
  let seconds = 0;
  const now = () => new Date(1000 * seconds++);
  const source = new MemoryObjectStore({ now });
  const thumbnails = new MemoryObjectStore({ now });
  const open = (changes: Partial<CoreSettings>) =>
    new Pipeline({ source, thumbnails, settings: settingsWith(changes), render: fakeRender });
  const pipeline = open({ rules });
  const upload = async (key: string, body = 'v1') => {
    await source.put(key, Buffer.from(body), { contentType: 'image/jpeg' });
    return pipeline.reconcile(key);
  };
  const filesOf = (key: string) =>
    thumbnails.keys.filter((file) => file.startsWith(`${key}/`)).map((file) => file.slice(key.length + 1));
  return { source, thumbnails, open, pipeline, upload, filesOf };
}

async function changedKeysOf(pipeline: Pipeline): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of pipeline.changedKeys()) {
    keys.push(key);
  }
  return keys;
}

test('the first rule that applies to a key selects its thumbnails', async () => {
  const { upload, filesOf } = setUp();
  for (const key of ['avatars/ann.jpg', 'avatars/bob.png', 'plan.PNG', 'cat.jpg']) {
    expect(await upload(key)).toMatchObject({ status: 'made' });
  }
  expect(filesOf('avatars/ann.jpg').sort()).toEqual(['face.webp', 'manifest.json']);
  expect(filesOf('avatars/bob.png').sort()).toEqual(['face.webp', 'manifest.json']);
  expect(filesOf('plan.PNG').sort()).toEqual(['manifest.json', 'small.png']);
  expect(filesOf('cat.jpg').sort()).toEqual(PHOTO_FILES);
});

test('the limits of a rule apply only to the keys of the rule', async () => {
  const { upload } = setUp();
  const rejected = await upload('avatars/ann.jpg', 'more than ten bytes');
  expect(rejected).toMatchObject({ status: 'rejected', manifest: { rejection: { code: 'file-too-large' } } });
  expect(await upload('cat.jpg', 'more than ten bytes')).toMatchObject({ status: 'made' });
});

test('a change of a rule affects only the thumbnail sets of its keys', async () => {
  const { source, thumbnails, open, pipeline, upload, filesOf } = setUp();
  await upload('avatars/ann.jpg');
  await upload('cat.jpg');
  const rules = [{ ...AVATAR, thumbnails: [thumbnail('icon', 32, 'webp')] }, DRAWING];
  const changed = open({ rules });
  const states = async (settings: Partial<CoreSettings>) =>
    Promise.all(
      ['avatars/ann.jpg', 'cat.jpg'].map(
        async (key) => (await inspectKey({ source, thumbnails }, settingsWith(settings), key)).state,
      ),
    );
  expect(await states({ rules: [AVATAR, DRAWING] })).toEqual(['current', 'current']);
  expect(await states({ rules })).toEqual(['outdated', 'current']);
  expect(await changedKeysOf(pipeline)).toEqual([]);
  expect(await changedKeysOf(changed)).toEqual(['avatars/ann.jpg']);
  expect(await changed.reconcile('cat.jpg')).toMatchObject({ status: 'unchanged' });
  await changed.reconcile('avatars/ann.jpg');
  expect(filesOf('avatars/ann.jpg').sort()).toEqual(['icon.webp', 'manifest.json']);
});

test('the HTTP API serves only the thumbnails of the rule for the key', async () => {
  const { source, pipeline, upload } = setUp();
  await upload('avatars/ann.jpg');
  await upload('cat.jpg');
  const app = createHttpApi({
    pipeline,
    reconcile: pipeline.reconcile,
    source,
    stored: { prefix: '' },
    cacheControl: 'no-cache',
    version: '1',
  });
  const statusOf = async (path: string) => (await app.request(path)).status;
  expect(await statusOf('/thumbnails/face/avatars/ann.jpg')).toBe(200);
  expect(await statusOf('/stored/avatars/ann.jpg/face.webp')).toBe(200);
  expect(await statusOf('/thumbnails/small/cat.jpg')).toBe(200);
  const unknown = await app.request('/thumbnails/small/avatars/ann.jpg');
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: 'unknown-thumbnail' }]);
  expect(await statusOf('/stored/avatars/ann.jpg/small.webp')).toBe(404);
  expect(await statusOf('/thumbnails/face/cat.jpg')).toBe(404);
});

test('the limits of the rule for the key determine the maximum size of an upload', async () => {
  const { source, pipeline } = setUp();
  const forms = new FormUploads({ store: source });
  const writing = {
    uploads: { contentTypes: ['image/jpeg'], maxSizeBytes: 1000, keyTemplate: '{uuid}' },
    prefix: '',
    createForm: forms.createForm.bind(forms),
  };
  const request = (key: string) => ({
    body: { key, contentType: 'image/jpeg', bytes: 11 },
    url: 'https://host/uploads',
    origin: 'https://host',
  });
  await expect(createUpload(writing, pipeline, request('avatars/ann.jpg'))).rejects.toBeInstanceOf(Problem);
  await expect(createUpload(writing, pipeline, request('avatars/ann.jpg'))).rejects.toMatchObject({
    code: 'file-too-large',
  });
  expect((await createUpload(writing, pipeline, request('cat.jpg'))).key).toBe('cat.jpg');
});

test('every key has the settings of the first matching rule, or the settings of the pipeline if no rule matches', () => {
  const part = fc.constantFrom('', 'a', 'b', 'a/', 'ü', '.png', '.PNG', '0');
  const rule = fc.record({ prefix: part, suffix: part }).map((match) => ({ ...DRAWING, ...match }));
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 6 }), sourceKey, (rules, key) => {
      const settings = settingsWith({
        rules: rules.map((each, index) => ({ ...each, thumbnails: [thumbnail(`t${index}`, 1)] })),
      });
      const settingsOf = settingsByKey(settings);
      const index = rules.findIndex((each) => ruleApplies(each, key));
      const names = settingsOf(key).thumbnails.map(({ name }) => name);
      expect(names).toEqual(index < 0 ? ['small', 'large'] : [`t${index}`]);
      expect(settingsOf(key)).toBe(settingsOf(key));
    }),
    { numRuns: 500, seed: 1 },
  );
});
