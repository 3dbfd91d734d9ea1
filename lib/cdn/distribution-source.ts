import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { PipelineEvents } from '../events/event-rule';
import type { MonitoredDistribution } from '../monitoring/monitoring-source';
import type { IThumbnailPipeline } from '../pipeline/thumbnail-pipeline-interface';
import type { BucketPart } from '../private/permissions';
import { type ImageProps, thumbnailSetsOf } from '../thumbnail/image-settings';
import type { LinkSigningSettings } from './link-signing';

/** Parts of a pipeline that CloudFront distributions use. */
export interface DistributionSource {
  /** Format names by thumbnail name. The first format of a thumbnail is its default. */
  readonly formats: Readonly<Record<string, readonly string[]>>;
  /** Thumbnail bucket, and the key prefix of the thumbnails. */
  readonly thumbnails: BucketPart;
  /** Whether the API accepts every read request. */
  readonly isPublic: boolean;
  /** Routes that distributions forward to the API without caching. */
  readonly forwarded: ForwardedRoutes;
  /**
   * Prepares the API for requests from distributions, and returns the origin for the API. Further calls return the existing
   * origin.
   */
  connectApi(): ApiOrigin;
  /**
   * Configures the API to sign links to thumbnails.
   *
   * @throws Error if another distribution signs links, or if the API and the distribution would depend on each other
   */
  signLinks(scope: Construct, settings: LinkSigningSettings): void;
  /** Registers a distribution for dashboards. */
  register(distribution: MonitoredDistribution): void;
  /** Log group of the runtime. */
  readonly logGroup: ILogGroup;
  /**
   * Enables the events of the pipeline.
   *
   * @throws Error if the pipeline has disabled events
   */
  enableEvents(): PipelineEvents;
}

/** Routes that distributions forward to the API without caching, because clients cannot use the URL of the API. */
export interface ForwardedRoutes {
  /** Whether to forward requests for manifests, and requests with the key in the query. */
  readonly reading: boolean;
  /** Whether to forward uploads and deletions. */
  readonly writing: boolean;
}

/** The HTTP API as an origin. */
export interface ApiOrigin {
  readonly domainName: string;
  /** Secret with the key that the distribution sends to the API; undefined if everyone can read with the URL of the API. */
  readonly secret?: ISecret;
}

/** A pipeline of this app. Imported pipelines do not have the method `_distributionSource`. */
export interface DistributionSourceProvider {
  /** Returns the parts of the pipeline; undefined for a pipeline without an API. */
  _distributionSource(): DistributionSource | undefined;
}

/**
 * Returns the parts of a pipeline that a distribution uses.
 *
 * @throws Error if the pipeline is imported or has no API
 */
export function distributionSourceOf(scope: Construct, pipeline: IThumbnailPipeline): DistributionSource {
  const provider = pipeline as Partial<DistributionSourceProvider> & IThumbnailPipeline;
  if (!provider._distributionSource) {
    throw new Error(
      `${scope.node.path}: pipeline: ${pipeline.node.path} is imported; expected a ThumbnailPipeline of this app, ` +
        'because the distribution requires its thumbnails and its API',
    );
  }
  const source = provider._distributionSource();
  if (!source) {
    throw new Error(
      `${scope.node.path}: pipeline: ${pipeline.node.path} has no API; a distribution requires the API to create missing thumbnails; ` +
        'set apiEnabled to true',
    );
  }
  return source;
}

/**
 * Returns the formats of each thumbnail, by thumbnail name. All thumbnails with one name must have equal formats, because
 * CloudFront functions select a format only by the thumbnail name.
 *
 * @throws Error if two thumbnails with one name have different formats
 */
export function formatsByName(scope: Construct, images: ImageProps): DistributionSource['formats'] {
  const formats = new Map<string, readonly string[]>();
  for (const { name, formats: own } of thumbnailSetsOf(images).flat()) {
    const types = own.map(({ type }) => type);
    const known = formats.get(name) ?? types;
    if (known.join() !== types.join()) {
      throw new Error(
        `${scope.node.path}: rules: ${name} has the formats ${types.join(', ')} in a rule and ${known.join(', ')} elsewhere; ` +
          'a distribution requires the same formats in the same order for thumbnails of the same name',
      );
    }
    formats.set(name, known);
  }
  return Object.fromEntries(formats);
}
