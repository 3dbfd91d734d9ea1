import { AnalysisError, type Analysis, type AnalyzedImage } from '../../../runtime/analysis';
import { createAnalyzer } from '../../../runtime/analysis/create-analyzer';
import type { AnalysisProvider } from '../../../runtime/contract';
import {
  expectedAuthorization,
  startAnalysisServer,
  useTestCredentials,
  type AnalysisServer,
  type ServerResponse,
} from '../../support/aws/analysis-server';
import { imageOf } from './fakes';

type Rekognition = Extract<AnalysisProvider, { provider: 'rekognition' }>;

const MODERATION = { minConfidence: 60, labels: [], storeLabels: false };
const environment = { ...process.env };
let server: AnalysisServer;

beforeAll(async () => {
  server = await startAnalysisServer();
});

beforeEach(() => {
  useTestCredentials('eu-west-1');
  process.env['AWS_ENDPOINT_URL_REKOGNITION'] = server.url;
  server.requests.length = 0;
});

afterAll(async () => {
  process.env = environment;
  await server.stop();
});

function analyze(
  settings: Partial<Rekognition>,
  image: AnalyzedImage = imageOf('first'),
  signal: AbortSignal = new AbortController().signal,
): Promise<Analysis> {
  const options = { wait: () => Promise.resolve() };
  const analyzer = createAnalyzer({ provider: 'rekognition', facesAsFocalPoint: false, ...settings }, options);
  return analyzer.analyze(image, signal);
}

async function errorOf(work: Promise<unknown>): Promise<AnalysisError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AnalysisError);
  return error as AnalysisError;
}

const operationOf = ({ headers }: { headers: NodeJS.Dict<string | string[]> }): string =>
  String(headers['x-amz-target']).replace('RekognitionService.', '');

function respondWith(responses: {
  labels?: readonly { Name: string; ParentName?: string; Confidence: number }[];
  faces?: readonly { Confidence: number; BoundingBox: Record<'Left' | 'Top' | 'Width' | 'Height', number> }[];
}): void {
  server.respond = (request) => ({
    body:
      operationOf(request) === 'DetectFaces'
        ? { FaceDetails: responses.faces ?? [] }
        : { ModerationLabels: responses.labels ?? [], ModerationModelVersion: '7.0' },
  });
}

describe('requests', () => {
  test('the analyzer sends each frame in a signed request', async () => {
    respondWith({});
    await analyze({ moderation: MODERATION }, imageOf('first', 'second'));
    expect(server.requests.map(operationOf)).toEqual(['DetectModerationLabels', 'DetectModerationLabels']);
    const frames = ['first', 'second'].map((body) => Buffer.from(body).toString('base64'));
    // Sorts the bodies, because the requests are concurrent.
    expect(server.requests.map(({ body }) => body).sort()).toEqual(
      frames.map((Bytes) => JSON.stringify({ Image: { Bytes }, MinConfidence: 60 })).sort(),
    );
    for (const request of server.requests) {
      expect(request.headers).toMatchObject({ 'content-type': 'application/x-amz-json-1.1' });
      expect(request.headers.authorization).toBe(expectedAuthorization(request, 'rekognition', 'eu-west-1'));
    }
  });

  test('the requests use the Region of the settings', async () => {
    respondWith({});
    await analyze({ moderation: MODERATION, region: 'us-west-2' });
    const [request] = server.requests;
    expect(request!.headers.authorization).toBe(expectedAuthorization(request!, 'rekognition', 'us-west-2'));
  });

  test('the analyzer detects faces only in the first frame, and only if the image has no focal point', async () => {
    respondWith({});
    await analyze({ facesAsFocalPoint: true }, imageOf('first', 'second'));
    expect(server.requests.map(operationOf)).toEqual(['DetectFaces']);
    await analyze({ facesAsFocalPoint: true }, { ...imageOf('first'), wantsFocalPoint: false });
    expect(server.requests).toHaveLength(1);
  });
});

