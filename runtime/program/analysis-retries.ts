import { AnalysisError } from '../analysis';
import { readAnalysisSettings } from '../config/analysis-settings';
import type { Environment } from '../config/parse-environment';
import { analysisDelaySeconds, type AnalysisSettings, type CoreSettings } from '../contract';
import { postponedMessage, type Reconcile } from '../pipeline';
import { messageSender, type SendMessage } from './queue/queue-sender';

/** A key whose analysis failed. */
export interface FailedAnalysis {
  readonly key: string;
  /** Whether a worker must publish the event of the thumbnail set even if the thumbnail set is current. */
  readonly announce: boolean;
  /** Number of earlier attempts whose analysis failed. */
  readonly failedAnalyses: number;
}

/** Retries of images whose analysis failed. */
export interface AnalysisRetries {
  /** Function that returns whether a further failure of the analysis rejects the image. */
  readonly rejectsUnanalyzed: (failedAnalyses: number) => boolean;
  /**
   * Function that sends a key to the queue for a later attempt. Returns false if no further attempt is allowed.
   *
   * @throws MessageError if the queue does not accept the key
   */
  readonly postpone: (failed: FailedAnalysis) => Promise<boolean>;
}

/** Options of {@link analysisRetries}. */
export interface AnalysisRetriesOptions {
  readonly settings: Pick<AnalysisSettings, 'failure' | 'retries'>;
  /** Name of the source bucket. */
  readonly bucket: string;
  /** Function that sends a message with a delay to the queue of this worker. */
  readonly send: SendMessage;
  /** Function that returns a random number from 0 to 1. @default Math.random */
  readonly random?: () => number;
}

/**
 * Returns the {@link AnalysisRetries} of a worker with a queue.
 *
 * If the analysis of an image fails, the worker replaces the message with a delayed copy. Therefore, failures of the analysis
 * do not count towards the `maxReceiveCount` of the queue. The number of copies is limited, except with the failure mode
 * `retry`.
 */
export function analysisRetries({
  settings,
  bucket,
  send,
  random = Math.random,
}: AnalysisRetriesOptions): AnalysisRetries {
  const { failure, retries } = settings;
  return {
    rejectsUnanalyzed: (failedAnalyses) => failure === 'reject' && failedAnalyses >= retries,
    postpone: async ({ key, announce, failedAnalyses }) => {
      if (failure !== 'retry' && failedAnalyses >= retries) {
        return false;
      }
      const attempt = failedAnalyses + 1;
      // Random delays spread the retries of images whose analysis failed during the same outage.
      const delaySeconds = Math.ceil(analysisDelaySeconds(attempt) * (0.5 + random() / 2));
      await send(postponedMessage({ bucket, key, announce, failedAnalyses: attempt }), delaySeconds);
      return true;
    },
  };
}

/**
 * Returns the {@link AnalysisRetries} of a process. Returns undefined without an analysis or without a queue.
 *
 * @throws SettingsError if a variable of the environment is invalid
 */
export function analysisRetriesOf(
  { analysis, sourceLocation }: Pick<CoreSettings, 'analysis' | 'sourceLocation'>,
  environment: Environment,
): AnalysisRetries | undefined {
  const queueUrl = analysis && readAnalysisSettings(environment).queueUrl;
  if (!analysis || queueUrl === undefined) {
    return undefined;
  }
  const send = messageSender({ queueUrl, content: 'the key of an image whose analysis failed' });
  return analysisRetries({ settings: analysis, bucket: sourceLocation.name, send });
}

/** Maximum number of keys with a count of failed analyses. Above the maximum, the process removes the oldest count. */
const MAX_COUNTED_KEYS = 10_000;

/**
 * Decorates a function that reconciles keys in a process without a queue.
 *
 * With the failure mode `reject`, the returned function counts the failed analyses of each key in memory. If the analysis of an
 * image fails in all attempts, the function rejects the image.
 */
export function countingFailedAnalyses(
  reconcile: Reconcile,
  settings: Pick<AnalysisSettings, 'failure' | 'retries'> | undefined,
): Reconcile {
  if (settings?.failure !== 'reject') {
    return reconcile;
  }
  const counts = new Map<string, number>();
  return async (key, options) => {
    const failedAnalyses = counts.get(key) ?? 0;
    try {
      const outcome = await reconcile(key, { ...options, rejectsUnanalyzed: failedAnalyses >= settings.retries });
      counts.delete(key);
      return outcome;
    } catch (error) {
      if (error instanceof AnalysisError) {
        counts.delete(key);
        counts.set(key, failedAnalyses + 1);
        const [oldest] = counts.keys();
        if (oldest !== undefined && counts.size > MAX_COUNTED_KEYS) {
          counts.delete(oldest);
        }
      }
      throw error;
    }
  };
}
