import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ThumbnailCompute, ThumbnailPipeline, type ThumbnailPipelineProps } from '../../../lib';
import { architecturePictures, dotOf } from '../../../scripts/architecture-picture';

const root = join(__dirname, '../../..');

test('docs/ contains only the current diagrams: npx ts-node -T scripts/architecture-picture.ts', async () => {
  const pictures = await architecturePictures();
  const files = readdirSync(join(root, 'docs/explanation')).filter((name) => name.endsWith('.svg'));
  expect(files.map((name) => `docs/explanation/${name}`).toSorted()).toEqual([...pictures.keys()].toSorted());
  for (const [path, picture] of pictures) {
    expect(readFileSync(join(root, path), 'utf8')).toBe(picture);
  }
});

test.each([
  ['README.md', '.'],
  ['docs/explanation/architecture.md', 'docs/explanation'],
])('%s shows existing pictures', (page, folder) => {
  const text = readFileSync(join(root, page), 'utf8');
  const shown = [...text.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path]) => path!);
  expect(shown).not.toEqual([]);
  expect(shown.filter((path) => !existsSync(join(root, folder, path)))).toEqual([]);
});

function pipelineWith(props: ThumbnailPipelineProps = {}): ThumbnailPipeline {
  return new ThumbnailPipeline(new Stack(new App(), 'Stack'), 'Photos', props);
}

test('the labels contain values of the template', () => {
  const lambda = dotOf(pipelineWith({ maxReceiveCount: 3 }));
  expect(lambda).toMatch(/"Queue" -> "DeadLetterQueue" \[label="\s*after 3 attempts\s/);
  const compute = ThumbnailCompute.fargate({ worker: { minCapacity: 1, maxCapacity: 4 } });
  expect(dotOf(pipelineWith({ compute }))).toMatch(/"Queue" -> "WorkerService" \[label="\s*1 to 4 tasks\s/);
});

test.each(['sourceBucket', 'deadLetterQueue', 'workerService', 'apiService.loadBalancer', 'api.httpApi'])(
  'a node contains the property %s',
  (property) => {
    expect(dotOf(pipelineWith({ compute: ThumbnailCompute.fargate() }))).toContain(`>${property}&#160;`);
  },
);

test('the script omits resources that a pipeline does not have', () => {
  expect(dotOf(pipelineWith({ apiEnabled: false }))).not.toMatch(/Api|readers/);
});

test('the script rejects a resource without a node in the diagram', () => {
  const pipeline = pipelineWith();
  new Bucket(pipeline, 'Archive');
  expect(() => dotOf(pipeline)).toThrow(/NODES has no entry for Archive/);
});
