// Synthesizes one pipeline in a separate process: node computes-process.js COMPUTE LIB
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/** CPU time of a synthesis, and size of the synthesized template. */
export interface ComputeSynthesis {
  /** CPU time in ms from `new App()` to the written assembly. */
  readonly cpu: number;
  readonly resources: number;
  /** Size of the template in bytes, without indentation. */
  readonly bytes: number;
}

type Compute = object;

/** The part of the compiled library that the benchmark uses. */
interface Library {
  readonly ThumbnailPipeline: new (scope: Construct, id: string, props: object) => Construct;
  readonly ThumbnailAccess: { publicRead(): object };
  readonly ThumbnailCompute: Readonly<
    Record<'lambda' | 'fargate' | 'ecs' | 'eks' | 'hybrid' | 'webFunction', (options?: object) => Compute>
  >;
}

const ACCOUNT = '111111111111';
const REGION = 'eu-central-1';
const [name, library = ''] = process.argv.slice(2);
const { ThumbnailAccess, ThumbnailCompute, ThumbnailPipeline } = module.require(library) as Library;

/** Returns an existing VPC, which adds no resources to the template. */
function existingVpc(stack: Stack): ec2.IVpc {
  return ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1234',
    availabilityZones: ['eu-central-1a', 'eu-central-1b'],
    privateSubnetIds: ['subnet-1', 'subnet-2'],
    privateSubnetRouteTableIds: ['rtb-1', 'rtb-2'],
  });
}

/** Props of the pipeline for each compute type. Except for the VPC of Fargate, all clusters and VPCs are imported. */
const PROPS: Readonly<Record<string, (stack: Stack) => object>> = {
  lambda: () => ({}),
  'lambda, Managed Instances': (stack) => {
    const capacityProvider = new lambda.CapacityProvider(stack, 'Instances', {
      subnets: existingVpc(stack).privateSubnets,
      securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'SecurityGroup', 'sg-1234')],
      architectures: [lambda.Architecture.ARM_64],
    });
    return { compute: ThumbnailCompute.lambda({ capacityProvider, memorySize: 4096 }) };
  },
  hybrid: () => ({
    compute: ThumbnailCompute.hybrid({
      small: ThumbnailCompute.lambda(),
      large: ThumbnailCompute.fargate({ worker: { cpu: 4096, memoryLimitMiB: 30_720 } }),
    }),
  }),
  fargate: () => ({ compute: ThumbnailCompute.fargate() }),
  'fargate, API on Lambda': () => ({
    compute: ThumbnailCompute.fargate(),
    api: { compute: ThumbnailCompute.lambda() },
  }),
  ecs: (stack) => {
    const vpc = existingVpc(stack);
    const cluster = ecs.Cluster.fromClusterAttributes(stack, 'Cluster', {
      clusterName: 'apps',
      vpc,
      securityGroups: [],
    });
    const capacityProviderStrategies = [{ capacityProvider: 'instances', weight: 1 }];
    return { compute: ThumbnailCompute.ecs({ cluster, capacityProviderStrategies }) };
  },
  eks: (stack) => {
    const cluster = eks.Cluster.fromClusterAttributes(stack, 'Cluster', {
      clusterName: 'apps',
      vpc: existingVpc(stack),
      clusterSecurityGroupId: 'sg-1234',
      kubectlProvider: eks.KubectlProvider.fromKubectlProviderAttributes(stack, 'Kubectl', {
        serviceToken: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:kubectl`,
      }),
    });
    const kedaOperatorRole = iam.Role.fromRoleArn(stack, 'Keda', `arn:aws:iam::${ACCOUNT}:role/keda-operator`);
    return { compute: ThumbnailCompute.eks({ cluster, kedaOperatorRole }) };
  },
  'lambda, API on a web function': () => ({
    api: { compute: ThumbnailCompute.webFunction(), access: ThumbnailAccess.publicRead() },
  }),
};

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

if (name === 'names') {
  process.send!(Object.keys(PROPS));
} else {
  const before = cpu();
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, 'Stack', { env: { account: ACCOUNT, region: REGION } });
  new ThumbnailPipeline(stack, 'Thumbnails', PROPS[name!]!(stack));
  const { template } = app.synth().stacks[0]! as { readonly template: { readonly Resources: object } };
  process.send!({
    cpu: cpu() - before,
    resources: Object.keys(template.Resources).length,
    bytes: Buffer.byteLength(JSON.stringify(template)),
  } satisfies ComputeSynthesis);
}
