import { ThumbnailCompute } from '../../../../lib';
import type * as support from '../../../support/templates/eks';
import { synthesize } from '../../../support/templates/stacks';

let mockLoaded = false;
jest.mock('aws-cdk-lib/aws-eks-v2', () => {
  mockLoaded = true;
  return jest.requireActual<object>('aws-cdk-lib/aws-eks-v2');
});

test('only pipelines on EKS load the EKS module of the CDK', () => {
  synthesize({ compute: ThumbnailCompute.fargate() });
  expect(mockLoaded).toBe(false);
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { onEks } = require('../../../support/templates/eks') as typeof support;
  onEks();
  expect(mockLoaded).toBe(true);
});
