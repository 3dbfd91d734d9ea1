import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';

/** What a distribution gets the thumbnails of a pipeline from. */
export interface ThumbnailOrigins {
  /** Names of the formats that each thumbnail is stored in, by its own name, the first being the one for clients that prefer none. */
  readonly formats: { readonly [thumbnail: string]: string[] };
  /** Where the thumbnails are put. */
  readonly thumbnailBucket: IBucket;
  /** Put before the key of every thumbnail. */
  readonly thumbnailPrefix: string;
  /** Domain of the API, which makes those thumbnails that are not there. */
  readonly apiDomainName: string;
  /**
   * A JSON object whose `k1` the distribution shows the API to be let in, where reading is not for everyone.
   *
   * @default - everyone is let in
   */
  readonly originSecret?: ISecret;
}
