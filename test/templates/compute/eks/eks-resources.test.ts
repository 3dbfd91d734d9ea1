// AWS resources of ThumbnailCompute.eks.
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { ThumbnailCompute, ThumbnailPipeline } from '../../../../lib';
import {
  importedCluster,
  importedVpc,
  objectOf,
  objectsOf,
  onEks,
  onImportedCluster,
} from '../../../support/templates/eks';
import { fargate } from '../../../support/templates/fargate';
import { permissionsOf } from '../../../support/templates/permissions';
import { newStack, onlyResource, quietly, synthesize } from '../../../support/templates/stacks';

const { template, pipeline } = onEks();

/** Creates a cluster with EKS Auto Mode, the default of the CDK. */
function newCluster(scope: Stack): eks.Cluster {
  return new eks.Cluster(scope, 'Cluster', {
    version: eks.KubernetesVersion.V1_34,
    vpc: new ec2.Vpc(scope, 'Vpc', { maxAzs: 2 }),
    kubectlProviderOptions: {
      kubectlLayer: lambda.LayerVersion.fromLayerVersionArn(
        scope,
        'KubectlLayer',
        'arn:aws:lambda:eu-central-1:111111111111:layer:kubectl:1',
      ),
    },
  });
}

test('the roles of the pods have exactly the permissions of the task roles on Fargate', () => {
  const onFargate = fargate().template;
  for (const kind of ['Worker', 'Api']) {
    const permissions = permissionsOf(template, `Photos${kind}PodsRole`);
    expect(permissions).toEqual(permissionsOf(onFargate, `Photos${kind}ServiceTaskRole`));
    expect(permissions.length).toBeGreaterThan(4);
  }
});

test.each(['worker', 'api'])('only the service account of the %s pods can use their role', (kind) => {
  const { name } = objectOf(template, 'ServiceAccount', kind).metadata;
  template.hasResourceProperties('AWS::IAM::Role', {
    AssumeRolePolicyDocument: {
      Statement: [
        {
          Action: ['sts:AssumeRole', 'sts:TagSession'],
          Principal: { Service: 'pods.eks.amazonaws.com' },
          Condition: {
            StringEquals: {
              'aws:SourceAccount': { Ref: 'AWS::AccountId' },
              'aws:RequestTag/eks-cluster-name': 'apps',
              'aws:RequestTag/kubernetes-namespace': 'default',
              'aws:RequestTag/kubernetes-service-account': name,
            },
          },
        },
      ],
    },
  });
  template.hasResourceProperties('AWS::EKS::PodIdentityAssociation', {
    ClusterName: 'apps',
    Namespace: 'default',
    ServiceAccount: name,
    RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp(`${kind === 'api' ? 'Api' : 'Worker'}PodsRole`), 'Arn'] },
  });
});

test('the operator of KEDA can only read the attributes of the queue', () => {
  template.hasResourceProperties('AWS::IAM::Policy', { Roles: ['keda-operator'] });
  expect(permissionsOf(template, 'PhotosWorkerPodsKedaPolicy')).toEqual(['sqs:GetQueueAttributes on PhotosQueue']);
  expect(permissionsOf(template, 'PhotosWorkerPodsRole')).not.toContain('sqs:GetQueueAttributes on PhotosQueue');
});

test('pods start after their role, its policy and the Pod Identity association exist', () => {
  const applied = Object.values(template.findResources('Custom::AWSCDK-EKS-KubernetesResource'));
  expect(applied).toHaveLength(2);
  for (const resource of applied) {
    const { DependsOn } = resource as { readonly DependsOn: string[] };
    for (const name of ['PodsRole', 'PodsRoleDefaultPolicy', 'PodsPodIdentity']) {
      expect(DependsOn).toContainEqual(expect.stringMatching(new RegExp(`^Photos(Worker|Api)${name}[0-9A-F]+$`)));
    }
  }
});

test('API Gateway connects to an internal load balancer with the same properties as on Fargate', () => {
  const onFargate = fargate((scope) => ({
    vpc: importedVpc(scope),
  })).template;
  for (const type of ['AWS::ElasticLoadBalancingV2::TargetGroup', 'AWS::ApiGatewayV2::VpcLink']) {
    const withoutNames = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value).replaceAll(/Photos(ApiService|ApiPods)(\w+?)[0-9A-F]{8}/g, '$2'));
    expect(withoutNames(onlyResource(template, type))).toEqual(withoutNames(onlyResource(onFargate, type)));
  }
  expect(onlyResource(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer')).toMatchObject({ Scheme: 'internal' });
  template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
    GroupId: 'sg-1234',
    FromPort: 8080,
    ToPort: 8080,
    SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('LoadBalancerSecurityGroup'), 'GroupId'] },
  });
  expect(JSON.stringify(template.findResources('Custom::AWSCDK-EKS-KubernetesResource'))).toMatch(
    /TargetGroupBinding.*"Ref":"PhotosApiPodsTargetGroup/,
  );
});

