import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Alarm, Dashboard, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { readTemplateWorkload, type TemplateWorkload } from '../../../../cli/estimate/template-workload';
import { additions, estimate } from '../../../../cost';
import {
  ThumbnailAccess,
  ThumbnailAnalysis,
  ThumbnailCompute,
  ThumbnailPipeline,
  ThumbnailPurge,
  ThumbnailTrigger,
  type ThumbnailPipelineProps,
} from '../../../../lib';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'estimate-'))));
afterEach(() => rmSync(directory, { recursive: true }));

function read(
  props: ThumbnailPipelineProps = {},
  extend: (pipeline: ThumbnailPipeline) => void = () => {},
): TemplateWorkload {
  const app = new App({ outdir: directory });
  const stack = new Stack(app, 'Photos', { env: { account: '111111111111', region: 'us-east-1' } });
  extend(new ThumbnailPipeline(stack, 'Photos', props));
  app.synth();
  return readTemplateWorkload(directory);
}

const optionsOf = (template: TemplateWorkload) =>
  estimate({ ...template.workload, images: 1e6 }, template)
    .lines.filter(({ category }) => category === 'options')
    .map(({ item, usd }) => [item, Number(usd.expected.toFixed(2))]);

const defaultCost = (wanted: string): number =>
  Number(
    additions(1e6)
      .find(({ option }) => option === wanted)!
      .usd.toFixed(2),
  );

test('the estimate contains no optional features for a pipeline with the default settings', () => {
  const template = read();
  expect(template.additions).toEqual([]);
  expect(optionsOf(template)).toEqual([]);
});

test('the additions contain neither the scaling alarms of a pipeline nor the other alarms and dashboards of its stack', () => {
  const template = read({ compute: ThumbnailCompute.fargate() }, (pipeline) => {
    new Alarm(Stack.of(pipeline), 'Own', {
      metric: new Metric({ namespace: 'Own', metricName: 'Own' }),
      threshold: 1,
      evaluationPeriods: 1,
    });
    new Dashboard(Stack.of(pipeline), 'OwnDashboard');
  });
  expect(template.additions).toEqual([]);
});

test('the costs of the default alarms and of the default dashboard equal the costs in the documentation', () => {
  const template = read({}, (pipeline) => {
    pipeline.addAlarms();
    pipeline.addDashboard();
  });
  expect(optionsOf(template)).toEqual([
    ['alarms', defaultCost('addAlarms()')],
    ['dashboard', defaultCost('addDashboard()')],
  ]);
});

test('alarms on Fargate and a dashboard without detailed metrics cost less than the defaults', () => {
  const template = read({ compute: ThumbnailCompute.fargate() }, (pipeline) => {
    pipeline.addAlarms({ compositeAlarmEnabled: false });
    pipeline.addDashboard('Dashboard', { detailedMetrics: false });
  });
  expect(optionsOf(template)).toEqual([
    ['alarms', 1.8],
    ['dashboard', 3],
  ]);
});

test('the cost of events includes one event for each image', () => {
  expect(optionsOf(read({ eventsEnabled: true }))).toEqual([['events', 1]]);
});

test('the estimate reads the operations of Amazon Rekognition from the analysis', () => {
  const analysis = ThumbnailAnalysis.rekognition({ moderation: {}, facesAsFocalPoint: true });
  expect(optionsOf(read({ analysis }))).toEqual([
    ['moderation', 1000],
    ['faces', 1000],
  ]);
});

test('an HTTP endpoint for the analysis has no cost of Amazon Rekognition', () => {
  const analysis = ThumbnailAnalysis.httpEndpoint('https://check.example.com');
  expect(optionsOf(read({ analysis }))).toEqual([]);
});

test('the cost of a malware scan includes a price per object and a price per GB of the originals', () => {
  const template = read({ trigger: ThumbnailTrigger.afterMalwareScan() });
  expect(optionsOf(template)).toEqual([['malware scan', 215 + 3000 * 0.09]]);
  const { lines } = estimate({ images: 1e6, originals: { megapixels: 10, bytes: 1e6 } }, template);
  expect(lines.find(({ item }) => item === 'malware scan')!.usd.expected).toBeCloseTo(215 + 90, 6);
});

test('the estimate lists assumed GuardDuty prices only for a pipeline with a malware scan', () => {
  const assumed = (options: Partial<TemplateWorkload>) =>
    estimate({ region: 'eu-west-1' }, { compute: 'lambda', ...options }).assumedPrices.filter((name) =>
      name.startsWith('guardDuty'),
    );
  expect(assumed({})).toEqual([]);
  expect(assumed({ additions: ['afterMalwareScan()'] })).toEqual(['guardDutyScanGb', 'guardDutyScanObject']);
});

test('the cost of invalidations depends on maxPaths and maxBatchingWindow, and the cost of events is included once', () => {
  const [events, purge] = optionsOf(
    read({ api: { access: ThumbnailAccess.publicRead() } }, (pipeline) => {
      const { distribution } = pipeline.addDistribution();
      new ThumbnailPurge(Stack.of(pipeline), 'Purge', {
        pipeline,
        distribution,
        maxPaths: 1,
        maxBatchingWindow: Duration.minutes(5),
      });
    }),
  );
  expect(events).toEqual(['events', 1]);
  expect(purge![0]).toBe('invalidations');
  // USD: invalidation of one path every five minutes, one SQS message for each image, and the polling of the queue.
  expect(purge![1]).toBeCloseTo(8760 * 0.005 + 0.4 + 0.26, 1);
});
