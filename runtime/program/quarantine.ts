import { Logger } from '@aws-lambda-powertools/logger';
import type { QuarantineSettings } from '../config/quarantine-settings';
import { INFECTED_STATUS, type CoreSettings } from '../contract';
import { thumbnailSetFolder, type Outcome, type Reconcile } from '../pipeline';
import { SCAN_CODES } from '../storage';
import type * as s3Move from '../storage/s3/s3-move';

/**
 * Maximum size in bytes of an object that CopyObject can copy.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
const MAX_COPY_BYTES = 5 * 1024 ** 3;

/** Loads the AWS SDK on demand. */
declare function require(path: '../storage/s3/s3-move'): typeof s3Move;

/** Options of {@link quarantining}. */
export interface QuarantiningOptions extends QuarantineSettings {
  readonly settings: Pick<CoreSettings, 'sourceLocation'>;
  /** Object that moves S3 objects. @default - a mover with the credentials of the environment */
  readonly mover?: Pick<s3Move.S3Mover, 'move'>;
  /** Logger for moved sources. @default - a logger with the service name of the environment */
  readonly log?: Pick<Logger, 'info' | 'warn'>;
}

/**
 * Returns a function that reconciles a key and then moves an infected source to the quarantine.
 *
 * The function moves the source after the event of the rejection. If the process ends before the end of the move, the message
 * remains in the queue, and the next attempt moves the source.
 *
 * The move deletes the source from the source bucket. The pipeline then deletes the thumbnail set, as after every deletion.
 */
export function quarantining(reconcile: Reconcile, options: QuarantiningOptions): Reconcile {
  const { settings, bucket, prefix, log = new Logger() } = options;
  let { mover } = options;
  return async (key, reconcileOptions) => {
    const outcome = await reconcile(key, reconcileOptions);
    const infected = infectedSourceOf(outcome);
    if (!infected) {
      return outcome;
    }
    const { etag, bytes } = infected;
    const destination = { bucket, key: quarantineKey(prefix, key, etag) };
    const details = { key, etag, quarantineBucket: bucket, quarantineKey: destination.key };
    if (bytes > MAX_COPY_BYTES) {
      log.warn('infected source not moved: it exceeds the maximum size of a copy', { ...details, bytes });
      return outcome;
    }
    mover ??= new (require('../storage/s3/s3-move').S3Mover)();
    const result = await mover.move({ bucket: settings.sourceLocation.name, key, etag, bytes }, destination);
    log.info(result === 'moved' ? 'infected source moved' : 'infected source replaced before its move', details);
    return outcome;
  };
}

/**
 * Returns the key of an infected source in the quarantine. The key consists of the prefix, the source key and the ETag of the
 * source. Because of the ETag, the quarantine can contain several infected sources that had the same source key.
 */
export function quarantineKey(prefix: string, sourceKey: string, etag: string): string {
  return `${thumbnailSetFolder(prefix, sourceKey)}/${etag}`;
}

function infectedSourceOf(outcome: Outcome): { readonly etag: string; readonly bytes: number } | undefined {
  const manifest = 'manifest' in outcome ? outcome.manifest : undefined;
  return manifest?.status === 'rejected' && manifest.rejection.code === SCAN_CODES[INFECTED_STATUS]
    ? manifest.source
    : undefined;
}
