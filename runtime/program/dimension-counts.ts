import { MetricUnit, type Metrics } from '@aws-lambda-powertools/metrics';

interface DimensionCount {
  readonly name: string;
  readonly dimension: string;
  readonly value: string;
  readonly count: number;
}

/**
 * Sums counts that have a dimension in addition to `service`. The sums reduce the log to one line for each combination of
 * metric and dimension value.
 */
export class DimensionCounts {
  private readonly counts = new Map<string, DimensionCount>();

  /** Adds 1 to the count of a metric for one value of a dimension. */
  public add(name: string, dimension: string, value: string): void {
    const id = `${name} ${dimension} ${value}`;
    this.counts.set(id, { name, dimension, value, count: (this.counts.get(id)?.count ?? 0) + 1 });
  }

  /** Publishes the counts, and resets them to 0. */
  public publish(metrics: Pick<Metrics, 'singleMetric'>): void {
    for (const { name, dimension, value, count } of this.counts.values()) {
      const metric = metrics.singleMetric();
      metric.addDimension(dimension, value);
      metric.addMetric(name, MetricUnit.Count, count);
    }
    this.counts.clear();
  }
}
