import { PrometheusMetrics } from '../../../container/prometheus-metrics';

const GAUGES = { workerProcesses: 2, backlog: 7 };
/** Returns the samples by name and labels. Validates the lines and the order of HELP, TYPE and samples. */
function samplesOf(metrics: PrometheusMetrics): Record<string, number> {
  const text = metrics.text(GAUGES);
  expect(text.endsWith('\n')).toBe(true);
  const samples: Record<string, number> = {};
  let current = '';
  for (const line of text.trimEnd().split('\n')) {
    const [, help] = /^# HELP (cdk_thumbnails_[a-z_]+) .+\.$/.exec(line) ?? [];
    const type = /^# TYPE (cdk_thumbnails_[a-z_]+) (?:counter|gauge|histogram)$/.exec(line)?.[1];
    if (help !== undefined) {
      current = help;
    } else if (type !== undefined) {
      expect(type).toBe(current);
    } else {
      const [, sample, value] = /^([a-z_]+(?:\{(?:[a-z]+="[^"\\\n]*",?)+\})?) ([\d.e+-]+)$/.exec(line) ?? [];
      expect(sample).toMatch(new RegExp(`^${current}`));
      expect(samples).not.toHaveProperty([sample!]);
      samples[sample!.replace('cdk_thumbnails_', '')] = Number(value);
    }
  }
  return samples;
}

test('the registry counts images by outcome and error code', () => {
  const metrics = new PrometheusMetrics();
  metrics.image({ status: 'made', milliseconds: 10 });
  metrics.image({ status: 'made', milliseconds: 10 });
  metrics.image({ status: 'rejected', code: 'corrupt', milliseconds: 10 });
  metrics.image({ status: 'failed', code: 'timeout', milliseconds: 10 });
  expect(samplesOf(metrics)).toMatchObject({
    'images_total{outcome="made",code=""}': 2,
    'images_total{outcome="rejected",code="corrupt"}': 1,
    'images_total{outcome="failed",code="timeout"}': 1,
  });
});

test('the registry counts render times in cumulative buckets', () => {
  const metrics = new PrometheusMetrics();
  [50, 200, 90_000].forEach((milliseconds) => metrics.image({ status: 'made', milliseconds }));
  metrics.image({ status: 'unchanged', milliseconds: 1 });
  expect(samplesOf(metrics)).toMatchObject({
    'render_seconds_bucket{le="0.05"}': 1,
    'render_seconds_bucket{le="0.1"}': 1,
    'render_seconds_bucket{le="0.25"}': 2,
    'render_seconds_bucket{le="60"}': 2,
    'render_seconds_bucket{le="+Inf"}': 3,
    render_seconds_sum: 90.25,
    render_seconds_count: 3,
  });
});

test('the registry counts responses by route, method and status, and limits the number of label values', () => {
  const metrics = new PrometheusMetrics();
  metrics.response({ method: 'GET', path: '/thumbnails/small/a/cat.jpg', status: 200 });
  metrics.response({ method: 'GET', path: '/thumbnails/small/dog.jpg', status: 200 });
  for (const path of ['/wp-login.php', '/"\n', '/']) {
    metrics.response({ method: 'BREW', path, status: 404 });
  }
  expect(samplesOf(metrics)).toMatchObject({
    'http_requests_total{route="/thumbnails",method="GET",status="200"}': 2,
    'http_requests_total{route="other",method="other",status="404"}': 3,
  });
});

test('the registry returns the gauges and the number of lost worker processes', () => {
  const metrics = new PrometheusMetrics();
  metrics.workerLost();
  expect(samplesOf(metrics)).toMatchObject({ backlog: 7, worker_processes: 2, worker_processes_lost_total: 1 });
});
