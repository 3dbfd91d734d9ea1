import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ThumbnailAccess, ThumbnailCompute, ThumbnailPipeline } from '../../../lib';
import { draw } from '../../../scripts/architecture/drawing';
import { graphOf, READERS } from '../../../scripts/architecture/graph';
import { architecturePictures } from '../../../scripts/architecture-picture';

const root = join(__dirname, '../../..');
const stack = (): Stack => new Stack(new App(), 'Stack');

test.each([...architecturePictures()])(
  '%s is what the constructs make; else run npx ts-node -T scripts/architecture-picture.ts',
  (path, picture) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(picture);
  },
);

test('no other picture lies beside them, and README.md and docs/architecture.md show only pictures that are there', () => {
  const there = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.svg'));
  expect(there.map((name) => `docs/${name}`).toSorted()).toEqual([...architecturePictures().keys()].toSorted());
  for (const [page, folder] of [
    ['README.md', '.'],
    ['docs/architecture.md', 'docs'],
  ] as const) {
    const shown = [...readFileSync(join(root, page), 'utf8').matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(
      ([, path]) => path!,
    );
    expect(shown).not.toEqual([]);
    expect(shown.filter((path) => !existsSync(join(root, folder, path)))).toEqual([]);
  }
});

describe('what is read out of a pipeline', () => {
  const flowsOf = (props: ConstructorParameters<typeof ThumbnailPipeline>[2]): string[] =>
    graphOf(new ThumbnailPipeline(stack(), 'Photos', props)).flows.map(({ from, to, label }) =>
      [`${from} > ${to}`, ...(label === undefined ? [] : [label])].join(': '),
    );

  test('changes with its props', () => {
    expect(flowsOf({ maxReceiveCount: 3 })).toContain('Queue > DeadLetterQueue: after 3 tries');
    expect(flowsOf({ compute: ThumbnailCompute.fargate({ worker: { minCapacity: 1, maxCapacity: 4 } }) })).toContain(
      'Queue > WorkerService: 1 to 4 tasks',
    );
    expect(flowsOf({ apiEnabled: false }).filter((flow) => /Api|readers/.test(flow))).toEqual([]);
    expect(flowsOf({})).toContain(`${READERS} > Api/HttpApi: GET /thumbnails\nGET /images`);
  });

  test('tells functions from services where both are', () => {
    const flows = flowsOf({
      compute: ThumbnailCompute.fargate(),
      api: { compute: ThumbnailCompute.lambda(), access: ThumbnailAccess.publicRead() },
    });
    expect(flows).toEqual(
      expect.arrayContaining([
        'WorkerService > ThumbnailBucket',
        'ApiFunction > ThumbnailBucket',
        'Api/HttpApi > ApiFunction',
      ]),
    );
  });

  test('has each part by its name in code', () => {
    const { parts, network } = graphOf(
      new ThumbnailPipeline(stack(), 'Photos', { compute: ThumbnailCompute.fargate() }),
    );
    expect(Object.fromEntries(parts.map(({ id, property }) => [id, property]))).toEqual({
      SourceBucket: 'sourceBucket',
      ThumbnailBucket: 'thumbnailBucket',
      Queue: 'queue',
      DeadLetterQueue: 'deadLetterQueue',
      WorkerService: 'workerService',
      ApiService: 'apiService',
      'ApiService/LoadBalancer': 'apiService.loadBalancer',
      'Api/HttpApi': 'api.httpApi',
    });
    expect(network).toBe('VPC, no NAT gateway');
  });
});

test('a part that has no place in the picture is told of, not left out', () => {
  const pipeline = new ThumbnailPipeline(stack(), 'Photos');
  new Bucket(pipeline, 'Archive');
  expect(() => draw(graphOf(pipeline), 'test')).toThrow(
    'scripts/architecture/drawing.ts has no place for Archive: add one',
  );
});
