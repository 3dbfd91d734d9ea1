import type { ObservedImage, ObservedResponse } from '../runtime/program/observer';

/** Current numbers of keys and worker processes of a service. */
export interface ServiceGauges {
  /** Number of running worker processes. */
  readonly workerProcesses: number;
  /** Number of keys that are queued or that a worker process is processing. */
  readonly backlog: number;
}

/** Content type of the text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Upper bounds of the histogram buckets for render times, in seconds. */
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/**
 * Accepted values of the labels `route` and `method`. All other paths or methods share one value. Otherwise clients could
 * create any number of time series.
 */
const ROUTES = new Set(['thumbnails', 'images', 'uploads', 'stored', 'health', 'openapi.json']);
const METHODS = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS']);

/** Counts the images and responses of a service since its start. Returns the counts in the text format of Prometheus. */
export class PrometheusMetrics {
  private readonly images = new Map<string, number>();
  private readonly requests = new Map<string, number>();
  private readonly buckets = BUCKETS.map(() => 0);
  private renders = 0;
  private renderSeconds = 0;
  private lostWorkers = 0;

  /** Counts an image by outcome and error code. */
  public image({ status, code = '', milliseconds }: ObservedImage): void {
    increment(this.images, `{outcome="${status}",code="${code}"}`);
    if (status === 'made') {
      const seconds = milliseconds / 1000;
      this.renders += 1;
      this.renderSeconds += seconds;
      BUCKETS.forEach((bound, index) => (this.buckets[index]! += seconds <= bound ? 1 : 0));
    }
  }

  /** Counts a response by route, method and status. */
  public response({ method, path, status }: ObservedResponse): void {
    const segment = path.split('/')[1] ?? '';
    const route = ROUTES.has(segment) ? `/${segment}` : 'other';
    const verb = METHODS.has(method) ? method : 'other';
    increment(this.requests, `{route="${route}",method="${verb}",status="${status}"}`);
  }

  /** Counts a worker process that ended because of a crash, a timeout or excessive memory use. */
  public workerLost(): void {
    this.lostWorkers += 1;
  }

  /** Returns all metrics in the text format of Prometheus. */
  public text({ workerProcesses, backlog }: ServiceGauges): string {
    const counts = this.buckets.map((count, index): Sample => [`_bucket{le="${BUCKETS[index]}"}`, count]);
    return [
      metric('images_total', 'counter', 'Reconciled images by outcome and error code.', [...this.images]),
      metric('render_seconds', 'histogram', 'Time to create the thumbnails of an image.', [
        ...counts,
        ['_bucket{le="+Inf"}', this.renders],
        ['_sum', this.renderSeconds],
        ['_count', this.renders],
      ]),
      metric('http_requests_total', 'counter', 'Responses of the HTTP API.', [...this.requests]),
      metric('backlog', 'gauge', 'Keys that wait or are being processed.', [['', backlog]]),
      metric('worker_processes', 'gauge', 'Running worker processes.', [['', workerProcesses]]),
      metric('worker_processes_lost_total', 'counter', 'Worker processes that ended unexpectedly.', [
        ['', this.lostWorkers],
      ]),
    ].join('');
  }
}

/** Sample of a metric: the suffix of the metric name, the labels and the value. */
type Sample = readonly [suffix: string, value: number];

function metric(
  name: string,
  type: 'counter' | 'gauge' | 'histogram',
  help: string,
  samples: readonly Sample[],
): string {
  const full = `cdk_thumbnails_${name}`;
  const lines = samples.map(([suffix, value]) => `${full}${suffix} ${value}`);
  return [`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`, ...lines, ''].join('\n');
}

function increment(counts: Map<string, number>, labels: string): void {
  counts.set(labels, (counts.get(labels) ?? 0) + 1);
}
