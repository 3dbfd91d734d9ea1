import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnResource } from 'aws-cdk-lib';
import {
  Thumbnail,
  ThumbnailAccess,
  ThumbnailCompute,
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
  ThumbnailTrigger,
} from '../../../lib';
import { newStack } from '../../support/stacks';

/** A row of the page: a path below the pipeline, and the type of the resource there. */
type Row = readonly [path: string, type: string];

function rowsOf(props: ThumbnailPipelineProps, more: (pipeline: ThumbnailPipeline) => void = () => undefined): Row[] {
  const stack = newStack();
  const pipeline = new ThumbnailPipeline(stack, 'Photos', props);
  more(pipeline);
  return pipeline.node
    .findAll()
    .filter((construct) => CfnResource.isCfnResource(construct))
    .map(({ node, cfnResourceType }): Row => [node.path.slice(pipeline.node.path.length + 1), cfnResourceType])
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

/** The tables of the page by their titles. */
function tablesOf(page: string): Record<string, Row[]> {
  const sections = page.split(/^## /m).slice(1);
  return Object.fromEntries(
    sections.map((section): [string, Row[]] => [
      section.slice(0, section.indexOf('\n')),
      [...section.matchAll(/^\| `([^`]+)`\s*\| `([^`]+)`/gm)].map(([, path, type]): Row => [path!, type!]),
    ]),
  );
}

const publicRead = { access: ThumbnailAccess.publicRead() };

test.each<[string, () => Row[]]>([
  ['Functions', () => rowsOf({})],
  ['Services', () => rowsOf({ compute: ThumbnailCompute.fargate() })],
  ['EventBridge', () => without(rowsOf({ trigger: ThumbnailTrigger.eventBridge() }), rowsOf({}))],
  [
    'Signed links and writing',
    () =>
      without(rowsOf({ api: { access: ThumbnailAccess.signed(), writeAccess: ThumbnailAccess.iam() } }), rowsOf({})),
  ],
  [
    'A distribution',
    () =>
      without(
        rowsOf({ api: publicRead }, (made) => void made.addDistribution()),
        rowsOf({}),
      ),
  ],
])('the page names what there is: %s', (title, rows) => {
  const page = readFileSync(join(__dirname, '../../../docs/logical-ids.md'), 'utf8');
  expect(tablesOf(page)[title]).toEqual(rows());
});

test('props that are no part of a path change no id', () => {
  const changed = rowsOf({
    thumbnails: [Thumbnail.avatar(), Thumbnail.hero()],
    limits: { maxFrames: 3 },
    cacheControl: 'no-store',
    sourcePrefix: 'photos/',
    compute: ThumbnailCompute.lambda({ memorySize: 3008 }),
    api: publicRead,
  });
  expect(changed).toEqual(rowsOf({}));
});

/** Those rows that only the first has. */
function without(rows: Row[], others: Row[]): Row[] {
  const known = new Set(others.map(([path]) => path));
  return rows.filter(([path]) => !known.has(path));
}
