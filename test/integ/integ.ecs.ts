import { AutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { ThumbnailCompute } from '../../lib';
import { testUpload } from './upload-test';

testUpload('Ecs', (stack) => {
  const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
  const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
  const capacityProvider = new ecs.AsgCapacityProvider(stack, 'Capacity', {
    autoScalingGroup: new AutoScalingGroup(stack, 'Instances', {
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      instanceType: new ec2.InstanceType('c8g.xlarge'),
      machineImage: ecs.EcsOptimizedImage.amazonLinux2023(ecs.AmiHardwareType.ARM),
      minCapacity: 1,
      maxCapacity: 2,
    }),
    enableManagedTerminationProtection: false, // protected instances prevent the deletion of the stack
  });
  cluster.addAsgCapacityProvider(capacityProvider);
  const capacityProviderStrategies = [{ capacityProvider: capacityProvider.capacityProviderName, weight: 1 }];
  return { compute: ThumbnailCompute.ecs({ cluster, capacityProviderStrategies }) };
});
