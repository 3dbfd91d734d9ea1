import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { nested, outOfRange, validateInteger, validationError } from '../../private/validation';
import type { ThumbnailLambdaOptions } from './thumbnail-lambda-options';

/**
 * Default range of the number of pollers. 10 pollers invoke the function up to 100 times at a time, like the default of
 * `maxConcurrency`.
 */
const DEFAULT_POLLERS = { minimum: 2, maximum: 10 } as const;

/** Returns the pollers of the event source mapping; undefined for the default mode. */
export function pollersOf({ provisionedPollers }: ThumbnailLambdaOptions): lambda.ProvisionedPollerConfig | undefined {
  if (!provisionedPollers) {
    return undefined;
  }
  const { minimum = DEFAULT_POLLERS.minimum } = provisionedPollers;
  const { maximum = Math.max(minimum, DEFAULT_POLLERS.maximum) } = provisionedPollers;
  return { minimumPollers: minimum, maximumPollers: maximum };
}

/** Validates the pollers: https://docs.aws.amazon.com/lambda/latest/api/API_ProvisionedPollerConfig.html */
export function validatePollers(options: ThumbnailLambdaOptions): string[] {
  const { provisionedPollers, maxConcurrency } = options;
  const pollers = pollersOf(options);
  if (!provisionedPollers || !pollers) {
    return [];
  }
  const errors = [
    ...validateInteger('minimum', provisionedPollers.minimum, { min: 2, max: 200, unit: 'pollers' }),
    ...validateInteger('maximum', provisionedPollers.maximum, { min: 2, max: 2000, unit: 'pollers' }),
  ];
  const [minimum, maximum] = [pollers.minimumPollers!, pollers.maximumPollers!];
  if (errors.length === 0 && minimum > maximum) {
    errors.push(outOfRange('minimum', String(minimum), `at most maximum (${maximum})`));
  }
  return [
    ...nested('provisionedPollers', errors),
    // Lambda does not support a maximum concurrency with provisioned pollers:
    // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
    ...(maxConcurrency === undefined
      ? []
      : [
          validationError(
            'maxConcurrency',
            'Lambda does not support it with provisionedPollers',
            'remove it and set provisionedPollers.maximum; each poller invokes the function up to 10 times at a time',
          ),
        ]),
  ];
}
