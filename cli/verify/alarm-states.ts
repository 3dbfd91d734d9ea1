import { withAwsErrors } from '../aws-errors';
import { CheckFailure } from './check';
import { signRequest } from './signed-requests';
import type { AlarmState } from './verify-target';

/** Maximum number of alarm names in one request. */
const MAX_NAMES = 100;

interface DescribeAlarmsOutput {
  readonly MetricAlarms?: readonly { readonly AlarmName: string; readonly StateValue: string }[];
  readonly CompositeAlarms?: readonly { readonly AlarmName: string; readonly StateValue: string }[];
}

/**
 * Returns the states of alarms. Does not use the CloudWatch client of the AWS SDK, because the client would enlarge the package
 * for a single operation.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
 * @throws Error if CloudWatch rejects a request
 */
export async function alarmStates(region: string, names: readonly string[]): Promise<AlarmState[]> {
  const states = new Map<string, string>();
  for (let start = 0; start < names.length; start += MAX_NAMES) {
    const context = { resource: 'alarms', kind: 'alarm', permissions: 'cloudwatch:DescribeAlarms' };
    const output = await withAwsErrors(context, () =>
      describeAlarms(region, {
        AlarmNames: names.slice(start, start + MAX_NAMES),
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        MaxRecords: MAX_NAMES,
      }),
    );
    for (const { AlarmName, StateValue } of [...(output.MetricAlarms ?? []), ...(output.CompositeAlarms ?? [])]) {
      states.set(AlarmName, StateValue);
    }
  }
  return names.map((name) => ({ name, state: states.get(name) }));
}

async function describeAlarms(region: string, input: object): Promise<DescribeAlarmsOutput> {
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const endpoint =
    process.env['AWS_ENDPOINT_URL_CLOUDWATCH'] ??
    process.env['AWS_ENDPOINT_URL'] ??
    `https://monitoring.${region}.${suffix}`;
  const url = new URL(endpoint);
  const request = {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'GraniteServiceVersion20100801.DescribeAlarms',
    },
    body: JSON.stringify(input),
  };
  const headers = await signRequest('monitoring', region, url, request);
  const response = await fetch(url, { ...request, headers });
  if (!response.ok) {
    throw new CheckFailure(`DescribeAlarms: status ${response.status}: ${(await response.text()).slice(0, 200)}`);
  }
  return (await response.json()) as DescribeAlarmsOutput;
}