describe('moderation', () => {
  const labels = [
    { Name: 'Violence', Confidence: 71.26 },
    { Name: 'Weapons', ParentName: 'Violence', Confidence: 65 },
  ];

  test.each([
    ['no labels', [], [], 'allow'],
    ['any label', labels, [], 'reject'],
    ['a label of the list', labels, ['Weapons'], 'reject'],
    ['a label below a category of the list', [labels[1]!], ['Violence'], 'reject'],
    ['other labels only', labels, ['Alcohol'], 'allow'],
    ['labels below the threshold', [{ Name: 'Violence', Confidence: 59.9 }], [], 'allow'],
    ['a label at the threshold', [{ Name: 'Violence', Confidence: 60 }], [], 'reject'],
  ] as const)('the verdict on %s', async (_name, found, wanted, verdict) => {
    respondWith({ labels: found });
    expect(await analyze({ moderation: { ...MODERATION, labels: wanted } })).toMatchObject({ verdict });
  });

  test('a label in any frame rejects the image', async () => {
    server.respond = ({ body }) => ({
      body: { ModerationLabels: body.includes(Buffer.from('second').toString('base64')) ? labels : [] },
    });
    expect(await analyze({ moderation: MODERATION }, imageOf('first', 'second'))).toMatchObject({ verdict: 'reject' });
  });

  test('the result contains labels only if the settings require labels', async () => {
    respondWith({ labels: [...labels, { Name: 'Violence', Confidence: 68 }] });
    const without = await analyze({ moderation: MODERATION });
    expect(without.labels).toBeUndefined();
    expect(without.reason).not.toMatch(/Violence|Weapons/);
    expect((await analyze({ moderation: { ...MODERATION, storeLabels: true } })).labels).toEqual([
      { name: 'Violence', confidence: 71.3 },
      { name: 'Weapons', confidence: 65 },
    ]);
  });
});

describe('faces', () => {
  const face = (Left: number, Top: number, side: number, Confidence = 99) => ({
    Confidence,
    BoundingBox: { Left, Top, Width: side, Height: side },
  });

  test.each([
    ['no face', [], undefined],
    ['one face', [face(0.2, 0.4, 0.2)], { x: 0.3, y: 0.5 }],
    ['two faces, weighted by area', [face(0, 0, 0.2), face(0.6, 0.6, 0.4)], { x: 0.66, y: 0.66 }],
    ['an uncertain face', [face(0.2, 0.4, 0.2, 80)], undefined],
    ['a face beyond the edge', [face(0.95, 0.5, 0.2)], { x: 1, y: 0.6 }],
  ])('the focal point of %s', async (_name, faces, focalPoint) => {
    respondWith({ faces });
    expect((await analyze({ facesAsFocalPoint: true })).focalPoint).toEqual(focalPoint);
  });

  test('the focal point is relative to the image inside the frame, without the border of the frame', async () => {
    respondWith({ faces: [face(0.45, 0.45, 0.1), face(0.45, 0.45, 0.1)] });
    const image = imageOf('first');
    const frames = image.frames.map((frame) => ({
      ...frame,
      width: 1000,
      height: 100,
      content: { left: 0, top: 45, width: 1000, height: 10 },
    }));
    expect((await analyze({ facesAsFocalPoint: true }, { ...image, frames })).focalPoint).toEqual({ x: 0.5, y: 0.5 });
  });
});

describe('failures', () => {
  const failing = (type: string, status = 400): ServerResponse => ({ status, body: { __type: `com.amazon#${type}` } });

  test.each([
    ['ThrottlingException', failing('ThrottlingException'), 'analysis-throttled', 3],
    ['an exceeded throughput', failing('ProvisionedThroughputExceededException'), 'analysis-throttled', 3],
    ['status 429', { status: 429 }, 'analysis-throttled', 3],
    ['an internal error', failing('InternalServerError', 500), 'analysis-unavailable', 3],
    ['a closed connection', undefined, 'analysis-unavailable', 3],
    ['a denied request', failing('AccessDeniedException'), 'analysis-unavailable', 1],
    ['invalid JSON', { body: '<html>' }, 'analysis-unavailable', 1],
    ['a response without labels', { body: {} }, 'analysis-unavailable', 1],
    ['a response above 1 MiB', { body: 'x'.repeat(1024 * 1024 + 1) }, 'analysis-unavailable', 3],
  ] as const)('%s is a failure', async (_name, response, code, attempts) => {
    server.respond = () => response;
    const error = await errorOf(analyze({ moderation: MODERATION }));
    expect(error).toMatchObject({ code, retryable: true });
    expect(server.requests).toHaveLength(attempts);
  });

  test('the analyzer repeats a request after an error', async () => {
    server.respond = () =>
      server.requests.length === 1 ? failing('ThrottlingException') : { body: { ModerationLabels: [] } };
    expect(await analyze({ moderation: MODERATION })).toMatchObject({ verdict: 'allow' });
  });

  test('the analyzer sends no further requests after the timeout', async () => {
    const timeout = new AbortController();
    server.respond = () => {
      timeout.abort();
      return new Promise(() => undefined);
    };
    const error = await errorOf(analyze({ moderation: MODERATION }, imageOf('first'), timeout.signal));
    expect(error.code).toBe('analysis-unavailable');
    expect(error.message).toMatch(/in time/);
    expect(server.requests).toHaveLength(1);
  });
});
