import type { S3Client } from '@aws-sdk/client-s3';
import type { CoreSettings } from '../../runtime/contract';
import type { ObjectStore } from '../../runtime/storage';
import type { ApiRequests } from './api-requests';
import type { Part } from './check';

/** Operations that the checks perform on the queue of a pipeline. */
export interface VerifyQueue {
  /** Returns the number of messages in the dead-letter queue. */
  deadLetters(): Promise<number>;
  /** Adds a message to the dead-letter queue. */
  addDeadLetter(body: string): Promise<void>;
  /** Moves all messages of the dead-letter queue back to the queue of the pipeline. */
  redrive(): Promise<void>;
}

/** A temporary subscription to the events of a pipeline. */
export interface EventSubscription {
  /** Returns the bodies of the events that the subscription has received since the last call. */
  receive(): Promise<readonly string[]>;
  /** Deletes all resources of the subscription. */
  close(): Promise<void>;
}

/** CloudFront distribution in front of a pipeline. */
export interface VerifyDistribution {
  /** URL without a trailing slash. */
  readonly url: string;
  /** Whether the pipeline purges changed images from the cache of the distribution. */
  readonly purges: boolean;
}

/** An alarm and its state. */
export interface AlarmState {
  readonly name: string;
  /** State of the alarm in CloudWatch, such as `OK`; undefined if the alarm does not exist. */
  readonly state: string | undefined;
}

/** Result of an IAM policy simulation, for one request of the workers. */
export interface PermissionResult {
  readonly action: string;
  readonly resource: string;
  readonly isAllowed: boolean;
  readonly expected: boolean;
}

/** Parts of a deployment that the checks use. */
export interface VerifyTarget {
  /** Service name of the pipeline. */
  readonly name: string;
  readonly settings: CoreSettings;
  readonly source: ObjectStore;
  readonly thumbnails: ObjectStore;
  /** S3 client for multipart uploads, which the object store interface does not support. */
  readonly s3: Part<S3Client>;
  /** Returns the unsigned URL of an S3 object. */
  readonly unsignedUrl: Part<(store: 'source' | 'thumbnails', key: string) => Promise<string>>;
  readonly api: Part<ApiRequests>;
  readonly queue: Part<VerifyQueue>;
  /** Subscribes to the events of sources below a prefix. */
  readonly subscribe: Part<(prefix: string) => Promise<EventSubscription>>;
  readonly alarms: Part<() => Promise<readonly AlarmState[]>>;
  readonly permissions: Part<() => Promise<readonly PermissionResult[]>>;
  readonly distribution: Part<VerifyDistribution>;
}
