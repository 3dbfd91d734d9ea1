import type { Size } from 'aws-cdk-lib';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';

/** Action for requests that match a rule of AWS Managed Rules. */
export enum ThumbnailManagedRules {
  /** Blocks the requests. */
  BLOCK = 'BLOCK',
  /** Counts the requests in CloudWatch metrics, and allows them. */
  COUNT = 'COUNT',
  /** The web ACL contains no managed rules. */
  NONE = 'NONE',
}

/** Options of a {@link ThumbnailWebAcl}. */
export interface ThumbnailWebAclOptions {
  /**
   * Maximum number of requests of one IP address in 5 minutes, from 10 to 2,000,000,000. Further requests receive 429.
   *
   * @default 10000
   */
  readonly maxRequestsPerIp?: number;

  /**
   * Maximum number of requests with the same value of `principalHeader` in 5 minutes, from 10 to 2,000,000,000. Further requests
   * receive 429. The rule does not apply to requests without the header.
   *
   * @default - no limit
   */
  readonly maxRequestsPerPrincipal?: number;

  /**
   * Header that identifies a principal. Requests with IAM signatures have a different `Authorization` header each time. For such
   * requests, use another header. Requires `maxRequestsPerPrincipal`.
   *
   * @default 'Authorization'
   */
  readonly principalHeader?: string;

  /**
   * Maximum size of a request body, from 1 byte to 16 KiB. Larger requests receive 413. A request to `/uploads` contains only
   * the name, type and size of an image. The client sends the image to the bucket, with the presigned form in the response.
   *
   * @default Size.kibibytes(8)
   */
  readonly maxBodySize?: Size;

  /**
   * Action of two rule groups of AWS Managed Rules: the core rule set and known bad inputs. AWS recommends that you test managed
   * rules with `COUNT` before you block requests.
   *
   * @default ThumbnailManagedRules.COUNT
   * @see https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-testing.html
   */
  readonly managedRules?: ThumbnailManagedRules;

  /**
   * Log group for the logs of the web ACL, in us-east-1. The name of the log group must start with `aws-waf-logs-`. The logs
   * contain neither `Authorization` headers nor queries, which can contain signatures.
   *
   * @default - no logs
   */
  readonly logGroup?: ILogGroup;
}
