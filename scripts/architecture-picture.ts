// Draws docs/explanation/architecture-*.svg from synthesized pipelines: npx ts-node -T scripts/architecture-picture.ts
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { instance } from '@viz-js/viz';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ThumbnailCompute, ThumbnailPipeline } from '../lib';

type Properties = Readonly<Record<string, unknown>>;
/** Properties of a resource of the pipeline, by construct path below the pipeline. */
type Resources = ReadonlyMap<string, { readonly type: string; readonly properties: Properties }>;

/** Nodes of the diagram that are not resources of the template. */
const PEOPLE = { uploaders: ['Uploaders', 'AWS SDK or upload form'], readers: ['Readers', 'browsers, apps, a CDN'] };
/** Resources in the diagram: title, colour and details from the template. */
const NODES: Readonly<Record<string, readonly [title: string, color: string]>> = {
  SourceBucket: ['Source bucket', '#2da44e'],
  ThumbnailBucket: ['Thumbnail bucket', '#2da44e'],
  Queue: ['Queue', '#bf3989'],
  DeadLetterQueue: ['Dead-letter queue', '#bf3989'],
  UploadFunction: ['Upload function', '#e16f24'],
  WorkerService: ['Worker service', '#e16f24'],
  ApiFunction: ['API function', '#e16f24'],
  ApiService: ['API service', '#e16f24'],
  'ApiService/LoadBalancer': ['Load balancer', '#8250df'],
  'Api/HttpApi': ['HTTP API', '#8250df'],
};
const DRAWN_TYPES =
  /^AWS::(?:S3::Bucket|SQS::Queue|Lambda::Function|ECS::Service|ApiGatewayV2::Api|Elastic\w+::LoadBalancer)$/;
/** Arrows between two nodes, with their labels. A diagram omits an arrow if it does not contain both nodes. */
const EDGES: readonly (readonly [from: string, to: string, label: (resources: Resources) => string])[] = [
  ['uploaders', 'SourceBucket', () => 'put, replace,\ndelete'],
  ['SourceBucket', 'Queue', () => 'key may\nhave changed'],
  [
    'Queue',
    'DeadLetterQueue',
    (all) => `after ${String(read(all, 'Queue', 'RedrivePolicy', 'maxReceiveCount'))} attempts`,
  ],
  ['Queue', 'UploadFunction', (all) => `${String(read(all, 'UploadFunction/Queue', 'BatchSize'))} key per\ninvocation`],
  ['Queue', 'WorkerService', (all) => tasksOf(all)],
  ['SourceBucket', 'UploadFunction', () => 'current image'],
  ['SourceBucket', 'WorkerService', () => 'current image'],
  ['UploadFunction', 'ThumbnailBucket', () => 'thumbnails,\nthen manifest'],
  ['WorkerService', 'ThumbnailBucket', () => 'thumbnails,\nthen manifest'],
  ['readers', 'Api/HttpApi', () => 'GET /thumbnails\nGET /images'],
  ['Api/HttpApi', 'ApiFunction', () => ''],
  ['Api/HttpApi', 'ApiService/LoadBalancer', () => 'VPC link'],
  ['ApiService/LoadBalancer', 'ApiService', () => ''],
  ['ApiFunction', 'ThumbnailBucket', () => 'stored thumbnails;\nrenders missing ones'],
  ['ApiService', 'ThumbnailBucket', () => 'stored thumbnails;\nrenders missing ones'],
];

/** Returns the diagrams by path: one for each compute type, with default props. */
export async function architecturePictures(): Promise<ReadonlyMap<string, string>> {
  const viz = await instance();
  const computes = { lambda: ThumbnailCompute.lambda(), fargate: ThumbnailCompute.fargate() };
  return new Map(
    Object.entries(computes).map(([name, compute]) => {
      const pipeline = new ThumbnailPipeline(new Stack(new App(), 'Stack'), 'Photos', { compute });
      const svg = viz.renderString(dotOf(pipeline), { format: 'svg', engine: 'dot' });
      const title = `Architecture of a thumbnail pipeline with ThumbnailCompute.${name}()`;
      const picture = svg.replace(/^[\s\S]*?<svg/, '<svg role="img"').replace(/<title>.*<\/title>\n/g, '');
      return [`docs/explanation/architecture-${name}.svg`, picture.replace(/>\n/, `>\n<title>${title}</title>\n`)];
    }),
  );
}

/**
 * Describes a pipeline in the DOT language of Graphviz.
 *
 * @throws Error if a resource of a drawn type has no entry in {@link NODES}
 */
