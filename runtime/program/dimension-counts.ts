import { MetricUnit, type Metrics } from '@aws-lambda-powertools/metrics';

interface DimensionCount {
  readonly name: string;
  readonly dimension: string;
  readonly value: string;
  readonly count: number;
}

/**
 * Sums the counts of metrics that have a dimension in addition to `service`. As a result, the log contains only one line for
 * each combination of a metric and a dimension value.
 */
export class DimensionCounts {
  private readonly counts = new Map<string, DimensionCount>();

  /** Adds 1 to the count of a metric for one value of a dimension. */
  public add(name: string, dimension: string, value: string): void {
    const id = `${name} ${dimension} ${value}`;
    this.counts.set(id, { name, dimension, value, count: (this.counts.get(id)?.count ?? 0) + 1 });
  }

  /** Publishes all counts, and resets all counts to 0. */
  public publish(metrics: Pick<Metrics, 'singleMetric'>): void {
    for (const { name, dimension, value, count } of this.counts.values()) {
      const metric = metrics.singleMetric();
      metric.addDimension(dimension, value);
      metric.addMetric(name, MetricUnit.Count, count);
    }
    this.counts.clear();
  }
}
