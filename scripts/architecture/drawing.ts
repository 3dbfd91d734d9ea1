import { READERS, type Flow, type Graph, type Part } from './graph';

/** Left upper corner, in the units of the picture. */
interface Place {
  readonly x: number;
  readonly y: number;
  readonly title: string;
  readonly color: 'store' | 'carry' | 'run' | 'answer' | 'people';
}

/** How an arrow goes. */
interface Way {
  /** Corners of the line. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Where its words begin, or where their middle is. */
  readonly label?: readonly [x: number, y: number];
  readonly anchor?: 'start' | 'middle';
  /** Words before what the template says. */
  readonly text?: string;
  readonly bothWays?: boolean;
}

const BOX = { width: 186, height: 74 };
const [FIRST, SECOND, THIRD, FOURTH] = [20, 318, 616, 914];
const [TOP, MIDDLE, LOWER, BOTTOM] = [24, 152, 314, 432];
const WIDTH = FOURTH + BOX.width + 20;
const half = BOX.width / 2;
/** Between two columns. */
const GAP = SECOND - FIRST - BOX.width;
/** Where the image is read: a line between the upper and the lower half. */
const BUS = 270;

const UPLOADERS = 'uploaders';
/** Those whom no template names. */
const PEOPLE: readonly Part[] = [
  { id: UPLOADERS, kind: 'AWS SDK, forms of the API' },
  { id: READERS, kind: 'browsers, apps, a CDN' },
];
const PEOPLE_FLOWS: readonly Flow[] = [{ from: UPLOADERS, to: 'SourceBucket' }];

const PLACES: Readonly<Record<string, Place>> = {
  [UPLOADERS]: { x: FIRST, y: TOP, title: 'Who has images', color: 'people' },
  SourceBucket: { x: FIRST, y: MIDDLE, title: 'Source bucket', color: 'store' },
  [READERS]: { x: FIRST, y: LOWER, title: 'Who looks at them', color: 'people' },
  DeadLetterQueue: { x: SECOND, y: TOP, title: 'Dead-letter queue', color: 'carry' },
  Queue: { x: SECOND, y: MIDDLE, title: 'Queue', color: 'carry' },
  'Api/HttpApi': { x: SECOND, y: LOWER, title: 'API', color: 'answer' },
  UploadFunction: { x: THIRD, y: MIDDLE, title: 'Upload function', color: 'run' },
  WorkerService: { x: THIRD, y: MIDDLE, title: 'Worker service', color: 'run' },
  ApiFunction: { x: THIRD, y: LOWER, title: 'API function', color: 'run' },
  ApiService: { x: THIRD, y: LOWER, title: 'API service', color: 'run' },
  'ApiService/LoadBalancer': { x: THIRD, y: BOTTOM, title: 'Load balancer', color: 'answer' },
  ThumbnailBucket: { x: FOURTH, y: MIDDLE, title: 'Thumbnail bucket', color: 'store' },
};

/** Left of the frame of a VPC, or right of it. */
const BESIDE_FRAME = 8;

const across = (from: number, y: number, text?: string, shift = 0): Way => ({
  points: [
    [from + BOX.width, y + BOX.height / 2],
    [from + BOX.width + GAP, y + BOX.height / 2],
  ],
  label: [from + BOX.width + GAP / 2 + shift, y + BOX.height / 2 - 10],
  text,
});
const down = (x: number, from: number, to: number, text?: string): Way => ({
  points: [
    [x, from],
    [x, to],
  ],
  label: [x + 12, (from + to) / 2 + 4],
  anchor: 'start',
  text,
});
const worker: Way = across(THIRD, MIDDLE, 'thumbnails,\nmanifest last', BESIDE_FRAME);
const answers: Way = {
  points: [
    [THIRD + BOX.width, LOWER + 37],
    [FOURTH + half, LOWER + 37],
    [FOURTH + half, MIDDLE + BOX.height],
  ],
  label: [FOURTH - 3, LOWER + 27],
  text: 'serves what is there,\nmakes what is missing',
  bothWays: true,
};
const read = (y: number): Way => ({
  points: [
    [FIRST + half, MIDDLE + BOX.height],
    [FIRST + half, BUS],
    [THIRD + half, BUS],
    [THIRD + half, y],
  ],
  label: [FIRST + half + 12, BUS - 8],
  anchor: 'start',
  text: 'the image, as it is now',
});

const WAYS: Readonly<Record<string, Way>> = {
  [`${UPLOADERS} > SourceBucket`]: down(FIRST + half, TOP + BOX.height, MIDDLE, 'put, replace,\nremove'),
  'SourceBucket > Queue': across(FIRST, MIDDLE, 'this key may\nhave changed'),
  'Queue > DeadLetterQueue': down(SECOND + half, MIDDLE, TOP + BOX.height),
  'Queue > UploadFunction': across(SECOND, MIDDLE, undefined, -BESIDE_FRAME),
  'Queue > WorkerService': across(SECOND, MIDDLE, undefined, -BESIDE_FRAME),
  'SourceBucket > UploadFunction': read(MIDDLE + BOX.height),
  'SourceBucket > WorkerService': read(MIDDLE + BOX.height),
  'SourceBucket > ApiFunction': read(LOWER),
  'SourceBucket > ApiService': read(LOWER),
  'UploadFunction > ThumbnailBucket': worker,
  'WorkerService > ThumbnailBucket': worker,
  'ApiFunction > ThumbnailBucket': answers,
  'ApiService > ThumbnailBucket': answers,
  [`${READERS} > Api/HttpApi`]: across(FIRST, LOWER),
  'Api/HttpApi > ApiFunction': across(SECOND, LOWER),
  'Api/HttpApi > ApiService/LoadBalancer': {
    points: [
      [SECOND + half, LOWER + BOX.height],
      [SECOND + half, BOTTOM + 37],
      [THIRD, BOTTOM + 37],
    ],
    label: [SECOND + half + 12, BOTTOM + 27],
    anchor: 'start',
  },
  'ApiService/LoadBalancer > ApiService': down(THIRD + half, BOTTOM, LOWER + BOX.height),
};

