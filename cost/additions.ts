import { count, EMPTY_RECEIVES, MONTH_HOURS, type Item } from './computes';
import { pricesOf, type Region } from './prices';
import { DEFAULT_WORKLOAD } from './workload';

const GB = 1e9;

/** Number of metrics that the default alarms of a pipeline on Lambda use: see docs/guides/monitoring.md. */
const ALARM_METRICS = 19;
/** Number of metrics that a dashboard adds: one for bytes, and one for each error code and format that typically occurs. */
const DETAILED_METRICS = 8;
const MONTH_SECONDS = MONTH_HOURS * 3600;
/**
 * Fraction of the requests, from 0 to 1, that Lambda traces with X-Ray. Lambda also traces one request per second.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
 */
const SAMPLED = 0.05;
/** Maximum number of paths that a purge invalidates per minute: the default of `maxPaths`. */
const PATHS_PER_MINUTE = 5;

/** Method calls and props that enable all optional features that have a cost. */
export const ADDITION_OPTIONS = [
  'addAlarms()',
  'addDashboard()',
  'eventsEnabled',
  'tracing',
  'moderation',
  'facesAsFocalPoint',
  'afterMalwareScan()',
  'purge',
] as const;
/** Method call or prop that enables an optional feature. */
export type AdditionOption = (typeof ADDITION_OPTIONS)[number];

/** Monthly cost, in US dollars, of an optional feature. */
export interface Addition extends Item {
  /** Method call or prop that enables the feature. */
  readonly option: AdditionOption;
}

/** Quantities that determine the cost of the optional features. */
export interface AdditionQuantities {
  /** Number of metrics that all alarms of the pipeline use. */
  readonly alarmMetrics: number;
  /** Number of composite alarms. */
  readonly compositeAlarms: number;
  /** Number of dashboards. */
  readonly dashboards: number;
  /** Number of detailed metrics that the dashboards add. */
  readonly detailedMetrics: number;
  /** Maximum number of invalidated paths per minute. */
  readonly pathsPerMinute: number;
  /** Number of functions that purge a distribution. */
  readonly purges: number;
  /**
   * Whether the line item of the purge includes the cost of the events. If false, the line item of `eventsEnabled` includes it.
   */
  readonly purgeIncludesEvents: boolean;
  /** Number of objects that a malware scan reads. @default - the number of images */
  readonly scannedObjects?: number;
  /** Median size of the scanned objects in bytes. */
  readonly scannedBytes: number;
}

/** Quantities of a pipeline on Lambda with the default settings of all optional features. */
export const DEFAULT_QUANTITIES: AdditionQuantities = {
  alarmMetrics: ALARM_METRICS,
  compositeAlarms: 1,
  dashboards: 1,
  detailedMetrics: DETAILED_METRICS,
  pathsPerMinute: PATHS_PER_MINUTE,
  purges: 1,
  purgeIncludesEvents: true,
  scannedBytes: DEFAULT_WORKLOAD.originals.bytes,
};

/**
 * Returns the monthly cost, in US dollars, of the optional features.
 *
 * @param images number of new and changed images per month, spread evenly
 * @param given quantities, which override {@link DEFAULT_QUANTITIES}
 */
export function additions(
  images: number,
  region: Region = 'us-east-1',
  given: Partial<AdditionQuantities> = {},
): Addition[] {
  const { usd } = pricesOf(region);
  const quantities = { ...DEFAULT_QUANTITIES, ...given };
  const { alarmMetrics, compositeAlarms, dashboards, detailedMetrics, purges, scannedObjects = images } = quantities;
  const recorded = Math.min(images, MONTH_SECONDS + SAMPLED * Math.max(0, images - MONTH_SECONDS));
  const paths = purges * Math.min(images, quantities.pathsPerMinute * 60 * MONTH_HOURS);
  const purgeEvent = quantities.purgeIncludesEvents ? usd.event : 0;
  const scannedGb = (scannedObjects * quantities.scannedBytes) / GB;
  return [
    {
      option: 'addAlarms()',
      service: 'CloudWatch',
      item: 'alarms',
      usd: alarmMetrics * usd.alarmMonth + compositeAlarms * usd.compositeAlarmMonth,
      explanation: `${plural(alarmMetrics, 'metric')} and ${plural(compositeAlarms, 'composite alarm')}`,
    },
    {
      option: 'addDashboard()',
      service: 'CloudWatch',
      item: 'dashboard',
      usd: dashboards * usd.dashboardMonth + detailedMetrics * usd.metricMonth,
      explanation: `${plural(dashboards, 'dashboard')} and typically ${plural(detailedMetrics, 'detailed metric')}`,
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
      option: 'afterMalwareScan()',
      service: 'GuardDuty',
      item: 'malware scan',
      usd: scannedObjects * usd.guardDutyScanObject + scannedGb * usd.guardDutyScanGb,
      explanation: `${count(scannedObjects)} objects, ${scannedGb.toFixed(1)} GB in total`,
    },
    {
      option: 'purge',
      service: 'CloudFront',
      item: 'invalidations',
      usd:
        paths * usd.cloudFrontInvalidationPath +
        images * (purgeEvent + purges * usd.sqsRequest) +
        purges * EMPTY_RECEIVES * usd.sqsRequest,
      explanation:
        `${count(paths)} paths, ${count(purges * images)} ` +
        `${quantities.purgeIncludesEvents ? 'events and messages' : 'messages'}, and polling of the queue`,
    },
  ];
}

function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}