test('rules apply to the security groups of the option podSecurityGroups', () => {
  const { template: own } = onEks((stack) => {
    const options = onImportedCluster(stack);
    return { ...options, podSecurityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Pods', 'sg-5678')] };
  });
  own.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-5678', FromPort: 8080 });
  expect(JSON.stringify(own.toJSON())).not.toContain('sg-1234');
});

test('the pipeline provides the connections of the pods', () => {
  expect(pipeline.connections.securityGroups.map(({ securityGroupId }) => securityGroupId)).toContain('sg-1234');
});

describe('a new cluster with EKS Auto Mode', () => {
  const stack = newStack();
  const cluster = newCluster(stack);
  const compute = ThumbnailCompute.eks({ cluster, installKeda: true });
  new ThumbnailPipeline(stack, 'Others', { compute });
  const { template: created } = synthesize({ compute }, stack);

  test('target groups have the API version and the tag of EKS Auto Mode', () => {
    const bindings = objectsOf(created).filter(({ kind }) => kind === 'TargetGroupBinding');
    expect(bindings.map(({ apiVersion }) => apiVersion)).toEqual(['eks.amazonaws.com/v1', 'eks.amazonaws.com/v1']);
    created.allResourcesProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      Tags: [{ Key: 'eks:eks-cluster-name', Value: { Ref: Match.stringLikeRegexp('^Cluster') } }],
    });
    expect(JSON.stringify(template.findResources('AWS::ElasticLoadBalancingV2::TargetGroup'))).not.toContain('eks:');
  });

  test('two pipelines on one cluster install KEDA only once', () => {
    expect(onlyResource(created, 'Custom::AWSCDK-EKS-HelmChart')).toMatchObject({
      Chart: 'keda',
      Repository: 'https://kedacore.github.io/charts',
      Version: '2.21.1',
      Namespace: 'keda',
      CreateNamespace: true,
      Wait: true,
    });
    onlyResource(created, 'AWS::EKS::PodIdentityAssociation', {
      Properties: { Namespace: 'keda', ServiceAccount: 'keda-operator' },
    });
    expect(permissionsOf(created, 'PhotosWorkerPodsKedaPolicy', 'OthersWorkerPodsKedaPolicy')).toEqual([
      'sqs:GetQueueAttributes on OthersQueue',
      'sqs:GetQueueAttributes on PhotosQueue',
    ]);
  });

  test('the objects of the workers require the resource definitions of KEDA', () => {
    const [chart] = Object.keys(created.findResources('Custom::AWSCDK-EKS-HelmChart'));
    const applied = Object.entries(created.findResources('Custom::AWSCDK-EKS-KubernetesResource'));
    const waiting = applied.filter(([, resource]) => (resource as { DependsOn: string[] }).DependsOn.includes(chart!));
    expect(waiting.map(([id]) => id.replace(/PodsManifest.*/, '')).sort()).toEqual(['OthersWorker', 'PhotosWorker']);
  });
});

test('a cluster in another stack causes no cyclic reference between the stacks', () => {
  const app = new App();
  const clusters = new Stack(app, 'Clusters');
  const cluster = newCluster(clusters);
  const stack = new Stack(app, 'Stack');
  new ThumbnailPipeline(stack, 'Photos', { compute: ThumbnailCompute.eks({ cluster, installKeda: true }) });
  const other = quietly(() => Template.fromStack(stack));
  expect(clusters.dependencies).toEqual([]);
  other.resourceCountIs('Custom::AWSCDK-EKS-KubernetesResource', 2);
  Template.fromStack(clusters).resourceCountIs('Custom::AWSCDK-EKS-HelmChart', 1);
});

test('workers on EKS with an API on Lambda need no resources for an API on EKS', () => {
  const { template: mixed } = synthesize((stack) => ({
    compute: ThumbnailCompute.eks(onImportedCluster(stack)),
    api: { compute: ThumbnailCompute.lambda() },
  }));
  expect(objectsOf(mixed).map(({ kind }) => kind)).not.toContain('HorizontalPodAutoscaler');
  mixed.resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 0);
});

test('the large worker of a hybrid compute can run on EKS', () => {
  const { template: hybrid } = synthesize((stack) => ({
    compute: ThumbnailCompute.hybrid({
      large: ThumbnailCompute.eks({ ...onImportedCluster(stack), worker: { cpu: 2048, memoryLimitMiB: 16_384 } }),
    }),
  }));
  expect(objectsOf(hybrid).map(({ kind }) => kind)).toContain('ScaledObject');
  expect(permissionsOf(hybrid, 'PhotosLargeWorkerPodsKedaPolicy')).toEqual([
    'sqs:GetQueueAttributes on PhotosLargeQueue',
  ]);
});

test('a role that the app cannot change receives no policy', () => {
  const { template: immutable } = onEks((stack) => ({
    cluster: importedCluster(stack),
    kedaOperatorRole: iam.Role.fromRoleArn(stack, 'Keda', 'arn:aws:iam::111111111111:role/keda', { mutable: false }),
  }));
  expect(permissionsOf(immutable, 'PhotosWorkerPodsKedaPolicy')).toEqual([]);
});

test('a certificate encrypts the connection between API Gateway and the load balancer', () => {
  const stack = newStack();
  const arn = 'arn:aws:acm:eu-central-1:123456789012:certificate/1';
  const api = {
    loadBalancerCertificate: Certificate.fromCertificateArn(stack, 'Certificate', arn),
    loadBalancerDomainName: 'thumbnails.example.com',
  };
  const { template } = synthesize({ compute: ThumbnailCompute.eks({ ...onImportedCluster(stack), api }) }, stack);
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
    Port: 443,
    Protocol: 'HTTPS',
    Certificates: [{ CertificateArn: arn }],
  });
  template.hasResourceProperties('AWS::ApiGatewayV2::Integration', {
    TlsConfig: { ServerNameToVerify: 'thumbnails.example.com' },
  });
});
