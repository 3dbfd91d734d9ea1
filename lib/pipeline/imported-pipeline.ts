import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { type Route, routesWithAccess } from '../../runtime/contract';
import { grantInvokeInScope } from '../api/scoped-grants';
import type { ThumbnailApiGrantOptions } from '../api/thumbnail-api-options';
import type { ThumbnailComputeMetrics } from '../compute/compute-metrics';
import type { PipelineEvents } from '../events/event-rule';
import type { MonitoringSource } from '../monitoring/monitoring-source';
import { httpApiMetrics } from '../monitoring/pipeline-metrics';
import type { BucketPart } from '../private/permissions';
import { PipelineBase } from './pipeline-base';
import type { ThumbnailPipelineAttributes } from './thumbnail-pipeline-attributes';

/** Pipeline that is imported by its attributes. Properties and methods throw an error if a required attribute is missing. */
export class ImportedPipeline extends PipelineBase {
  public readonly sourceBucket: IBucket;
  public readonly thumbnailBucket: IBucket;

  public readonly workerMetrics: ThumbnailComputeMetrics;
  public readonly apiMetrics?: ThumbnailComputeMetrics;

  /** @internal */
  protected readonly _source: BucketPart;
  /** @internal */
  protected readonly _thumbnails: BucketPart;

  public constructor(
    scope: Construct,
    id: string,
    private readonly attributes: ThumbnailPipelineAttributes,
  ) {
    super(scope, id);
    this.sourceBucket = attributes.sourceBucket;
    this.thumbnailBucket = attributes.thumbnailBucket;
    const { workerMetrics, apiMetrics, httpApiId } = attributes;
    this.workerMetrics = workerMetrics ?? {};
    this.apiMetrics = httpApiId === undefined ? apiMetrics : { ...httpApiMetrics(this, httpApiId), ...apiMetrics };
    this._source = { bucket: attributes.sourceBucket, prefix: attributes.sourcePrefix ?? '' };
    this._thumbnails = { bucket: attributes.thumbnailBucket, prefix: attributes.thumbnailPrefix ?? '' };
  }

  /**
   * Service name of the pipeline in metrics and logs.
   *
   * @throws Error if the attributes have no `serviceName`
   */
  public get serviceName(): string {
    return this.required('serviceName');
  }

  public get queue(): IQueue {
    return this.required('queue');
  }

  public get deadLetterQueue(): IQueue {
    return this.required('deadLetterQueue');
  }

  /**
   * Grants permission to read thumbnails and manifests through the API.
   *
   * @throws Error if `keyPrefix` is set, because the thumbnails of an imported pipeline are unknown
   */
  public grantApiRead(grantee: iam.IGrantable, { keyPrefix }: ThumbnailApiGrantOptions = {}): iam.Grant {
    if (keyPrefix !== undefined) {
      throw new Error(
        `${this.node.path}: keyPrefix: ${JSON.stringify(keyPrefix)} is not supported, because the thumbnails of an imported pipeline are ` +
          'unknown; call grantApiRead() in the app of the pipeline',
      );
    }
    return this.grantInvoke(grantee, routesWithAccess('read', 'none'));
  }

  public grantApiWrite(grantee: iam.IGrantable, { keyPrefix }: ThumbnailApiGrantOptions = {}): iam.Grant {
    if (keyPrefix !== undefined) {
      return grantInvokeInScope(this, grantee, {
        method: 'grantApiWrite',
        apiId: this.required('httpApiId'),
        keyPrefix,
        sourcePrefix: this._source.prefix,
        routes: routesWithAccess('write'),
        names: [],
        isIam: true,
      });
    }
    return this.grantInvoke(grantee, routesWithAccess('write'));
  }

  /** @internal */
  protected _events(): PipelineEvents {
    return { serviceName: this.serviceName, eventBus: this.attributes.eventBus };
  }

  /** @internal */
  public _monitoringSource(): MonitoringSource {
    const { serviceName, queue, deadLetterQueue, logGroup } = this.attributes;
    return {
      serviceName,
      queue,
      deadLetterQueue,
      worker: this.workerMetrics,
      api: this.apiMetrics,
      logGroup,
      distributions: [],
      enableDetailedMetrics: () => undefined,
    };
  }

  private grantInvoke(grantee: iam.IGrantable, routes: readonly Route[]): iam.Grant {
    const apiId = this.required('httpApiId');
    const resourceArns = routes.flatMap(({ path, methods }) =>
      methods.map((method) =>
        Stack.of(this).formatArn({
          service: 'execute-api',
          resource: apiId,
          // IAM compares the ARN with the path of the request. Therefore, a wildcard replaces the path parameters.
          resourceName: `*/${method}${path.replace(/\{.*/, '*')}`,
          arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
        }),
      ),
    );
    return iam.Grant.addToPrincipal({ grantee, actions: ['execute-api:Invoke'], resourceArns });
  }

  private required<Name extends keyof ThumbnailPipelineAttributes>(
    name: Name,
  ): NonNullable<ThumbnailPipelineAttributes[Name]> {
    const value = this.attributes[name];
    if (value === undefined) {
      throw new Error(
        `${this.node.path}: ${name}: undefined for this imported pipeline; ` +
          `pass ${name} to ThumbnailPipeline.fromThumbnailPipelineAttributes()`,
      );
    }
    return value;
  }
}
