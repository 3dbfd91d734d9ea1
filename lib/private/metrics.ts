/** The CloudWatch namespace that the program writes to. */
export const METRIC_NAMESPACE = 'cdk-thumbnails';

/** The dimension by which Powertools tells services apart. */
export const METRIC_DIMENSION = 'service';
