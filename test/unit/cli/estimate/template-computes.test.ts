import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Size, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { readTemplateWorkload } from '../../../../cli/estimate/template-workload';
import type { ComputeName } from '../../../../cost';
import { ThumbnailAccess, ThumbnailCompute, ThumbnailPipeline, type ThumbnailPipelineProps } from '../../../../lib';
import { onImportedCluster } from '../../../support/templates/eks';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'estimate-'))));
afterEach(() => rmSync(directory, { recursive: true }));

function computes(
  propsOf: (stack: Stack) => ThumbnailPipelineProps,
  wanted?: ComputeName,
): { readonly compute: string; readonly api?: string; readonly thumbnails: number } {
  const app = new App({ outdir: directory });
  const stack = new Stack(app, 'Photos', { env: { account: '111111111111', region: 'eu-central-1' } });
  new ThumbnailPipeline(stack, 'Photos', propsOf(stack));
  app.synth();
  const { compute, api, workload } = readTemplateWorkload(directory, wanted);
  return { compute, api, thumbnails: workload.thumbnails.length };
}

test('the estimate reads pods on EKS', () => {
  expect(computes((stack) => ({ compute: ThumbnailCompute.eks(onImportedCluster(stack)) }))).toEqual({
    compute: 'eks',
    api: 'eks',
    thumbnails: 3,
  });
});

test('the estimate reads services on EC2 instances, on demand or on Spot', () => {
  const props = (stack: Stack): ThumbnailPipelineProps => {
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
    const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
    const instances = new ecs.ManagedInstancesCapacityProvider(stack, 'Instances', {
      subnets: vpc.privateSubnets,
      securityGroups: [new ec2.SecurityGroup(stack, 'Group', { vpc })],
      instanceRequirements: { vCpuCountMin: 2, memoryMin: Size.gibibytes(4) },
    });
    cluster.addManagedInstancesCapacityProvider(instances);
    const capacityProviderStrategies = [{ capacityProvider: instances.capacityProviderName, weight: 1 }];
    return { compute: ThumbnailCompute.ecs({ cluster, capacityProviderStrategies }) };
  };
  expect(computes(props)).toEqual({ compute: 'ecs', api: 'ecs', thumbnails: 3 });
  rmSync(directory, { recursive: true });
  expect(computes(props, 'ecs-spot')).toMatchObject({ compute: 'ecs-spot' });
});

test('the estimate reads functions on Managed Instances with an API on default capacity', () => {
  const props = (stack: Stack): ThumbnailPipelineProps => {
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 3 });
    const capacityProvider = new lambda.CapacityProvider(stack, 'Instances', {
      subnets: vpc.privateSubnets,
      securityGroups: [new ec2.SecurityGroup(stack, 'Group', { vpc })],
      architectures: [lambda.Architecture.ARM_64],
    });
    return {
      compute: ThumbnailCompute.lambda({ capacityProvider, memorySize: 4096 }),
      api: { compute: ThumbnailCompute.lambda() },
    };
  };
  expect(computes(props)).toEqual({ compute: 'managed-instances', api: 'lambda', thumbnails: 3 });
});

test('the estimate reads a small worker on Lambda and a large worker on Fargate', () => {
  const compute = ThumbnailCompute.hybrid({
    small: ThumbnailCompute.lambda(),
    large: ThumbnailCompute.fargate({ worker: { cpu: 4096, memoryLimitMiB: 30_720 } }),
  });
  expect(computes(() => ({ compute }))).toEqual({ compute: 'hybrid', api: 'lambda', thumbnails: 3 });
});

test('the estimate reads an API on a web function, with workers on Lambda', () => {
  const api = { compute: ThumbnailCompute.webFunction(), access: ThumbnailAccess.publicRead() };
  expect(computes(() => ({ api }))).toEqual({ compute: 'lambda', api: 'web-function', thumbnails: 3 });
  const separate = { ...api, writeAccess: ThumbnailAccess.iam() };
  expect(computes(() => ({ api: separate }))).toEqual({ compute: 'lambda', api: 'web-function', thumbnails: 3 });
});

test('the selected compute must match the template', () => {
  expect(() => computes(() => ({}), 'eks')).toThrow('no pipeline with compute eks; expected one of lambda (Photos)');
});
