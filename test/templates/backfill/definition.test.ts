// Tests the syntax and the expressions of the state machine definition, and runs the definition with emulated services.
import aslValidator from 'asl-validator';
import { Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
  ThumbnailRefresh,
  type ThumbnailBackfillOptions,
} from '../../../lib';
import { readChangedObjects } from '../../../runtime/pipeline';
import { newStack, quietly } from '../../support/templates/stacks';
import { definitionOf, result, run, type State, type Workflow } from '../../support/templates/state-machine';

function define(props: ThumbnailPipelineProps = {}, options: ThumbnailBackfillOptions = {}, withInventory = false) {
  const stack = newStack();
  const inventoryBucket = withInventory ? Bucket.fromBucketName(stack, 'Inventory', 'inventory') : undefined;
  new ThumbnailPipeline(stack, 'Photos', {
    ...props,
    sourceBucket: Bucket.fromBucketName(stack, 'Source', 'photos'),
  }).addBackfill(undefined, { ...options, inventoryBucket });
  return definitionOf(
    quietly(() => Template.fromStack(stack)),
    stack,
  );
}

const CONFIGURATIONS = [
  ['defaults', define()],
  ['inventory', define({}, {}, true)],
  ['refresh', define({}, { refresh: ThumbnailRefresh.onChange() })],
  [
    'everything',
    define({ sourcePrefix: 'a "b"/', sourceSuffixes: ['.jpg'] }, { refresh: ThumbnailRefresh.onChange() }, true),
  ],
] as const;

const child = (definition: Workflow, state = 'ListObjects'): Workflow =>
  definition.States[state]!['ItemProcessor'] as Workflow;

test.each(CONFIGURATIONS)('the definition is valid Amazon States Language: %s', (_, definition) => {
  // The schema of asl-validator requires a Resource, which Step Functions does not require beside WriterConfig:
  // https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
  const States = Object.entries(definition.States).map(([name, { ResultWriter, ...state }]) => {
    if (state.Type === 'Map' && 'ItemReader' in state) {
      expect(ResultWriter).toEqual({ WriterConfig: { OutputType: 'JSON', Transformation: 'FLATTEN' } });
    }
    return [name, state];
  });
  const { isValid, errorsText } = aslValidator({ ...definition, States: Object.fromEntries(States) as object });
  expect(errorsText()).toBe('');
  expect(isValid).toBe(true);
});

interface Batch {
  readonly Entries: { readonly Id: string; readonly MessageBody: string; readonly MessageGroupId: string }[];
}

/** Runs one child workflow. Returns the keys that the runtime reads from its messages. */
async function keysSent(
  items: readonly object[],
  batchInput: object = {},
  failures: (batch: Batch) => string[] = () => [],
  definition: Workflow = CONFIGURATIONS[0][1],
): Promise<{ keys: string[]; batches: Batch[] }> {
  const batches: Batch[] = [];
  const keys: string[] = [];
  const input = { Items: items, BatchInput: { prefix: '', suffixes: [], since: 0, isInventory: false, ...batchInput } };
  const output = await result(child(definition), input, (action, args) => {
    if (action === 'sqs:getQueueAttributes') {
      return { Attributes: attributes(0) };
    }
    const batch = args as unknown as Batch;
    batches.push(batch);
    const Failed = failures(batch).map((Id) => ({ Id, Code: 'InternalError', SenderFault: false }));
    const sent = batch.Entries.filter(({ Id }) => !Failed.some((failed) => failed.Id === Id));
    for (const { MessageBody } of sent) {
      for (const { bucket, key } of readChangedObjects(MessageBody)) {
        expect(bucket).toBe('photos');
        keys.push(key);
      }
    }
    return { Successful: sent.map(({ Id }) => ({ Id })), ...(Failed.length > 0 && { Failed }) };
  });
  expect(output).toEqual([]);
  return { keys, batches };
}

function attributes(messages: number): Record<string, string> {
  return {
    ApproximateNumberOfMessages: String(messages),
    ApproximateNumberOfMessagesNotVisible: '0',
    ApproximateNumberOfMessagesDelayed: '0',
  };
}

const objects = (keys: readonly string[]): object[] =>
  keys.map((Key) => ({ Key, LastModified: 1_700_000_000, Size: 1, Etag: '"x"', StorageClass: 'STANDARD' }));
const SPECIAL = ['a b+c%.jpg', 'ü/日本.png', 'quote"\\{% %}.jpg', "it's {}[]$.jpg", '😀.gif'];