const STYLE = `
  .paper { fill: #ffffff; stroke: #d0d7de }
  .network { fill: #f6f8fa; stroke: #8c959f; stroke-dasharray: 5 4 }
  .box { fill: #ffffff; stroke: #d0d7de }
  .people .box { fill: none; stroke: #8c959f; stroke-dasharray: 5 4 }
  .store .bar { fill: #2da44e } .carry .bar { fill: #bf3989 } .run .bar { fill: #e16f24 } .answer .bar { fill: #8250df }
  .people .bar { fill: none }
  text { font: 13px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #59636e }
  .title { font-size: 15px; font-weight: 600; fill: #1f2328 }
  .property { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #0969da }
  .way { fill: none; stroke: #59636e; stroke-width: 1.5 }
  .head { fill: #59636e }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117; stroke: #3d444d }
    .network { fill: #151b23; stroke: #656c76 }
    .box { fill: #0d1117; stroke: #3d444d }
    .people .box { stroke: #656c76 }
    text { fill: #9198a1 }
    .title { fill: #f0f6fc }
    .property { fill: #4493f8 }
    .way { stroke: #9198a1 }
    .head { fill: #9198a1 }
  }`;

/**
 * A picture of a pipeline, as a document that stands alone and follows the reader's light or dark setting.
 *
 * @param description what the picture shows, for those who hear it read
 * @throws Error for a part or a flow that has no place in the picture: the pipeline has grown, and the picture has to
 */
export function draw(graph: Graph, description: string): string {
  const parts = [...PEOPLE, ...graph.parts];
  const flows = merged([...PEOPLE_FLOWS, ...graph.flows]);
  const strays = [
    ...parts.filter(({ id }) => !(id in PLACES)).map(({ id }) => id),
    ...flows.filter((flow) => !(nameOf(flow) in WAYS)).map(nameOf),
  ];
  if (strays.length > 0) {
    throw new Error(`scripts/architecture/drawing.ts has no place for ${strays.join(', ')}: add one`);
  }
  const bottom = Math.max(...parts.map(({ id }) => PLACES[id]!.y)) + BOX.height;
  const network = graph.network === undefined ? [] : [networkFrame(graph.network, bottom)];
  const height = bottom + (network.length > 0 ? 36 : 24);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escape(description)}</title>`,
    `<style>${STYLE}\n</style>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse">' +
      '<path class="head" d="M0 0 8 4 0 8z"/></marker></defs>',
    `<rect class="paper" x=".5" y=".5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>`,
    ...network,
    // Two arrows may share a stretch and what is written on it.
    ...new Set(flows.flatMap((flow) => arrow(flow, WAYS[nameOf(flow)]!))),
    ...parts.map((part) => box(part, PLACES[part.id]!)),
    '</svg>',
    '',
  ].join('\n');
}

function nameOf({ from, to }: Flow): string {
  return `${from} > ${to}`;
}

/** One flow for those between the same parts. */
function merged(flows: readonly Flow[]): Flow[] {
  return [...new Map(flows.map((flow) => [nameOf(flow), flow])).values()];
}

function networkFrame(text: string, bottom: number): string {
  const [x, y] = [THIRD - 18, MIDDLE - 34];
  return (
    `<rect class="network" x="${x}" y="${y}" width="${BOX.width + 36}" height="${bottom + 14 - y}" rx="8"/>` +
    `<text x="${x + 12}" y="${y + 21}">${escape(text)}</text>`
  );
}

function box({ kind, property }: Part, { x, y, title, color }: Place): string {
  const lines = [
    `<text class="title" x="${x + 16}" y="${y + 24}">${escape(title)}</text>`,
    `<text x="${x + 16}" y="${y + 43}">${escape(kind)}</text>`,
    ...(property === undefined
      ? []
      : [`<text class="property" x="${x + 16}" y="${y + 62}">${escape(property)}</text>`]),
  ];
  return (
    `<g class="${color}"><rect class="box" x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="6"/>` +
    `<rect class="bar" x="${x}" y="${y + 8}" width="4" height="${BOX.height - 16}" rx="2"/>${lines.join('')}</g>`
  );
}

function arrow({ label }: Flow, { points, label: place, anchor = 'middle', text, bothWays }: Way): string[] {
  const d = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  const start = bothWays ? ' marker-start="url(#head)"' : '';
  const words = [text, label].flatMap((part) => part?.split('\n') ?? []);
  const line = `<path class="way" d="${d}" marker-end="url(#head)"${start}/>`;
  if (!place || words.length === 0) {
    return [line];
  }
  // Over the line where they stand in its middle, and around their place where they stand beside it.
  const [x, y] = place;
  const lift = anchor === 'middle' ? words.length - 1 : (words.length - 1) / 2;
  const texts = words.map(
    (word, index) => `<text x="${x}" y="${y + (index - lift) * 16}" text-anchor="${anchor}">${escape(word)}</text>`,
  );
  return [line, texts.join('')];
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
