import { ImageRejection } from '../../../runtime/engine';
import type { Outcome } from '../../../runtime/pipeline';
import { withCorrelationId } from '../../../runtime/program/correlation';
import { Observer } from '../../../runtime/program/observer';
import { ObjectStoreError } from '../../../runtime/storage';
import { FakePipeline, rejectedManifest, readyManifest } from '../http/fake-pipeline';

function open() {
  const lines: unknown[][] = [];
  const counts: unknown[][] = [];
  const line =
    (level: string) =>
    (message: unknown, ...extra: unknown[]): void => {
      lines.push([level, message, ...extra]);
    };
  const metrics = {
    addMetric(name: string, unit: string, value: number) {
      counts.push([name, unit, value]);
      return metrics as never;
    },
    hasStoredMetrics: () => counts.length > 0,
    publishStoredMetrics() {
      counts.push(['published']);
      return metrics as never;
    },
    singleMetric() {
      const dimensions: string[] = [];
      return {
        addDimension: (...dimension: string[]) => dimensions.push(...dimension),
        addMetric: (...metric: unknown[]) => counts.push([...metric, ...dimensions]),
      } as never;
    },
  };
  const logger = {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    addContext: () => logger as never,
  };
  return { lines, counts, observer: new Observer(logger, metrics) };
}

const TIME = expect.any(Number) as number;

describe('Observer.watch', () => {
  const outcomes: readonly [Outcome, unknown[], unknown[][]][] = [
    [
      { status: 'made', key: 'a', manifest: readyManifest('a') },
      ['info', expect.any(String), { key: 'a', status: 'made', milliseconds: TIME }],
      [
        ['ImagesMade', 'Count', 1],
        ['RenderTime', 'Milliseconds', TIME],
      ],
    ],
    [
      { status: 'unchanged', key: 'a', manifest: readyManifest('a') },
      ['info', expect.any(String), { key: 'a', status: 'unchanged', milliseconds: TIME }],
      [['ImagesUnchanged', 'Count', 1]],
    ],
    [
      { status: 'rejected', key: 'a', manifest: rejectedManifest('a', 'truncated') },
      ['warn', expect.any(String), { key: 'a', status: 'rejected', code: 'truncated', milliseconds: TIME }],
      [['ImagesRejected', 'Count', 1]],
    ],
    [
      { status: 'deleted', key: 'a', removed: 3 },
      ['info', expect.any(String), { key: 'a', status: 'deleted', removed: 3, milliseconds: TIME }],
      [['ImagesDeleted', 'Count', 1]],
    ],
  ];

  test.each(outcomes)('the observer logs and counts %j', async (outcome, line, expectedCounts) => {
    const { observer, lines, counts } = open();
    const reconcile = observer.watch(new FakePipeline(() => outcome).reconcile);
    expect(await reconcile('a')).toBe(outcome);
    expect(lines).toEqual([line]);
    expect(counts).toEqual(expectedCounts);
  });

  test('the observer logs a permanent error as a rejection', async () => {
    const { observer, lines, counts } = open();
    const error = new ObjectStoreError('archived', 'restore it');
    const reconcile = observer.watch(() => Promise.reject(error));
    await expect(reconcile('a')).rejects.toBe(error);
    expect(lines).toEqual([
      ['warn', expect.any(String), { key: 'a', status: 'rejected', code: 'archived', milliseconds: TIME, error }],
    ]);
    expect(counts).toEqual([['ImagesRejected', 'Count', 1]]);
  });

  test('the observer does not count requests for missing images or unserved keys', async () => {
    const { observer, lines, counts } = open();
    await observer.watch(new FakePipeline().reconcile)('a');
    await observer.watch(new FakePipeline((key) => ({ status: 'ignored', key })).reconcile)('a');
    expect(lines.filter(([level]) => level !== 'debug')).toEqual([]);
    expect(counts).toEqual([]);
  });

  test('the observer logs, counts and rethrows errors', async () => {
    const { observer, lines, counts } = open();
    const thrown: unknown[] = [new ImageRejection('timeout', 'too long'), new TypeError('oh'), 'text'];
    const reconcile = observer.watch(
      new FakePipeline(() => {
        throw thrown[counts.length];
      }).reconcile,
    );
    await expect(reconcile('a')).rejects.toBe(thrown[0]);
    await expect(reconcile('a')).rejects.toBe(thrown[1]);
    await expect(reconcile('a')).rejects.toBe('text');
    const entry = { key: 'a', status: 'failed', milliseconds: TIME };
    expect(lines).toEqual([
      ['error', expect.any(String), { ...entry, code: 'timeout', error: thrown[0] }],
      ['error', expect.any(String), { ...entry, error: thrown[1] }],
      ['error', expect.any(String), { ...entry, error: new Error('text') }],
    ]);
    expect(counts).toEqual(Array(3).fill(['ImagesFailed', 'Count', 1]));
  });
});

