import { additions, type AdditionOption } from './additions';
import { DEFAULT_THUMBNAILS, imageWork } from './image-work';
import { pricesOf } from './prices';
import { DEFAULT_WORKLOAD } from './workload';

/** Requests and cost that one optional feature adds to each new or changed image. */
export interface ImageAddition {
  /** Method call or prop that enables the feature. */
  readonly option: string;
  /** Requests and other billed units per image. */
  readonly requests: string;
  /** US dollars per image in us-east-1. */
  readonly usd: number;
}

/** Billed units per image. Alarms and dashboards have no cost per image. */
const REQUESTS = {
  eventsEnabled: '1 event',
  tracing: '1 trace',
  moderation: '1 `DetectModerationLabels` per frame',
  facesAsFocalPoint: '1 `DetectFaces`',
  'afterMalwareScan()': `1 scan of ${DEFAULT_WORKLOAD.originals.bytes / 1e6} MB`,
  purge: '1 path, 1 event and 1 message',
} as const satisfies Readonly<Partial<Record<AdditionOption, string>>>;

/**
 * Returns the requests and the cost that each optional feature adds to one image.
 *
 * The cost is the difference between {@link additions} for zero images and for one image, so that the limits for sampled traces
 * and invalidated paths do not apply. The last entry, for encryption with a KMS key, is an upper bound: one KMS request for each
 * S3 request that reads or writes an object.
 */
export function imageAdditions(): ImageAddition[] {
  const [none, one] = [additions(0), additions(1)];
  const usdOf = (option: AdditionOption): number => {
    const index = one.findIndex((addition) => addition.option === option);
    return one[index]!.usd - none[index]!.usd;
  };
  const { s3Puts, s3Gets } = imageWork(DEFAULT_THUMBNAILS, DEFAULT_WORKLOAD.originals);
  const kmsRequests = s3Puts + s3Gets;
  return [
    ...Object.entries(REQUESTS).map(([option, requests]) => ({
      option,
      requests,
      usd: usdOf(option as AdditionOption),
    })),
    {
      option: 'encryptionKey',
      requests: `at most ${kmsRequests} KMS requests`,
      usd: kmsRequests * pricesOf('us-east-1').usd.kmsRequest,
    },
  ];
}
