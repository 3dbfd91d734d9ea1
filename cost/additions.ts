import { count, EMPTY_RECEIVES, MONTH_HOURS, type Item } from './computes';
import { pricesOf, type Region } from './prices';

/** Metrics of the default alarms of a pipeline on Lambda: docs/monitoring.md. */
const ALARM_METRICS = 19;
/** Metrics that a dashboard adds: bytes, error codes and formats that typically occur. */
const DETAILED_METRICS = 8;
const MONTH_SECONDS = MONTH_HOURS * 3600;
/**
 * Share of the requests beyond one per second that Lambda records.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
 */
const SAMPLED = 0.05;
/** Default `maxPaths` of a purge, for each minute. */
const PATHS_PER_MINUTE = 5;

/** Monthly cost of an option that is off by default. */
export interface Addition extends Item {
  /** Call or prop that enables it. */
  readonly option: string;
}

/**
 * Returns the monthly cost of the options that are off by default.
 *
 * @param images new and changed images a month, spread evenly
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
