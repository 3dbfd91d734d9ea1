import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Architecture, CapacityProvider } from 'aws-cdk-lib/aws-lambda';
import { ThumbnailCompute } from '../../lib';
import { testUpload } from './upload-test';

testUpload('ManagedInstances', (stack) => {
  const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
  const capacityProvider = new CapacityProvider(stack, 'Instances', {
    subnets: vpc.privateSubnets,
    securityGroups: [new ec2.SecurityGroup(stack, 'InstanceSecurityGroup', { vpc })],
    architectures: [Architecture.ARM_64],
  });
  return {
    compute: ThumbnailCompute.lambda({ capacityProvider }),
    api: { compute: ThumbnailCompute.lambda() },
  };
});