export function dotOf(pipeline: ThumbnailPipeline): string {
  const resources = resourcesOf(pipeline);
  const unknown = [...resources].filter(([id, { type }]) => DRAWN_TYPES.test(type) && !(id in NODES));
  if (unknown.length > 0) {
    throw new Error(`scripts/architecture-picture.ts: NODES has no entry for ${unknown.map(([id]) => id).join(', ')}`);
  }
  const nodes = Object.entries(NODES).filter(([id]) => resources.has(id));
  const known = new Set([...Object.keys(PEOPLE), ...nodes.map(([id]) => id)]);
  const edges = EDGES.filter(([from, to]) => known.has(from) && known.has(to));
  const used = new Set(edges.flatMap(([from, to]) => [from, to]));
  return [
    'digraph { rankdir=TB; bgcolor=white; pad=0.2; nodesep=0.4; ranksep=0.45; fontname="Helvetica"',
    'node [shape=plain fontname="Helvetica" fontsize=12 fontcolor="#1f2328"]',
    'edge [fontname="Helvetica" fontsize=11 color="#59636e" fontcolor="#59636e" arrowsize=0.7]',
    ...Object.entries(PEOPLE)
      .map(([id, lines]) => `"${id}" [label=${labelOf(lines, '#8c959f')}]`)
      .filter((_, index) => used.has(Object.keys(PEOPLE)[index]!)),
    ...nodes.map(
      ([id, [title, color]]) => `"${id}" [label=${labelOf([title, ...detailsOf(pipeline, id, resources)], color)}]`,
    ),
    ...edges.map(([from, to, label]) => `"${from}" -> "${to}" [label="${edgeLabelOf(label(resources))}"]`),
    ...(used.has('readers') ? ['{ rank=same; uploaders; readers }'] : []),
    '}',
  ].join('\n');
}

/** Returns a left-aligned label of an edge. Spaces leave room for fonts that are wider than the font that Graphviz measures. */
function edgeLabelOf(text: string): string {
  const space = '\u00a0'.repeat(3);
  return (
    text &&
    text
      .split('\n')
      .map((line) => `${space}${line}${space}\\l`)
      .join('')
  );
}

/**
 * Returns an HTML-like label of a node. Trailing spaces leave room for fonts that are wider than the font that Graphviz
 * measures.
 */
function labelOf([title, ...lines]: readonly string[], color: string): string {
  const space = '&#160;'.repeat(4);
  const rows = lines
    .map((line) => `<br align="left"/><font point-size="11" color="#59636e">${line}${space}</font>`)
    .join('');
  const bar = `<td bgcolor="${color}" width="5"></td>`;
  return `<<table border="0" cellborder="1" cellspacing="0" color="#d0d7de"><tr>${bar}<td cellpadding="8" align="left"><b>${title}${space}</b>${rows}<br align="left"/></td></tr></table>>`;
}

/** Returns the details of a resource: the property of the pipeline that exposes the resource, and the size or retention. */
function detailsOf(pipeline: ThumbnailPipeline, id: string, all: Resources): string[] {
  const { type, properties } = all.get(id)!;
  const property = propertyOf(pipeline, id);
  const task = all.get(`${id}/TaskDefinition`)?.properties;
  const details: Readonly<Record<string, () => string>> = {
    'AWS::SQS::Queue': () => `SQS, ${Number(properties['MessageRetentionPeriod'] ?? 345_600) / 86_400} days`,
    'AWS::Lambda::Function': () =>
      `Lambda, ${(properties['Architectures'] as string[]).join()}, ${String(properties['MemorySize'])} MB`,
    'AWS::ECS::Service': () => `Fargate, ${Number(task?.['Cpu']) / 1024} vCPU, ${Number(task?.['Memory']) / 1024} GiB`,
    'AWS::ElasticLoadBalancingV2::LoadBalancer': () => `ALB, ${String(properties['Scheme'])}`,
  };
  return [property, details[type]?.()].filter((line) => line !== undefined);
}

function propertyOf(pipeline: ThumbnailPipeline, id: string): string | undefined {
  const find = (owner: object, depth: number): string | undefined => {
    for (const [name, value] of Object.entries(owner)) {
      if (name === 'node' || name.startsWith('_') || !(value instanceof Construct)) {
        continue;
      }
      const inner = depth > 0 ? find(value, depth - 1) : undefined;
      if (value.node.path === `${pipeline.node.path}/${id}` || inner !== undefined) {
        return inner === undefined ? name : `${name}.${inner}`;
      }
    }
    return undefined;
  };
  return find(pipeline, 0) ?? find(pipeline, 1);
}

function resourcesOf(pipeline: ThumbnailPipeline): Resources {
  const stack = Stack.of(pipeline);
  const resources = pipeline.node.findAll().filter((construct) => CfnResource.isCfnResource(construct));
  return new Map(
    resources.map((resource) => {
      const { Resources } = stack.resolve(resource._toCloudFormation()) as {
        readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: Properties }>>;
      };
      const [{ Type, Properties: properties = {} } = { Type: '' }] = Object.values(Resources);
      const id = resource.node.path.slice(pipeline.node.path.length + 1).replace(/(?:\/(?:Resource|Service))+$/, '');
      return [id, { type: Type, properties }];
    }),
  );
}

function read(all: Resources, id: string, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (value as Properties | undefined)?.[name], all.get(id)?.properties);
}

function tasksOf(all: Resources): string {
  const [id] = [...all.keys()].filter((each) => /^WorkerService\/.*Target$/.test(each));
  return `${String(read(all, id ?? '', 'MinCapacity'))} to ${String(read(all, id ?? '', 'MaxCapacity'))} tasks`;
}

if (require.main === module) {
  void architecturePictures().then((pictures) => {
    for (const [path, picture] of pictures) {
      writeFileSync(join(__dirname, '..', path), picture);
      console.log(path);
    }
  });
}
