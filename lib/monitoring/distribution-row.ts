import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { MonitoredDistribution, MonitoringSource } from './monitoring-source';

/** CloudFront publishes its metrics in this region only. */
const REGION = 'us-east-1';
const TEXT_HEIGHT = 2;
const GRAPH_HEIGHT = 6;
const WIDTH = 24;

/**
 * Last row of a dashboard, for the distributions that exist at synthesis. The row is empty if there are no
 * distributions.
 */
export class DistributionRow implements cloudwatch.IWidget {
  public readonly width = WIDTH;
  public readonly height = TEXT_HEIGHT + GRAPH_HEIGHT;
  private x = 0;
  private y = 0;

  public constructor(private readonly source: Pick<MonitoringSource, 'distributions'>) {}

  public position(x: number, y: number): void {
    this.x = x;
    this.y = y;
  }

  // The dashboard calls this method at synthesis, when all distributions exist.
  public toJson(): unknown[] {
    const { distributions } = this.source;
    if (distributions.length === 0) {
      return [];
    }
    const text = new cloudwatch.TextWidget({
      markdown:
        '## CloudFront\nRequests of viewers, and the share that CloudFront serves from its cache. The hit rate requires ' +
        '`publishAdditionalMetrics` of the distribution.',
      width: WIDTH,
      height: TEXT_HEIGHT,
    });
    const graphs = graphsOf(distributions);
    const row = new cloudwatch.Column(
      text,
      new cloudwatch.Row(
        ...graphs.map(
          ([title, left]) =>
            new cloudwatch.GraphWidget({
              title,
              left,
              region: REGION,
              width: Math.floor(WIDTH / graphs.length),
              height: GRAPH_HEIGHT,
            }),
        ),
      ),
    );
    row.position(this.x, this.y);
    return row.toJson() as unknown[];
  }
}

function graphsOf(distributions: readonly MonitoredDistribution[]): [title: string, metrics: cloudwatch.IMetric[]][] {
  const metrics = (
    metricName: string,
    statistic: string,
    of: readonly MonitoredDistribution[] = distributions,
  ): cloudwatch.IMetric[] =>
    of.map(
      ({ distributionId }) =>
        new cloudwatch.Metric({
          namespace: 'AWS/CloudFront',
          metricName,
          dimensionsMap: { DistributionId: distributionId, Region: 'Global' },
          statistic,
          region: REGION,
          label: distributionId,
        }),
    );
  const { SUM, AVERAGE } = cloudwatch.Stats;
  const withHitRate = distributions.filter(({ hasAdditionalMetrics }) => hasAdditionalMetrics);
  return [
    ['Requests', metrics('Requests', SUM)],
    ['Downloaded bytes', metrics('BytesDownloaded', SUM)],
    ['Errors (%)', metrics('TotalErrorRate', AVERAGE)],
    ...(withHitRate.length > 0
      ? [['Cache hit rate (%)', metrics('CacheHitRate', AVERAGE, withHitRate)] as [string, cloudwatch.IMetric[]]]
      : []),
  ];
}
