import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  ThumbnailAccess,
  ThumbnailCompute,
  ThumbnailDashboard,
  type ThumbnailDashboardOptions,
  ThumbnailFormat,
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
  ThumbnailQueries,
} from '../../../lib';
import { newStack, onlyResource, quietly, synthesize, variablesOf, warningsOf } from '../../support/templates/stacks';

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: { readonly title?: string; readonly markdown?: string; readonly region?: string };
}

/** Returns the widgets of the only dashboard, with `token` in place of each reference. */
function widgetsOf(template: Template): Widget[] {
  const { DashboardBody: body } = onlyResource(template, 'AWS::CloudWatch::Dashboard') as {
    readonly DashboardBody: { readonly 'Fn::Join': [string, unknown[]] };
  };
  const text = body['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : 'token')).join('');
  return (JSON.parse(text) as { readonly widgets: Widget[] }).widgets;
}

function withDashboard(
  props: ThumbnailPipelineProps = {},
  options?: ThumbnailDashboardOptions,
  extend: (pipeline: ThumbnailPipeline) => void = () => undefined,
): { readonly stack: Stack; readonly template: Template; readonly widgets: Widget[] } {
  const stack = newStack();
  const pipeline = new ThumbnailPipeline(stack, 'Photos', props);
  pipeline.addDashboard(undefined, options);
  extend(pipeline);
  const template = quietly(() => Template.fromStack(stack));
  return { stack, template, widgets: widgetsOf(template) };
}

const rowsOf = (widgets: readonly Widget[]): (string | undefined)[] =>
  widgets.filter(({ type }) => type === 'text').map(({ properties }) => /^## (.*)/.exec(properties.markdown!)?.[1]);
const titlesOf = (widgets: readonly Widget[]): (string | undefined)[] =>
  widgets.filter(({ type }) => type === 'metric').map(({ properties }) => properties.title);

test('the dashboard of a pipeline on Lambda has a heading for each row', () => {
  const { widgets, stack } = withDashboard();
  expect(rowsOf(widgets)).toEqual([
    'Inflow and backlog',
    'Results',
    'Render time and bytes',
    'Workers',
    'API',
    'API compute',
  ]);
  expect(titlesOf(widgets)).toEqual([
    'Messages sent',
    'Messages in the queue',
    'Age of the oldest message (s)',
    'Dead-letter queue',
    'Images by outcome',
    'Rejected by code',
    'Failed by code',
    'Render time (ms)',
    'Bytes',
    'Concurrency',
    'Errors',
    'Requests by status',
    'Latency (ms)',
    'Thumbnails by format',
    'Concurrency',
    'Errors',
  ]);
  expect(warningsOf(stack).filter((warning) => warning.includes('CloudWatch'))).toEqual([]);
});

test('the widgets of the dashboard do not overlap', () => {
  const { widgets } = withDashboard({ api: { access: ThumbnailAccess.publicRead() } }, {}, (pipeline) => {
    pipeline.addDistribution();
  });
  const cells = widgets.flatMap(({ x, y, width, height }) =>
    Array.from({ length: width * height }, (_, index) => `${x + (index % width)} ${y + Math.floor(index / width)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(Math.max(...widgets.map(({ x, width }) => x + width))).toBe(24);
});

test('the dashboard of a pipeline on Fargate without an API has a row for workers and no row for the API', () => {
  const { widgets } = withDashboard({ compute: ThumbnailCompute.fargate(), apiEnabled: false });
  expect(rowsOf(widgets)).toEqual(['Inflow and backlog', 'Results', 'Render time and bytes', 'Workers']);
  expect(JSON.stringify(widgets)).toContain('SampleCount');
});

test('the dashboard searches the metrics of Lambda for a web function', () => {
  const { widgets } = withDashboard({ api: { compute: ThumbnailCompute.webFunction() } });
  const text = JSON.stringify(widgets.filter((widget) => titlesOf([widget]).includes('Metrics of the compute')));
  expect(text).toMatch(/SEARCH\('Namespace=\\+"AWS\/Lambda\/Web\\+" FunctionName=/);
  expect(text).toContain('AWS/Lambda/Web/Usage');
});

test('the dashboard shows metrics of error codes and formats with a metric search', () => {
  const { template } = withDashboard();
  const body = JSON.stringify(onlyResource(template, 'AWS::CloudWatch::Dashboard'));
  for (const [metric, dimension] of [
    ['ImagesRejected', 'code'],
    ['ImagesFailed', 'code'],
    ['ThumbnailsServed', 'format'],
  ]) {
    expect(body).toContain(`{cdk-thumbnails,service,${dimension}} MetricName=`);
    expect(body).toMatch(new RegExp(`MetricName=[\\\\"]+${metric}`));
  }
});

test('the dashboard enables detailed metrics for both functions', () => {
  const { template } = withDashboard();
  const functions = Object.values(template.findResources('AWS::Lambda::Function')) as {
    readonly Properties: { readonly Environment?: { readonly Variables: Record<string, unknown> } };
  }[];
  const values = functions.map(({ Properties }) => Properties.Environment?.Variables['DETAILED_METRICS']);
  expect(values.filter((value) => value === 'true')).toHaveLength(2);
});

test('a dashboard without detailed metrics changes no other resource', () => {
  const { template, widgets } = withDashboard({}, { detailedMetrics: false });
  expect(titlesOf(widgets).filter((title) => /code|format|Bytes/.test(title!))).toEqual([]);
  const resources = template.toJSON()['Resources'] as Record<string, { readonly Type: string }>;
  const others = Object.entries(resources).filter(([, { Type }]) => Type !== 'AWS::CloudWatch::Dashboard');
  expect(Object.fromEntries(others)).toEqual(synthesize().template.toJSON()['Resources']);
});

test('the prop detailedMetrics enables detailed metrics without a dashboard', () => {
  expect(variablesOf(synthesize({ detailedMetrics: true }).template)).toMatchObject({ DETAILED_METRICS: 'true' });
  expect(variablesOf(synthesize().template)).not.toHaveProperty('DETAILED_METRICS');
});

describe('distributions', () => {
  const props = { api: { access: ThumbnailAccess.publicRead() } };

  test('the dashboard has a row for distributions, including distributions that are added later', () => {
    const { widgets } = withDashboard(props, {}, (pipeline) => void pipeline.addDistribution());
    expect(rowsOf(widgets).at(-1)).toBe('CloudFront');
    expect(titlesOf(widgets).slice(-3)).toEqual(['Requests', 'Downloaded bytes', 'Errors (%)']);
    expect(widgets.at(-1)!.properties.region).toBe('us-east-1');
  });

  test('distributions with additional metrics have a cache hit rate in the dashboard', () => {
    const { widgets, template } = withDashboard(props, {}, (pipeline) => {
      pipeline.addDistribution('Distribution', { publishAdditionalMetrics: true });
    });
    expect(titlesOf(widgets).at(-1)).toBe('Cache hit rate (%)');
    template.resourceCountIs('AWS::CloudFront::MonitoringSubscription', 1);
  });
});

test('the dashboard shows the alarms of the pipeline', () => {
  const stack = newStack();
  const pipeline = new ThumbnailPipeline(stack, 'Photos');
  pipeline.addAlarms();
  pipeline.addDashboard();
  expect(widgetsOf(Template.fromStack(stack))[0]).toMatchObject({ type: 'alarm', y: 0, width: 24 });
});

test('the dashboard shows the metrics of an imported pipeline', () => {
  const stack = newStack();
  const pipeline = ThumbnailPipeline.fromThumbnailPipelineAttributes(stack, 'Photos', {
    sourceBucket: s3.Bucket.fromBucketName(stack, 'Uploads', 'uploads'),
    thumbnailBucket: s3.Bucket.fromBucketName(stack, 'Thumbnails', 'thumbnails'),
    serviceName: 'PhotosStack/Photos',
    httpApiId: 'a1b2c3',
  });
  new ThumbnailDashboard(stack, 'Dashboard', { pipeline, dashboardName: 'photos' });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::CloudWatch::Dashboard', { DashboardName: 'photos' });
  expect(rowsOf(widgetsOf(template))).toEqual(['Results', 'Render time and bytes', 'API']);
});

test('the methods of the pipeline return the detailed metrics', () => {
  const { pipeline } = synthesize();
  const dimensions = (metric: { readonly dimensions?: Record<string, unknown> }): unknown => metric.dimensions;
  expect(dimensions(pipeline.metricImagesRejectedByCode('truncated'))).toEqual({
    service: 'Stack/Photos',
    code: 'truncated',
  });
  expect(dimensions(pipeline.metricThumbnailsServed(ThumbnailFormat.webp()))).toEqual({
    service: 'Stack/Photos',
    format: 'webp',
  });
  expect(dimensions(pipeline.metricImagesFailedByCode('timeout'))).toMatchObject({ code: 'timeout' });
});

describe('saved queries', () => {
  const queriesOf = (template: Template): { readonly Name: string; readonly QueryString: string }[] =>
    Object.values(template.findResources('AWS::Logs::QueryDefinition')).map(
      ({ Properties }) => Properties as { readonly Name: string; readonly QueryString: string },
    );

  test('the queries read the log groups of the runtime and of API Gateway', () => {
    const stack = newStack();
    new ThumbnailPipeline(stack, 'Photos').addSavedQueries();
    const queries = queriesOf(Template.fromStack(stack));
    expect(queries).toHaveLength(7);
    expect(queries.every(({ Name }) => Name.startsWith('Stack/Photos/'))).toBe(true);
    expect(queries.find(({ Name }) => Name.endsWith('Slowest images'))!.QueryString).toBe(
      "fields @timestamp, milliseconds, key\n| filter status = 'made'\n| sort milliseconds desc\n| limit 50",
    );
  });

  test('the queries omit the access log of a pipeline without API Gateway', () => {
    const stack = newStack();
    new ThumbnailPipeline(stack, 'Photos', { apiEnabled: false }).addSavedQueries();
    expect(queriesOf(Template.fromStack(stack))).toHaveLength(5);
  });

  test('the queries require the log group of an imported pipeline', () => {
    const stack = newStack();
    const attributes = {
      sourceBucket: s3.Bucket.fromBucketName(stack, 'Uploads', 'uploads'),
      thumbnailBucket: s3.Bucket.fromBucketName(stack, 'Thumbnails', 'thumbnails'),
    };
    const pipeline = (id: string, logGroup?: logs.ILogGroup) =>
      ThumbnailPipeline.fromThumbnailPipelineAttributes(stack, id, { ...attributes, logGroup });
    expect(() => new ThumbnailQueries(stack, 'Q1', { pipeline: pipeline('P1') })).toThrow(/^Stack\/Q1: logGroup: /);
    const logGroup = logs.LogGroup.fromLogGroupName(stack, 'Logs', 'photos');
    const { queries } = new ThumbnailQueries(stack, 'Q2', { pipeline: pipeline('P2', logGroup), folder: 'photos' });
    expect(queries).toHaveLength(5);
  });
});

describe('tracing', () => {
  test('tracing enables X-Ray with the permission to send traces for both functions', () => {
    const { template } = synthesize({ tracing: true });
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { TracingConfig: { Mode: 'Active' } }, 2);
    expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain('xray:PutTraceSegments');
  });

  test('tracing is disabled by default and has no effect on Fargate', () => {
    expect(JSON.stringify(synthesize().template.toJSON())).not.toContain('xray');
    const [off, on] = [false, true].map((tracing) =>
      synthesize({ compute: ThumbnailCompute.fargate(), tracing }).template.toJSON(),
    );
    expect(on).toEqual(off);
  });
});
