import { CfnOutput } from 'aws-cdk-lib';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import type { IConstruct } from 'constructs';
import { ThumbnailBackfill } from '../backfill/thumbnail-backfill';
import type { ThumbnailBackfillOptions } from '../backfill/thumbnail-backfill-options';
import type { ThumbnailBehaviorOptions } from '../cdn/thumbnail-behavior-options';
import { ThumbnailBehaviors } from '../cdn/thumbnail-behaviors';
import { ThumbnailDistribution, type ThumbnailDistributionOptions } from '../cdn/thumbnail-distribution';
import type { MonitoredDistribution } from '../monitoring/monitoring-source';
import type { ThumbnailAlarmsOptions } from '../monitoring/thumbnail-alarm-options';
import { ThumbnailAlarms } from '../monitoring/thumbnail-alarms';
import { ThumbnailDashboard, type ThumbnailDashboardOptions } from '../monitoring/thumbnail-dashboard';
import { ThumbnailQueries } from '../monitoring/thumbnail-queries';
import { PipelineBase } from './pipeline-base';

/**
 * Base class with methods that add constructs to a pipeline: alarms, dashboards, queries and distributions.
 *
 * @internal
 */
export abstract class PipelineAdditions extends PipelineBase {
  /** Distributions that the dashboard shows. @internal */
  protected readonly _distributions: MonitoredDistribution[] = [];
  /** Whether the pipeline creates stack outputs. @internal */
  protected abstract readonly _hasOutputs: boolean;

  /** URL of the first distribution from {@link addDistribution}. @internal */
  protected get _distributionUrl(): string | undefined {
    return this.node.children.find((child) => child instanceof ThumbnailDistribution)?.url;
  }

  /**
   * Adds CloudWatch alarms and a composite alarm. The alarms monitor backlog, failures, rejections, and errors of the compute
   * and the API. To add further alarms, create `ThumbnailAlarms`.
   *
   * @param options actions of the alarms, thresholds and alarms to omit
   * @throws Error if options are invalid or the pipeline already has alarms
   */
  public addAlarms(options: ThumbnailAlarmsOptions = {}): ThumbnailAlarms {
    if (this.node.tryFindChild('Alarms')) {
      throw new Error(
        `${this.node.path}: addAlarms: the pipeline has alarms; create further alarms with new ThumbnailAlarms()`,
      );
    }
    return new ThumbnailAlarms(this, 'Alarms', { ...options, pipeline: this });
  }

  /**
   * Adds a CloudWatch dashboard with one row for each part of the pipeline.
   *
   * Call `addAlarms()` before this method to show the alarms on the dashboard. This method also enables the detailed metrics of
   * the runtime.
   *
   * @param id construct id in the scope of this pipeline, `Dashboard` by default
   * @param options name, interval and metrics of the dashboard
   * @throws Error if the id is in use
   */
  public addDashboard(id?: string, options: ThumbnailDashboardOptions = {}): ThumbnailDashboard {
    const alarms = this.node.tryFindChild('Alarms');
    return new ThumbnailDashboard(this, this.freeId('addDashboard', id ?? 'Dashboard'), {
      ...(alarms instanceof ThumbnailAlarms && { alarms }),
      ...options,
      pipeline: this,
    });
  }

  /**
   * Adds saved queries of CloudWatch Logs Insights for the logs of the runtime and the API.
   *
   * @param id construct id in this pipeline, `Queries` by default
   * @throws Error if the id is in use
   */
  public addSavedQueries(id?: string): ThumbnailQueries {
    return new ThumbnailQueries(this, this.freeId('addSavedQueries', id ?? 'Queries'), { pipeline: this });
  }

  /**
   * Adds a state machine that creates the thumbnails of existing images. If the pipeline creates the queue, this method
   * increases the retention period of the queue to 14 days.
   *
   * @param id construct id in this pipeline, `Backfill` by default
   * @param options limits of the backfill, and the condition under which a deployment starts a backfill
   * @throws Error if options are invalid or the id is in use
   */
  public addBackfill(id?: string, options: ThumbnailBackfillOptions = {}): ThumbnailBackfill {
    return new ThumbnailBackfill(this, this.freeId('addBackfill', id ?? 'Backfill'), { ...options, pipeline: this });
  }

  /**
   * Adds a CloudFront distribution. The distribution reads stored thumbnails from the bucket, and requests missing thumbnails
   * from the API.
   *
   * @param id construct id in this pipeline, `Distribution` by default; each further distribution requires another id
   * @param options domain names, access and other settings of the distribution
   * @throws Error if the pipeline has no API, options are invalid or the id is in use
   */
  public addDistribution(id?: string, options: ThumbnailDistributionOptions = {}): ThumbnailDistribution {
    const distributionId = this.freeId('addDistribution', id ?? 'Distribution');
    const distribution = new ThumbnailDistribution(this, distributionId, { ...options, pipeline: this });
    if (this._hasOutputs) {
      new CfnOutput(this, `${distributionId}Url`, {
        value: distribution.url,
        description: 'URL of the CloudFront distribution',
      });
    }
    return distribution;
  }

  /**
   * Adds cache behaviors for the thumbnails to an existing distribution.
   *
   * The path patterns are `/thumbnails/…` and, with public read access, `/images/…`. The option `basePath` is a prefix of all
   * path patterns.
   *
   * @param distribution distribution of this app without behaviors for these paths
   * @param id construct id in this pipeline, generated by default; required for each further distribution
   * @param options access, response headers and other settings of the behaviors
   * @throws Error if the distribution is imported, the pipeline has no API, options are invalid, the id is in use, or the
   * distribution already has a behavior for one of these path patterns
   */
  public addBehaviorsTo(
    distribution: Distribution,
    id?: string,
    options: ThumbnailBehaviorOptions = {},
  ): ThumbnailBehaviors {
    this.requireDistribution(distribution);
    const behaviorsId = this.freeId('addBehaviorsTo', id ?? this.defaultBehaviorsId(distribution));
    const behaviors = new ThumbnailBehaviors(this, behaviorsId, { ...options, pipeline: this });
    for (const [pattern, { origin, ...behavior }] of Object.entries(behaviors.behaviors)) {
      distribution.addBehavior(pattern, origin, behavior);
    }
    return behaviors;
  }

  /** Throws an error for an imported distribution, because imported distributions have no `addBehavior` method. */
  private requireDistribution(distribution: IConstruct & Partial<Pick<Distribution, 'addBehavior'>>): void {
    if (!distribution.addBehavior) {
      throw new Error(
        `${this.node.path}: addBehaviorsTo: distribution: ${distribution.node.path} is imported, and the app cannot ` +
          'change its behaviors; expected a Distribution of this app; for an imported distribution, use new ThumbnailBehaviors()',
      );
    }
  }

  /**
   * Returns the default construct id of the behaviors for the first distribution. The id contains a hash for compatibility with
   * stacks of earlier versions.
   */
  private defaultBehaviorsId(distribution: Distribution): string {
    if (this.node.children.some((child) => child instanceof ThumbnailBehaviors)) {
      throw new Error(
        `${this.node.path}: addBehaviorsTo: id: undefined is only allowed for the first distribution; pass a construct id such as 'SiteBehaviors'`,
      );
    }
    return `Behaviors${distribution.node.addr.slice(-8)}`;
  }

  private freeId(method: string, id: string): string {
    if (this.node.tryFindChild(id)) {
      throw new Error(`${this.node.path}: ${method}: id: '${id}' is in use; pass another construct id`);
    }
    return id;
  }
}