describe('keys of one child workflow', () => {
  test.each([0, 1, 2, 9, 10, 11, 20, 1000])('the child workflow sends the keys of %d objects', async (count) => {
    const expected = Array.from({ length: count }, (_, index) => `${index}.jpg`);
    const { keys, batches } = await keysSent(objects(expected));
    expect(keys).toEqual(expected);
    expect(batches.map(({ Entries }) => Entries.length)).toEqual(
      Array.from({ length: Math.ceil(count / 10) }, (_, index) => Math.min(10, count - index * 10)),
    );
    for (const { Entries } of batches) {
      expect(new Set(Entries.map(({ Id }) => Id)).size).toBe(Entries.length);
      expect(Entries.every(({ MessageGroupId }) => MessageGroupId === 'cdk-thumbnails-backfill')).toBe(true);
    }
  });

  test('the child workflow sends keys of a listing with special characters', async () => {
    expect((await keysSent(objects(SPECIAL))).keys).toEqual(SPECIAL);
  });

  test('the child workflow decodes the keys of current versions in an inventory', async () => {
    const items = SPECIAL.map((key) => ({
      Bucket: 'photos',
      Key: encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/'),
      IsLatest: 'true',
      IsDeleteMarker: 'false',
    }));
    const old = { Bucket: 'photos', Key: 'old.jpg', IsLatest: 'false', IsDeleteMarker: 'false' };
    const deleted = { Bucket: 'photos', Key: 'deleted.jpg', IsLatest: 'true', IsDeleteMarker: 'true' };
    const { keys } = await keysSent([...items, old, deleted], { isInventory: true });
    expect(keys).toEqual(SPECIAL);
  });

  test('the child workflow skips folders, other prefixes and other suffixes', async () => {
    const all = objects(['in/a.JPG', 'in/b.png', 'in/', 'in/c.jpg/', 'out/d.jpg', 'jpg', 'in/.jpg']);
    expect((await keysSent(all, { prefix: 'in/', suffixes: ['.jpg'] })).keys).toEqual(['in/a.JPG', 'in/.jpg']);
    expect((await keysSent(all, { suffixes: ['.jpg', '.PNG'] })).keys).toEqual([
      'in/a.JPG',
      'in/b.png',
      'out/d.jpg',
      'in/.jpg',
    ]);
  });

  test('the child workflow skips objects before a date in seconds or in ISO 8601', async () => {
    const items = [
      { Key: 'old', LastModified: 99 },
      { Key: 'new', LastModified: 100 },
      { Key: 'old text', LastModified: '1970-01-01T00:01:39.000Z' },
      { Key: 'new text', LastModified: '1970-01-01T00:01:40.000Z' },
      { Key: 'old inventory', LastModifiedDate: '1970-01-01T00:01:39.000Z' },
      { Key: 'unknown' },
    ];
    expect((await keysSent(items, { since: 100 })).keys).toEqual(['new', 'new text', 'unknown']);
  });

  test('the child workflow retries only failed entries', async () => {
    let remaining = 3;
    const failOnce = ({ Entries }: Batch): string[] => (remaining-- > 0 ? [Entries.at(-1)!.Id] : []);
    const expected = Array.from({ length: 30 }, (_, index) => String(index));
    const { keys, batches } = await keysSent(objects(expected), {}, failOnce);
    expect([...keys].sort()).toEqual([...expected].sort());
    expect(batches.map(({ Entries }) => Entries.length)).toEqual([10, 10, 10, 3]);
  });

  test('the child workflow fails if an entry fails in all attempts', async () => {
    const sent: number[] = [];
    const fail = ({ Entries }: Batch): string[] => {
      sent.push(Entries.length);
      return Entries.filter(({ MessageBody }) => MessageBody.includes('bad')).map(({ Id }) => Id);
    };
    await expect(keysSent(objects(['good', 'bad']), {}, fail)).rejects.toThrow(/KeysNotSent.* 1 .*bad/);
    expect(sent).toEqual([2, 1, 1, 1, 1]);
  });
});

