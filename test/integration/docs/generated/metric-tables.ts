import { CfnElement, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { PrometheusMetrics } from '../../../../container/prometheus-metrics';
import { ThumbnailCompute, ThumbnailFormat, ThumbnailPipeline, type ThumbnailPipelineProps } from '../../../../lib';
import { type AlarmDefinition, type AlarmName, alarmDefinitions } from '../../../../lib/monitoring/alarm-definitions';
import { METRICS, type RuntimeMetric } from '../../../../runtime/program/metrics';
import { onImportedCluster } from '../../../support/templates/eks';
import { newStack } from '../../../support/templates/stacks';
import type { Table } from '../blocks';

const NAMESPACE = 'cdk-thumbnails';
/** CloudWatch bills an anomaly detection alarm for the metric and both bounds of its band. */
const METRICS_OF_ANOMALY_ALARM = 3;
const COMPUTES = {
  Lambda: () => ({ compute: ThumbnailCompute.lambda({ maxConcurrency: 10 }) }),
  Fargate: () => ({ compute: ThumbnailCompute.fargate() }),
  hybrid: () => ({ compute: ThumbnailCompute.hybrid() }),
  EKS: (stack) => ({ compute: ThumbnailCompute.eks(onImportedCluster(stack)) }),
  'web function': () => ({ api: { compute: ThumbnailCompute.webFunction() } }),
} satisfies Readonly<Record<string, (stack: Stack) => ThumbnailPipelineProps>>;
type ComputeName = keyof typeof COMPUTES;
const COMPUTE_NAMES = Object.keys(COMPUTES) as ComputeName[];

const pipelines = once(() =>
  COMPUTE_NAMES.map((name) => {
    const stack = newStack();
    return [name, new ThumbnailPipeline(stack, 'Photos', COMPUTES[name](stack))] as const;
  }),
);

/** Returns a function that calculates its result in the first call only. */
function once<T>(calculate: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => (result ??= { value: calculate() }).value;
}

/** Units of AWS metrics, by metric name. All other AWS metrics are counts. */
const UNITS: Readonly<Record<string, string>> = {
  ApproximateAgeOfOldestMessage: 'Seconds',
  CPUUtilization: 'Percent',
  Latency: 'Milliseconds',
};

/** A metric that a method returns or an alarm uses. */
interface UsedMetric {
  readonly compute: ComputeName;
  /** Unique text of the metric: its namespace, name and dimension names, and the path of its construct. */
  readonly id: string;
  readonly resource: string;
  readonly name: string;
  readonly namespace: string;
  readonly statistic: string;
  /** Names of the dimensions other than `service`. */
  readonly dimensions: readonly string[];
}

interface UsedAlarm {
  readonly name: AlarmName;
  readonly finding: string;
  readonly threshold: string;
  readonly duration: string;
  readonly computes: Set<ComputeName>;
  readonly metrics: UsedMetric[];
  readonly billed: number;
}

/** Returns the metrics of an expression, or the metric itself. */
function leavesOf(metric: cloudwatch.IMetric): cloudwatch.Metric[] {
  return metric instanceof cloudwatch.MathExpression
    ? Object.values(metric.usingMetrics).flatMap(leavesOf)
    : [metric as cloudwatch.Metric];
}

function describeMetric(compute: ComputeName, pipeline: ThumbnailPipeline, metric: cloudwatch.Metric): UsedMetric {
  const stack = Stack.of(pipeline);
  const { namespace, metricName: name, statistic, dimensions = {} } = metric;
  const ids = JSON.stringify(stack.resolve(dimensions)).match(/(?<="(?:Ref|Fn::GetAtt)":\[?")[^"]+/g) ?? [];
  const resource = stack.node
    .findAll()
    .find((each) => CfnElement.isCfnElement(each) && stack.getLogicalId(each) === ids.at(-1));
  const path = resource?.node.path.slice(pipeline.node.path.length + 1).replace(/\/Resource$/, '') ?? '';
  const others = Object.keys(dimensions).filter((dimension) => dimension !== 'service');
  if (namespace.startsWith(`${NAMESPACE}/`)) {
    // A metric filter emits this metric. Its namespace ends with the name of the pipeline, so the table shows NAME instead.
    const resource = 'ApiWebFunctionFailures';
    return { compute, id: resource, resource, name, namespace: `${NAMESPACE}/NAME`, statistic, dimensions: others };
  }
  const id = [namespace, name, ...others, path].join(' ');
  return { compute, id, resource: path, name, namespace, statistic, dimensions: others };
}

/** Returns the metrics of each `metric…()` method, for all computes. */
const methods = once((): Map<string, UsedMetric[]> => {
  const found = new Map<string, UsedMetric[]>();
  for (const [compute, pipeline] of pipelines()) {
    type Methods = Readonly<Record<string, (...args: unknown[]) => cloudwatch.IMetric>>;
    for (const method of methodNames()) {
      const argument = method === 'metricThumbnailsServed' ? ThumbnailFormat.webp() : 'timeout';
      const takesValue = /ByCode$|ThumbnailsServed$/.test(method);
      if (compute === 'web function' && method.startsWith('metricApi')) {
        // API Gateway emits these metrics.
        expect(() => (pipeline as unknown as Methods)[method]!()).toThrow('apiMetrics');
        continue;
      }
      const metric = (pipeline as unknown as Methods)[method]!(...(takesValue ? [argument] : []));
      const used = leavesOf(metric).map((leaf) => describeMetric(compute, pipeline, leaf));
      found.set(method, [...(found.get(method) ?? []), ...used]);
    }
  }
  return found;
});

function methodNames(prototype: object | null = ThumbnailPipeline.prototype): string[] {
  if (prototype === null) {
    return [];
  }
  const own = Object.getOwnPropertyNames(prototype).filter((name) => /^metric[A-Z]/.test(name));
  return [...own, ...methodNames(Object.getPrototypeOf(prototype) as object | null)];
}

/** Returns the alarms with the metrics that they use, for all computes. */
const alarms = once((): UsedAlarm[] => {
  const found = new Map<AlarmName, UsedAlarm>();
  for (const [compute, pipeline] of pipelines()) {
    const source = pipeline._monitoringSource();
    const definitions = Object.entries(alarmDefinitions(source)) as [AlarmName, AlarmDefinition][];
    for (const [name, { metric: metricOf, finding, threshold, period, evaluationPeriods, isAnomaly }] of definitions) {
      const metric = metricOf(pipeline, source);
      const leaves = metric ? leavesOf(metric).map((leaf) => describeMetric(compute, pipeline, leaf)) : [];
      const known = found.get(name);
      const alarm = known ?? {
        name,
        finding,
        threshold: thresholdOf(name, threshold, isAnomaly),
        duration: `${period.toMinutes() * evaluationPeriods} min`,
        computes: new Set<ComputeName>(),
        metrics: [],
        billed: 0,
      };
      alarm.metrics.push(...leaves);
      if (metric) {
        alarm.computes.add(compute);
      }
      const count = new Set(alarm.metrics.filter((each) => each.compute === [...alarm.computes][0]).map(({ id }) => id))
        .size;
      found.set(name, { ...alarm, billed: isAnomaly ? METRICS_OF_ANOMALY_ALARM : count });
    }
  }
  return [...found.values()];
});

function thresholdOf(name: AlarmName, threshold: number | undefined, isAnomaly = false): string {
  if (name.endsWith('AtMaximum')) {
    return 'maximum concurrency, if it is set';
  }
  const unit = isAnomaly
    ? ' standard deviations above normal'
    : /Age$/.test(name)
      ? ' seconds'
      : /Rate$|ServerErrors$/.test(name)
        ? ' %'
        : name === 'apiLatency'
          ? ' milliseconds'
          : '';
  return `${threshold!.toLocaleString('en')}${unit}`;
}

const codes = (names: Iterable<string>): string => [...new Set(names)].map((name) => `\`${name}\``).join(', ') || '–';

function usesOf(id: string): { readonly methods: string; readonly alarms: string } {
  const used = [...methods()].filter(([, metrics]) => metrics.some((metric) => metric.id === id));
  const watching = alarms().filter(({ metrics }) => metrics.some((metric) => metric.id === id));
  return { methods: codes(used.map(([name]) => `${name}()`)), alarms: codes(watching.map(({ name }) => name)) };
}

function runtimeTable(isDetailed: boolean): Table {
  const metrics = Object.values<RuntimeMetric>(METRICS).filter((metric) => (metric.isDetailed ?? false) === isDetailed);
  return [
    ['metric', 'unit', 'dimensions', 'emitted', 'method', 'alarms'],
    ...metrics.map(({ name, unit, dimension, emitted }) => {
      const uses = usesOf([NAMESPACE, name, ...(dimension === undefined ? [] : [dimension]), ''].join(' '));
      return [
        `\`${name}\``,
        unit,
        codes(['service', ...(dimension === undefined ? [] : [dimension])]),
        emitted,
        uses.methods,
        uses.alarms,
      ];
    }),
  ];
}

function serviceTable(): Table {
  const all = [...[...methods().values()].flat(), ...alarms().flatMap(({ metrics }) => metrics)];
  const others = new Map(all.filter(({ namespace }) => namespace !== NAMESPACE).map((metric) => [metric.id, metric]));
  return [
    ['namespace', 'metric', 'unit', 'statistic', 'dimensions', 'resource', 'method', 'alarms'],
    ...[...others.values()].map(({ id, namespace, name, statistic, dimensions, resource }) => {
      const uses = usesOf(id);
      return [
        `\`${namespace}\``,
        `\`${name}\``,
        UNITS[name] ?? 'Count',
        statistic,
        codes(dimensions),
        `\`${resource}\``,
        uses.methods,
        uses.alarms,
      ];
    }),
  ];
}

function alarmTable(): Table {
  const cell = (is: boolean): string => (is ? 'yes' : 'no');
  return [
    ['alarm', 'cause', 'metrics', 'threshold', 'duration', ...COMPUTE_NAMES, 'billed metrics'],
    ...alarms().map(({ name, finding, metrics, threshold, duration, computes, billed }) => [
      `[\`${name}\`](troubleshooting.md#${name.toLowerCase()})`,
      finding,
      codes(metrics.map((metric) => metric.name)),
      threshold,
      duration,
      ...COMPUTE_NAMES.map((compute) => cell(computes.has(compute))),
      String(billed),
    ]),
  ];
}

/** Returns the table of the Prometheus metrics, which the function reads from sample output. */
function prometheusTable(): Table {
  const sample = new PrometheusMetrics();
  sample.image({ status: 'rejected', code: 'corrupt', milliseconds: 1 });
  sample.response({ method: 'GET', path: '/health', status: 200 });
  const text = sample.text({ workerProcesses: 1, backlog: 0 });
  return [
    ['metric', 'type', 'labels', 'meaning'],
    ...Array.from(
      text.matchAll(/# HELP (\w+) (.+)\n# TYPE \w+ (\w+)\n((?:(?!#).+\n)*)/g),
      ([, name, help, type, samples]) => [
        `\`${name}\``,
        type!,
        codes(Array.from(samples!.matchAll(/(\w+)="/g), ([, label]) => label!)),
        help!,
      ],
    ),
  ];
}

/** Tables of the metrics and alarms, by name. */
export const METRIC_TABLES: Readonly<Record<string, () => Table>> = {
  'metrics of the runtime': () => runtimeTable(false),
  'detailed metrics of the runtime': () => runtimeTable(true),
  'metrics of AWS services': serviceTable,
  alarms: alarmTable,
  'metrics for Prometheus': prometheusTable,
};
