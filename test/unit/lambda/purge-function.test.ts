import {
  CloudFrontClient,
  CreateInvalidationCommand,
  TooManyInvalidationsInProgress,
} from '@aws-sdk/client-cloudfront';
import type { Context, SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import type { handler as Handler } from '../../../lambda/purge-function';

const cloudFront = mockClient(CloudFrontClient);
const environment = process.env;
let handler: typeof Handler;
beforeAll(() => {
  // The module reads its environment variables at import.
  process.env = {
    ...environment,
    DISTRIBUTION_ID: 'E1',
    THUMBNAIL_PREFIX: 'out/',
    MAX_INVALIDATION_PATHS: '2',
    AWS_REGION: 'eu-central-1',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  };
  ({ handler } = jest.requireActual<{ handler: typeof Handler }>('../../../lambda/purge-function'));
});
afterAll(() => (process.env = environment));
beforeEach(() => cloudFront.reset());

function invoke(keys: readonly string[]): Promise<void> {
  const Records = keys.map((key) => ({ body: JSON.stringify({ key }) }));
  return handler({ Records } as unknown as SQSEvent, { awsRequestId: 'request' } as Context);
}

const inputs = () => cloudFront.commandCalls(CreateInvalidationCommand).map(({ args: [{ input }] }) => input);

test('the function creates one invalidation for a batch, with the request id as caller reference', async () => {
  cloudFront.on(CreateInvalidationCommand).resolves({ Invalidation: undefined });
  await invoke(['a.jpg', 'b.jpg', 'a.jpg']);
  expect(inputs()).toEqual([
    {
      DistributionId: 'E1',
      InvalidationBatch: {
        CallerReference: 'request',
        Paths: { Quantity: 2, Items: ['/out/a.jpg/*', '/out/b.jpg/*'] },
      },
    },
  ]);
});

test('the function limits the number of paths', async () => {
  cloudFront.on(CreateInvalidationCommand).resolves({ Invalidation: undefined });
  await invoke(Array.from({ length: 100 }, (_, index) => `u/${index}.jpg`));
  expect(inputs()[0]!.InvalidationBatch!.Paths!.Items).toEqual(['/out/u/*']);
});

test('the function fails if too many invalidations are in progress, so that SQS delivers the batch again', async () => {
  const error = new TooManyInvalidationsInProgress({ message: 'too many', $metadata: {} });
  cloudFront.on(CreateInvalidationCommand).rejects(error);
  await expect(invoke(['a.jpg'])).rejects.toThrow('too many');
});