describe('input of an execution', () => {
  const start = (definition: Workflow, input: object) => {
    const maps: unknown[] = [];
    const actions: unknown[] = [];
    const distributed = (_: State, reader: unknown, batchInput: unknown): unknown[] => {
      maps.push([reader, batchInput]);
      return [];
    };
    const services = (action: string, args: object): unknown => {
      actions.push([action, args]);
      return {
        Executions: ['self', 'older', 'newer'].map((ExecutionArn, index) => ({
          ExecutionArn,
          StartDate: new Date(Date.UTC(2026, 0, [2, 1, 3][index])).toISOString(),
        })),
      };
    };
    const context = { StateMachine: { Id: 'machine' }, Execution: { Id: 'self', StartTime: '2026-01-02T00:00:00Z' } };
    return result(definition, input, services, { distributed, context }).then((output) => ({ output, maps, actions }));
  };
  const everything = CONFIGURATIONS[3][1];

  test('the state machine accepts an empty input', async () => {
    const { output, maps } = await start(everything, {});
    expect(output).toEqual({});
    expect(maps).toEqual([
      [
        expect.objectContaining({ Arguments: { Bucket: 'photos', Prefix: 'a "b"/' } }),
        { prefix: 'a "b"/', suffixes: ['.jpg'], since: 0, isInventory: false },
      ],
    ]);
  });

  test('the state machine accepts an input with a prefix, suffixes and a date', async () => {
    const input = { prefix: 'a "b"/c', suffixes: ['.png'], since: '1970-01-01T00:01:40Z' };
    const [[, batchInput]] = (await start(everything, input)).maps as [[unknown, object]];
    expect(batchInput).toEqual({ prefix: 'a "b"/c', suffixes: ['.png'], since: 100, isInventory: false });
  });

  test('the state machine accepts an input with a single suffix as a string or without suffixes', async () => {
    for (const [suffixes, expected] of [
      ['.png', ['.png']],
      [[], []],
      [['', '.gif'], ['.gif']],
    ] as const) {
      expect((await start(everything, { suffixes })).maps[0]).toEqual([
        expect.anything(),
        expect.objectContaining({ suffixes: expected }),
      ]);
    }
  });

  test('the state machine accepts an input with the manifest of an inventory', async () => {
    const { maps } = await start(everything, { manifest: 'x/manifest.json' });
    expect(maps).toEqual([
      [
        expect.objectContaining({ Arguments: { Bucket: 'inventory', Key: 'x/manifest.json' } }),
        expect.objectContaining({ isInventory: true }),
      ],
    ]);
  });

  test('the execution fails with PrefixOutsideSource if the prefix is outside the source prefix', async () => {
    await expect(start(everything, { prefix: 'b/' })).rejects.toThrow(/PrefixOutsideSource: prefix: b\/ .*a "b"\//);
  });

  test('a refresh stops only older executions', async () => {
    const { actions } = await start(everything, { stopOlder: true });
    expect(actions).toEqual([
      ['sfn:listExecutions', { StateMachineArn: 'machine', StatusFilter: 'RUNNING' }],
      ['sfn:stopExecution', expect.objectContaining({ ExecutionArn: 'older' })],
    ]);
    expect((await start(everything, {})).actions).toEqual([]);
  });
});

test('the backlog stays within maxBacklog if workers are slower than the distributed map', async () => {
  const [maxBacklog, concurrency, batchSize, batches, imagesPerSecond] = [1000, 3, 200, 10, 1];
  const definition = define({}, { maxBacklog, maxConcurrency: concurrency });
  expect(definition.States['ListObjects']!['MaxConcurrency']).toBe(concurrency);
  const queue: number[] = [];
  let [now, processed, highest, oldest, sent] = [0, 0, 0, 0, 0];
  const advance = (time: number): void => {
    const due = Math.min(queue.length, Math.floor(time * imagesPerSecond) - processed);
    const sentAt = queue.splice(0, due);
    processed = Math.floor(time * imagesPerSecond);
    oldest = Math.max(oldest, ...sentAt.map((at) => time - at));
    now = time;
  };
  const services = (action: string, args: object): unknown => {
    if (action === 'sqs:getQueueAttributes') {
      return { Attributes: attributes(queue.length) };
    }
    const { Entries } = args as Batch;
    sent += Entries.length;
    queue.push(...Entries.map(() => now));
    highest = Math.max(highest, queue.length);
    return { Successful: Entries.map(({ Id }) => ({ Id })) };
  };
  const newChild = (): AsyncGenerator<number, unknown> => {
    const Items = objects(Array.from({ length: batchSize }, (_, index) => `${index}.jpg`));
    const input = { Items, BatchInput: { prefix: '', suffixes: [], since: 0, isInventory: false } };
    return run(child(definition), input, services);
  };
  const running = Array.from({ length: concurrency }, () => ({ at: 0, workflow: newChild() }));
  let started = running.length;
  while (running.length > 0) {
    running.sort((one, other) => one.at - other.at);
    const first = running[0]!;
    advance(first.at);
    const { done, value } = await first.workflow.next();
    if (!done) {
      first.at += value;
    } else if (started < batches) {
      started += 1;
      first.workflow = newChild();
    } else {
      running.shift();
    }
  }
  expect(sent).toBe(batches * batchSize);
  expect(highest).toBeGreaterThan(maxBacklog);
  expect(highest).toBeLessThanOrEqual(maxBacklog + concurrency * batchSize);
  expect(oldest).toBeLessThanOrEqual((maxBacklog + concurrency * batchSize) / imagesPerSecond + 1);
});