describe('Observer', () => {
  test('the observer does not write an empty list of metrics', async () => {
    const { observer, counts } = open();
    observer.end();
    expect(counts).toEqual([]);
    await observer.watch(new FakePipeline(() => outcomeOf('a')).reconcile)('a');
    observer.end();
    expect(counts.at(-1)).toEqual(['published']);
  });

  test('the observer logs failed responses of the runtime as errors', () => {
    const { observer, lines } = open();
    const answer = { method: 'GET', path: '/images/a', milliseconds: 3 };
    const error = new Error('whole');
    observer.responded({ ...answer, status: 200 });
    observer.responded({ ...answer, status: 404, code: 'image-not-found', error });
    observer.responded({ ...answer, status: 403, code: 'access-denied', error });
    observer.responded({ ...answer, status: 500, code: 'internal-error', error });
    expect(lines.map(([level]) => level)).toEqual(['debug', 'debug', 'error', 'error']);
    expect(lines[3]![2]).toEqual({ ...answer, status: 500, code: 'internal-error', error });
  });
});

describe('correlation', () => {
  test('the logger adds the id of the current message or request to each line', async () => {
    const { observer, lines } = open();
    const reconcile = observer.watch(new FakePipeline(() => outcomeOf('a')).reconcile);
    await Promise.all(['one', 'two'].map((id) => withCorrelationId(id, () => reconcile('a'))));
    await reconcile('a');
    expect(lines.map(([, , , added]) => added)).toEqual([
      { correlation_id: 'one' },
      { correlation_id: 'two' },
      undefined,
    ]);
  });
});

describe('detailed metrics', () => {
  const manifest = readyManifest('a');
  const outcomes: readonly Outcome[] = [
    { status: 'made', key: 'a', manifest },
    { status: 'rejected', key: 'b', manifest: rejectedManifest('b', 'truncated') },
    { status: 'rejected', key: 'c', manifest: rejectedManifest('c', 'truncated') },
  ];

  async function observed(observer: Observer): Promise<void> {
    for (const outcome of outcomes) {
      await observer.watch(new FakePipeline(() => outcome).reconcile)(outcome.key);
    }
    const failing = new FakePipeline(() => {
      throw new Error('oh');
    });
    await observer
      .watch(failing.reconcile)('d')
      .catch(() => undefined);
    const response = { method: 'GET', path: '/thumbnails/small/a', status: 200, milliseconds: 1 };
    observer.responded({ ...response, format: 'webp' });
    observer.responded({ ...response, format: 'webp' });
    observer.responded(response);
    observer.end();
  }

  test('detailed metrics contain the bytes, the error codes and the formats', async () => {
    const { observer, counts } = open();
    observer.enableDetailedMetrics();
    await observed(observer);
    expect(counts).toEqual(
      expect.arrayContaining([
        ['SourceBytes', 'Bytes', manifest.source.bytes],
        ['ThumbnailBytes', 'Bytes', 27],
        ['ImagesRejected', 'Count', 2, 'code', 'truncated'],
        ['ImagesFailed', 'Count', 1, 'code', 'internal-error'],
        ['ThumbnailsServed', 'Count', 2, 'format', 'webp'],
      ]),
    );
    expect(counts).toHaveLength(11);
  });

  test('detailed metrics are not emitted by default', async () => {
    const { observer, counts } = open();
    await observed(observer);
    expect(counts.map(([name]) => name)).toEqual([
      'ImagesMade',
      'RenderTime',
      'ImagesRejected',
      'ImagesRejected',
      'ImagesFailed',
      'published',
    ]);
  });
});

function outcomeOf(key: string): Outcome {
  return { status: 'made', key, manifest: readyManifest(key) };
}
