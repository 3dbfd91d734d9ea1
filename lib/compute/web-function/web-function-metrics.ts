import { Names } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { METRIC_NAMESPACE } from '../../monitoring/pipeline-metrics';
import type { ThumbnailComputeMetrics } from '../compute-metrics';
import type { WebFunction } from './web-function-library';

/**
 * Terms of the log line that the runtime writes for each 5xx response. The alternative, a filter for JSON fields, would depend
 * on the format in which Lambda stores the lines of a web function.
 */
export const FAILURE_TERMS = ['ERROR', 'request failed'] as const;

/**
 * Maximum length in characters of the unique name in the metric namespace. CloudWatch allows 255 characters for the whole
 * namespace.
 */
const MAX_NAME_LENGTH = 200;

/**
 * Creates the metrics of a web function. Search expressions select the metrics of Lambda, because not all dimensions of these
 * metrics are known at synthesis. Alarms do not support search expressions. Therefore, a metric filter of the log group counts
 * the failed requests for the alarms.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/web-functions-monitoring-metrics.html
 */
export function webFunctionMetrics(
  scope: Construct,
  webFunctions: readonly WebFunction[],
  logGroup: logs.ILogGroup,
): ThumbnailComputeMetrics {
  const filter = new logs.MetricFilter(scope, 'ApiWebFunctionFailures', {
    logGroup,
    filterPattern: logs.FilterPattern.allTerms(...FAILURE_TERMS),
    metricNamespace: `${METRIC_NAMESPACE}/${Names.uniqueResourceName(scope, { maxLength: MAX_NAME_LENGTH })}`,
    metricName: 'ApiRequestsFailed',
  });
  const search = (namespace: string, { webFunctionName }: WebFunction): cloudwatch.IMetric =>
    new cloudwatch.MathExpression({
      expression: `SEARCH('Namespace="${namespace}" FunctionName="${webFunctionName}"', 'Sum', 300)`,
      label: '',
      usingMetrics: {},
    });
  return {
    errors: filter.metric({ statistic: cloudwatch.Stats.SUM }),
    others: webFunctions.flatMap((webFunction) => [
      search('AWS/Lambda/Web', webFunction),
      search('AWS/Lambda/Web/Usage', webFunction),
    ]),
  };
}
