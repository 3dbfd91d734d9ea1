import type { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { IThumbnailPipeline } from '../pipeline/thumbnail-pipeline-interface';
import { injectedProps } from '../private/property-injection';
import { dashboardRows, type DashboardRow } from './dashboard-rows';
import { DistributionRow } from './distribution-row';
import { monitoringSourceOf } from './monitoring-source';
import type { ThumbnailAlarms } from './thumbnail-alarms';

/** Width of a dashboard in grid units. */
const FULL_WIDTH = 24;
const TEXT_HEIGHT = 2;

/** Options of the dashboard of a pipeline. */
export interface ThumbnailDashboardOptions {
  /**
   * Name of the dashboard.
   *
   * @default - a name that CloudFormation generates
   */
  readonly dashboardName?: string;

  /**
   * Initial interval of the dashboard.
   *
   * @default - the default of CloudWatch, 3 hours
   */
  readonly defaultInterval?: Duration;

  /**
   * Whether to show the detailed metrics: counts by error code and by format, and byte counts. For a pipeline of this app, the
   * dashboard then also enables the detailed metrics in the runtime.
   *
   * @default true
   */
  readonly detailedMetrics?: boolean;

  /**
   * Alarms whose states the dashboard shows.
   *
   * @default - no alarms
   */
  readonly alarms?: ThumbnailAlarms;
}

/** Properties of {@link ThumbnailDashboard}. */
export interface ThumbnailDashboardProps extends ThumbnailDashboardOptions {
  /** Pipeline of this app, or an imported pipeline. */
  readonly pipeline: IThumbnailPipeline;
}

/**
 * CloudWatch dashboard of a pipeline. The dashboard has rows for backlog, results, render times, bytes, workers, API and
 * distributions. Each row has an explanation.
 */
export class ThumbnailDashboard extends Construct {
  /** Id of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-thumbnails.ThumbnailDashboard';

  /** CloudWatch dashboard. Add more widgets with its `addWidgets` method. */
  public readonly dashboard: cloudwatch.Dashboard;

  /**
   * Creates the dashboard.
   *
   * @param scope parent construct
   * @param id construct id
   * @param props pipeline, name, interval and metrics of the dashboard
   */
  public constructor(scope: Construct, id: string, props: ThumbnailDashboardProps) {
    super(scope, id);
    props = injectedProps(scope, id, ThumbnailDashboard.PROPERTY_INJECTION_ID, props);

    const { pipeline, alarms, detailedMetrics = true } = props;
    const source = monitoringSourceOf(this, pipeline);
    if (detailedMetrics) {
      source.enableDetailedMetrics();
    }
    this.dashboard = new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: props.dashboardName,
      defaultInterval: props.defaultInterval,
    });
    if (alarms) {
      this.dashboard.addWidgets(
        new cloudwatch.AlarmStatusWidget({
          title: 'Alarms',
          width: FULL_WIDTH,
          height: 3,
          alarms: Object.values(alarms.alarms),
        }),
      );
    }
    for (const row of dashboardRows(pipeline, source, detailedMetrics)) {
      this.addRow(row);
    }
    this.dashboard.addWidgets(new DistributionRow(source));
  }

  private addRow({ title, text, widgets }: DashboardRow): void {
    this.dashboard.addWidgets(
      new cloudwatch.TextWidget({ markdown: `## ${title}\n${text}`, width: FULL_WIDTH, height: TEXT_HEIGHT }),
    );
    this.dashboard.addWidgets(
      ...widgets.map(
        (widget) => new cloudwatch.GraphWidget({ ...widget, width: Math.floor(FULL_WIDTH / widgets.length) }),
      ),
    );
  }
}
