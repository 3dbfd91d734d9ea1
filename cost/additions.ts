import { count, EMPTY_RECEIVES, MONTH_HOURS, type Item } from './computes';
import { pricesOf, type Region } from './prices';

/** Number of metrics that the default alarms of a pipeline on Lambda use: see docs/monitoring.md. */
const ALARM_METRICS = 19;
/** Number of metrics that a dashboard adds: bytes, and the error codes and formats that typically occur. */
const DETAILED_METRICS = 8;
const MONTH_SECONDS = MONTH_HOURS * 3600;
/**
 * Share of requests that Lambda traces with X-Ray, in addition to one request per second.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
 */
const SAMPLED = 0.05;
/** Number of invalidated paths per minute: the default `maxPaths` of a purge. */
const PATHS_PER_MINUTE = 5;

/** Monthly cost of an option that is disabled by default. */
export interface Addition extends Item {
  /** Call or prop that enables it. */
  readonly option: string;
}

/**
 * Returns the monthly cost of the options that are disabled by default.
 *
 * @param images number of new and changed images per month, spread evenly
 */
export function additions(images: number, region: Region = 'us-east-1'): Addition[] {
  const { usd } = pricesOf(region);
  const recorded = Math.min(images, MONTH_SECONDS + SAMPLED * Math.max(0, images - MONTH_SECONDS));
  const paths = Math.min(images, PATHS_PER_MINUTE * 60 * MONTH_HOURS);
  return [
    {
      option: 'addAlarms()',
      service: 'CloudWatch',
      item: 'alarms',
      usd: ALARM_METRICS * usd.alarmMonth + usd.compositeAlarmMonth,
      explanation: `${ALARM_METRICS} metrics and a composite alarm`,
    },
    {
      option: 'addDashboard()',
      service: 'CloudWatch',
      item: 'dashboard',
      usd: usd.dashboardMonth + DETAILED_METRICS * usd.metricMonth,
      explanation: `a dashboard and typically ${DETAILED_METRICS} detailed metrics`,
    },
    {
      option: 'eventsEnabled',
      service: 'EventBridge',
      item: 'events',
      usd: images * usd.event,
      explanation: `${count(images)} events`,
    },
    {
      option: 'tracing',
      service: 'X-Ray',
      item: 'traces',
      usd: recorded * usd.trace,
      explanation: `${count(recorded)} recorded traces`,
    },
    {
      option: 'moderation',
      service: 'Rekognition',
      item: 'moderation',
      usd: images * usd.rekognitionImage,
      explanation: `${count(images)} images with one frame`,
    },
    {
      option: 'facesAsFocalPoint',
      service: 'Rekognition',
      item: 'faces',
      usd: images * usd.rekognitionImage,
      explanation: `${count(images)} images`,
    },
    {
      option: 'purge',
      service: 'CloudFront',
      item: 'invalidations',
      usd:
        paths * usd.cloudFrontInvalidationPath +
        images * (usd.event + usd.sqsRequest) +
        EMPTY_RECEIVES * usd.sqsRequest,
      explanation: `${count(paths)} paths, ${count(images)} events and messages, and polling of the queue`,
    },
  ];
}
