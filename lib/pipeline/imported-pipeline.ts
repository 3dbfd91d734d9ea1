import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { BucketPart } from '../private/permissions';
import { ThumbnailPipelineBase } from './thumbnail-pipeline-base';
import type { ThumbnailPipelineAttributes } from './thumbnail-pipeline-props';

/** A pipeline that is made elsewhere. */
export class ImportedPipeline extends ThumbnailPipelineBase {
  public readonly sourceBucket: IBucket;
  public readonly thumbnailBucket: IBucket;

  /** @internal */
  protected readonly _source: BucketPart;
  /** @internal */
  protected readonly _thumbnails: BucketPart;
  private readonly givenServiceName?: string;

  public constructor(scope: Construct, id: string, attributes: ThumbnailPipelineAttributes) {
    super(scope, id);
    this.sourceBucket = attributes.sourceBucket;
    this.thumbnailBucket = attributes.thumbnailBucket;
    this._source = { bucket: attributes.sourceBucket, prefix: attributes.sourcePrefix ?? '' };
    this._thumbnails = { bucket: attributes.thumbnailBucket, prefix: attributes.thumbnailPrefix ?? '' };
    this.givenServiceName = attributes.serviceName;
  }

  /** @throws Error if the attributes name no service */
  public get serviceName(): string {
    if (this.givenServiceName === undefined) {
      throw new Error(
        `${this.node.path}: serviceName: none is invalid; expected given to have metrics: that of the pipeline`,
      );
    }
    return this.givenServiceName;
  }
}
