// Network of the tasks: VPCs, clusters, security groups and the load balancer.
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import { FargateNetwork, Thumbnail, ThumbnailAccess, ThumbnailCompute, ThumbnailPipeline } from '../../../../lib';
import { fargate, type Kind, serviceOf } from '../../../support/templates/fargate';
import { errorFor, newStack, onlyResource, problemsOf, synthesize } from '../../../support/templates/stacks';

interface Rule {
  readonly CidrIp?: string;
  readonly IpProtocol: string;
  readonly FromPort?: number;
  readonly ToPort?: number;
}

const networkOf = (template: Template, kind: Kind): { readonly Subnets: unknown[]; readonly AssignPublicIp: string } =>
  (serviceOf(template, kind)['NetworkConfiguration'] as { AwsvpcConfiguration: never }).AwsvpcConfiguration;
/** Returns the names of the AWS services with an interface endpoint. */
const endpointsOf = (template: Template): string[] =>
  Object.values(template.findResources('AWS::EC2::VPCEndpoint', { Properties: { VpcEndpointType: 'Interface' } }))
    .map((endpoint) => JSON.stringify((endpoint as { Properties: { ServiceName: unknown } }).Properties.ServiceName))
    .map((name) => /\.([a-z.]+)"\]\]/.exec(name)?.[1] ?? name)
    .sort();

describe('a new VPC', () => {
  test('the VPC has a gateway endpoint for S3 in every subnet and no NAT gateway', () => {
    for (const network of [FargateNetwork.publicSubnets(), FargateNetwork.isolatedSubnets()]) {
      const { template } = fargate({ network });
      template.resourceCountIs('AWS::EC2::NatGateway', 0);
      template.resourceCountIs('AWS::EC2::EIP', 0);
      const routeTables = Object.keys(template.findResources('AWS::EC2::RouteTable'));
      const endpoint = onlyResource(template, 'AWS::EC2::VPCEndpoint', { Properties: { VpcEndpointType: 'Gateway' } });
      expect(JSON.stringify(endpoint['ServiceName'])).toMatch(/\.s3"/);
      expect((endpoint['RouteTableIds'] as { Ref: string }[]).map(({ Ref }) => Ref).sort()).toEqual(routeTables.sort());
    }
  });

  test('by default, the VPC has public subnets for tasks and isolated subnets for the load balancer', () => {
    const { template } = fargate();
    expect(template.toJSON()).toEqual(fargate({ network: FargateNetwork.publicSubnets() }).template.toJSON());
    template.resourceCountIs('AWS::EC2::InternetGateway', 1);
    expect(endpointsOf(template)).toEqual([]);
    const subnetsOf = (type: string): unknown[] =>
      Object.keys(template.findResources('AWS::EC2::Subnet'))
        .filter((id) => id.includes(type))
        .map((Ref) => ({ Ref }));
    for (const kind of ['worker', 'api'] as const) {
      expect(networkOf(template, kind)).toMatchObject({ AssignPublicIp: 'ENABLED', Subnets: subnetsOf('Public') });
    }
    const isolated = subnetsOf('Isolated');
    expect(isolated).toHaveLength(2);
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', { Subnets: isolated });
    template.hasResourceProperties('AWS::ApiGatewayV2::VpcLink', { SubnetIds: isolated });
    // Subnets assign public IP addresses only to resources that request one.
    template.resourcePropertiesCountIs('AWS::EC2::Subnet', { MapPublicIpOnLaunch: true }, 0);
  });

  test('a VPC with isolated subnets has interface endpoints instead of an internet gateway', () => {
    const { template } = fargate({ network: FargateNetwork.isolatedSubnets() });
    template.resourceCountIs('AWS::EC2::InternetGateway', 0);
    expect(endpointsOf(template)).toEqual(['ecr.api', 'ecr.dkr', 'logs', 'sqs']);
    for (const kind of ['worker', 'api'] as const) {
      expect(networkOf(template, kind).AssignPublicIp).toBe('DISABLED');
    }
    const entered = fargate({ network: FargateNetwork.isolatedSubnets(), enableExecuteCommand: true });
    expect(endpointsOf(entered.template)).toContain('ssmmessages');
  });

  test('the policy of a restricted S3 endpoint allows the buckets of the pipeline and the layers of images', () => {
    const gateway = { Properties: { VpcEndpointType: 'Gateway' } };
    const policyOf = (template: Template): unknown =>
      onlyResource(template, 'AWS::EC2::VPCEndpoint', gateway)['PolicyDocument'];
    expect(policyOf(fargate().template)).toBeUndefined();

    for (const network of [
      FargateNetwork.publicSubnets({ restrictS3Endpoint: true }),
      FargateNetwork.isolatedSubnets({ restrictS3Endpoint: true }),
    ]) {
      const { template, stack, pipeline } = fargate({ network });
      const arn = (...path: unknown[]): unknown => ({
        'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ...path]],
      });
      const buckets = [pipeline.sourceBucket, pipeline.thumbnailBucket].map(
        ({ bucketName }) => stack.resolve(bucketName) as unknown,
      );
      const common = { Effect: 'Allow', Principal: { AWS: '*' } };
      expect(policyOf(template)).toMatchObject({
        Statement: [
          { ...common, Action: 's3:ListBucket', Resource: buckets.map((name) => arn(':s3:::', name)) },
          {
            ...common,
            Action: ['s3:DeleteObject', 's3:GetObject', 's3:GetObjectTagging', 's3:PutObject'],
            Resource: buckets.map((name) => arn(':s3:::', name, '/*')),
          },
          {
            ...common,
            Action: 's3:GetObject',
            Resource: arn(':s3:::prod-', { Ref: 'AWS::Region' }, '-starport-layer-bucket/*'),
          },
        ],
      });
    }
  });

  test('the policy of a restricted S3 endpoint allows the file of large settings', () => {
    const network = FargateNetwork.publicSubnets({ restrictS3Endpoint: true });
    const thumbnails = Array.from({ length: 30 }, (_, index) => Thumbnail.inside(`thumbnail-${index}`, 100 + index));
    const { template } = synthesize({ compute: ThumbnailCompute.fargate({ network }), thumbnails });
    const { PolicyDocument } = onlyResource(template, 'AWS::EC2::VPCEndpoint', {
      Properties: { VpcEndpointType: 'Gateway' },
    });
    const { Statement } = PolicyDocument as {
      readonly Statement: { readonly Sid: string; readonly Resource: unknown }[];
    };
    const settings = Statement.find(({ Sid }) => Sid === 'Settings');
    const uri = { 'Fn::Sub': expect.stringMatching(/^s3:\/\/cdk-hnb659fds-assets-.*\/[0-9a-f]{64}\.json$/) as unknown };
    const path = { 'Fn::Select': [1, { 'Fn::Split': ['s3://', uri] }] };
    expect(settings?.Resource).toEqual({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::', path]] });
  });

  test('the VPC has an endpoint for Secrets Manager if the API reads a secret', () => {
    const isolated = ThumbnailCompute.fargate({ network: FargateNetwork.isolatedSubnets() });
    const signed = synthesize({ compute: isolated, api: { access: ThumbnailAccess.signed() } });
    expect(endpointsOf(signed.template)).toEqual(['ecr.api', 'ecr.dkr', 'logs', 'secretsmanager', 'sqs']);
    const stack = newStack();
    const pipeline = new ThumbnailPipeline(stack, 'Photos', { compute: isolated });
    expect(pipeline.apiService?.vpc.node.tryFindChild('SecretsEndpoint')).toBeUndefined();
    const publicKey = cloudfront.PublicKey.fromPublicKeyId(stack, 'PublicKey', 'K1');
    const trustedKeyGroups = [new cloudfront.KeyGroup(stack, 'Keys', { items: [publicKey] })];
    pipeline.addDistribution('Distribution', { trustedKeyGroups });
    expect(endpointsOf(Template.fromStack(stack))).toContain('secretsmanager');
    // Tasks in public subnets use the internet gateway.
    const open = synthesize({ compute: ThumbnailCompute.fargate(), api: { access: ThumbnailAccess.signed() } });
    expect(endpointsOf(open.template)).toEqual([]);
  });

  test('the VPC applies the number of availability zones and the IP address range', () => {
    const { template } = fargate(
      { network: FargateNetwork.isolatedSubnets({ maxAzs: 3, ipAddresses: ec2.IpAddresses.cidr('10.9.0.0/20') }) },
      newStack({ env: { account: '111111111111', region: 'eu-west-1' } }),
    );
    // Without a lookup, the CDK assumes three availability zones.
    template.resourceCountIs('AWS::EC2::Subnet', 3);
    template.hasResourceProperties('AWS::EC2::VPC', { CidrBlock: '10.9.0.0/20' });
  });

  test('the VPC rejects a single availability zone', () => {
    const network = FargateNetwork.publicSubnets({ maxAzs: 1 });
    expect(problemsOf({ compute: ThumbnailCompute.fargate({ network }) })).toEqual([
      errorFor('compute.network.maxAzs', '1', '2 to 6'),
    ]);
  });
});

describe('an existing VPC', () => {
  test('an existing VPC contains the services of the worker and of the API', () => {
    const { template, pipeline } = fargate((stack) => ({ vpc: new ec2.Vpc(stack, 'Mine', { natGateways: 1 }) }));
    template.resourceCountIs('AWS::EC2::VPC', 1);
    template.resourceCountIs('AWS::EC2::VPCEndpoint', 0);
    template.resourceCountIs('AWS::ECS::Cluster', 1);
    for (const kind of ['worker', 'api'] as const) {
      expect(networkOf(template, kind).AssignPublicIp).toBe('DISABLED');
      expect(JSON.stringify(networkOf(template, kind).Subnets)).toMatch(/MinePrivateSubnet1.*MinePrivateSubnet2/);
    }
    expect(pipeline.workerService?.vpc.node.path).toBe('Stack/Mine');
  });

  test('tasks have public IP addresses if the VPC has only public subnets', () => {
    const { template } = fargate((stack) => ({
      vpc: ec2.Vpc.fromVpcAttributes(stack, 'Mine', {
        vpcId: 'vpc-1',
        availabilityZones: ['a', 'b'],
        publicSubnetIds: ['subnet-1', 'subnet-2'],
      }),
    }));
    template.resourceCountIs('AWS::EC2::VPC', 0);
    expect(networkOf(template, 'worker')).toMatchObject({
      AssignPublicIp: 'ENABLED',
      Subnets: ['subnet-1', 'subnet-2'],
    });
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internal' });
  });

  test('the services apply the options for subnets and public IP addresses', () => {
    const { template } = fargate((stack) => ({
      vpc: new ec2.Vpc(stack, 'Mine'),
      vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC, availabilityZones: [stack.availabilityZones[0]!] },
      assignPublicIp: false,
      api: { loadBalancerSubnets: { subnetType: ec2.SubnetType.PUBLIC } },
    }));
    for (const kind of ['worker', 'api'] as const) {
      expect(networkOf(template, kind).AssignPublicIp).toBe('DISABLED');
      expect(JSON.stringify(networkOf(template, kind).Subnets)).toMatch(/^\[\{"Ref":"MinePublicSubnet1[^,]*\}\]$/);
    }
    const { Subnets } = onlyResource(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
    expect(JSON.stringify(Subnets)).toMatch(/MinePublicSubnet1.*MinePublicSubnet2/);
  });

  test('the load balancer requires a VPC with two availability zones', () => {
    const stack = newStack();
    const vpc = new ec2.Vpc(stack, 'Mine', { maxAzs: 1 });
    expect(() => new ThumbnailPipeline(stack, 'Photos', { compute: ThumbnailCompute.fargate({ vpc }) })).toThrow(
      /^Stack\/Photos\/ApiService: loadBalancerSubnets: 1 availability zone/,
    );
    // A pipeline without an API has no load balancer.
    const other = newStack();
    const compute = ThumbnailCompute.fargate({ vpc: new ec2.Vpc(other, 'Mine', { maxAzs: 1 }) });
    new ThumbnailPipeline(other, 'Photos', { compute, apiEnabled: false });
    Template.fromStack(other).resourceCountIs('AWS::ECS::Service', 1);
  });
});

describe('an existing cluster', () => {
  test('the pipeline adds the services and the required capacity providers to an existing cluster', () => {
    const { template, pipeline } = fargate((stack) => ({
      cluster: new ecs.Cluster(stack, 'Mine', { vpc: new ec2.Vpc(stack, 'Vpc') }),
    }));
    template.resourceCountIs('AWS::ECS::Cluster', 1);
    template.resourceCountIs('AWS::EC2::VPC', 1);
    template.hasResourceProperties('AWS::ECS::ClusterCapacityProviderAssociations', {
      CapacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    });
    expect(pipeline.workerService?.cluster.node.path).toBe('Stack/Mine');
  });

  test('the pipeline adds no capacity providers to the cluster without Spot tasks', () => {
    const { template } = fargate((stack) => ({
      cluster: new ecs.Cluster(stack, 'Mine', { vpc: new ec2.Vpc(stack, 'Vpc') }),
      worker: { spotPercent: 0 },
    }));
    template.resourceCountIs('AWS::ECS::ClusterCapacityProviderAssociations', 0);
  });

  test('the VPC of an imported cluster comes from the cluster or from the prop vpc', () => {
    const attributes = { vpcId: 'vpc-1', availabilityZones: ['a', 'b'], privateSubnetIds: ['subnet-1', 'subnet-2'] };
    const whole = fargate((stack) => ({
      cluster: ecs.Cluster.fromClusterAttributes(stack, 'Mine', {
        clusterName: 'mine',
        vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', attributes),
      }),
    }));
    const apart = fargate((stack) => ({
      cluster: ecs.Cluster.fromClusterArn(stack, 'Mine', 'arn:aws:ecs:eu-west-1:111111111111:cluster/mine'),
      vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', attributes),
    }));
    for (const { template } of [whole, apart]) {
      template.resourceCountIs('AWS::ECS::Cluster', 0);
      template.resourceCountIs('AWS::EC2::VPC', 0);
      for (const kind of ['worker', 'api'] as const) {
        expect(serviceOf(template, kind)['Cluster']).toBe('mine');
        expect(networkOf(template, kind).Subnets).toEqual(['subnet-1', 'subnet-2']);
      }
    }
  });

  test('two pipelines of one stack can share a cluster', () => {
    const stack = newStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { natGateways: 0 });
    const compute = ThumbnailCompute.fargate({ cluster: new ecs.Cluster(stack, 'Cluster', { vpc }) });
    const pipelines = ['Photos', 'Scans'].map((id) => new ThumbnailPipeline(stack, id, { compute }));
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ECS::Cluster', 1);
    template.resourceCountIs('AWS::ECS::Service', 4);
    template.resourceCountIs('AWS::EC2::VPC', 1);
    expect(new Set(pipelines.map(({ workerService }) => workerService?.cluster)).size).toBe(1);
  });

  test('the cluster can belong to a pipeline of another stack', () => {
    const app = new App({ context: recommendedFlags });
    const first = new ThumbnailPipeline(new Stack(app, 'One'), 'Photos', { compute: ThumbnailCompute.fargate() });
    const stack = new Stack(app, 'Two');
    new ThumbnailPipeline(stack, 'Scans', {
      compute: ThumbnailCompute.fargate({ cluster: first.workerService!.cluster }),
    });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::VPC', 0);
    template.resourceCountIs('AWS::ECS::Service', 2);
  });
});

describe('security groups', () => {
  const { template, pipeline } = fargate();
  const groups = Object.entries(template.findResources('AWS::EC2::SecurityGroup')) as unknown as [
    string,
    { readonly Properties: { SecurityGroupEgress?: Rule[]; SecurityGroupIngress?: Rule[] } },
  ][];
  const rulesOf = (type: 'Ingress' | 'Egress'): string[] =>
    Object.values(template.findResources(`AWS::EC2::SecurityGroup${type}`)).map((rule) => {
      const properties = (rule as { readonly Properties: Record<string, unknown> }).Properties;
      const nameOf = (key: string): string => {
        const [id = ''] = (properties[key] as { readonly 'Fn::GetAtt': string[] })['Fn::GetAtt'];
        return id.replace(/^PhotosApiService|[0-9A-F]{8}$/g, '');
      };
      const other = type === 'Ingress' ? 'SourceSecurityGroupId' : 'DestinationSecurityGroupId';
      const [from, to] = type === 'Ingress' ? [other, 'GroupId'] : ['GroupId', other];
      return `${nameOf(from)} > ${nameOf(to)} ${String(properties['FromPort'])}-${String(properties['ToPort'])}`;
    });

  test('the security groups allow traffic from the VPC link through the load balancer to the tasks', () => {
    const way = [
      'LoadBalancerSecurityGroup > SecurityGroup 8080-8080',
      'VpcLinkSecurityGroup > LoadBalancerSecurityGroup 80-80',
    ];
    expect(rulesOf('Ingress').sort()).toEqual(way);
    expect(rulesOf('Egress').sort()).toEqual(way);
  });

  test('the security groups allow only outbound HTTPS by IP address', () => {
    const byAddress = groups.flatMap(([id, { Properties }]) => [
      ...(Properties.SecurityGroupIngress ?? []).map((rule) => `${id} in ${JSON.stringify(rule)}`),
      ...(Properties.SecurityGroupEgress ?? []).map(
        ({ CidrIp, FromPort, ToPort }) => `${id.replace(/[0-9A-F]{8}$/, '')} to ${CidrIp} ${FromPort}-${ToPort}`,
      ),
    ]);
    expect(byAddress.filter((rule) => !rule.includes('255.255.255.255/32')).sort()).toEqual([
      'PhotosApiServiceSecurityGroup to 0.0.0.0/0 443-443',
      'PhotosWorkerServiceSecurityGroup to 0.0.0.0/0 443-443',
    ]);
  });

  test('the property connections of the pipeline exposes the security groups', () => {
    const stack = newStack();
    const pipelineOf = new ThumbnailPipeline(stack, 'Photos', { compute: ThumbnailCompute.fargate() });
    const database = new ec2.Connections({
      securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Database', 'sg-1')],
      defaultPort: ec2.Port.tcp(5432),
    });
    database.allowDefaultPortFrom(pipelineOf);
    const added = Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupIngress', {
      Properties: { GroupId: 'sg-1', FromPort: 5432 },
    });
    expect(Object.keys(added)).toHaveLength(2);
    expect(pipeline.connections.securityGroups).toHaveLength(2);
  });

  test('the pipeline creates no security groups for functions without a VPC', () => {
    const { pipeline: onLambda } = synthesize();
    expect(() => onLambda.connections).toThrow(/^Stack\/Photos: connections: /);
  });
});

describe('the load balancer of the API', () => {
  const { template } = fargate();

  test('the load balancer receives the requests of every route through a VPC link', () => {
    template.resourceCountIs('AWS::ApiGatewayV2::Integration', 1);
    template.hasResourceProperties('AWS::ApiGatewayV2::Integration', {
      IntegrationType: 'HTTP_PROXY',
      ConnectionType: 'VPC_LINK',
      IntegrationMethod: 'ANY',
      ConnectionId: { Ref: Match.stringLikeRegexp('VpcLink') },
      IntegrationUri: { Ref: Match.stringLikeRegexp('Listener') },
      // The signature of a link depends on this host.
      RequestParameters: { 'overwrite:header.Host': '$context.domainName' },
    });
    const keysOf = (from: Template): unknown[] =>
      Object.values(from.findResources('AWS::ApiGatewayV2::Route')).map(
        (route) => (route as { Properties: { RouteKey: unknown } }).Properties.RouteKey,
      );
    expect(keysOf(template)).toEqual(keysOf(synthesize().template));
  });

  test('the internal load balancer removes invalid headers', () => {
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Scheme: 'internal',
      LoadBalancerAttributes: Match.arrayWith([
        { Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'true' },
      ]),
    });
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 80, Protocol: 'HTTP' });
  });

  test('a certificate encrypts the connection between API Gateway and the load balancer', () => {
    const arn = 'arn:aws:acm:eu-central-1:123456789012:certificate/1';
    const api = (stack: Stack) => ({
      loadBalancerCertificate: Certificate.fromCertificateArn(stack, 'Certificate', arn),
      loadBalancerDomainName: 'thumbnails.example.com',
    });
    const { template: encrypted } = fargate((stack) => ({ api: api(stack) }));
    encrypted.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: arn }],
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    });
    encrypted.hasResourceProperties('AWS::ApiGatewayV2::Integration', {
      TlsConfig: { ServerNameToVerify: 'thumbnails.example.com' },
    });
    encrypted.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 443, ToPort: 443 });
    encrypted.resourcePropertiesCountIs('AWS::EC2::SecurityGroupIngress', { FromPort: 80 }, 0);
    expect(problemsOf({ compute: ThumbnailCompute.fargate({ api: { loadBalancerDomainName: 'a.example' } }) })).toEqual(
      [errorFor('compute.api.loadBalancerCertificate', 'a.example')],
    );
    expect(
      problemsOf((stack) => {
        const { loadBalancerCertificate } = api(stack);
        return { compute: ThumbnailCompute.fargate({ api: { loadBalancerCertificate } }) };
      }),
    ).toEqual([errorFor('compute.api.loadBalancerDomainName', 'undefined')]);
  });

  test('the target group has a health check and a deregistration delay', () => {
    expect(onlyResource(template, 'AWS::ElasticLoadBalancingV2::TargetGroup')).toMatchObject({
      HealthCheckPath: '/health',
      HealthCheckIntervalSeconds: 10,
      HealthCheckTimeoutSeconds: 5,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 3,
      Matcher: { HttpCode: '200' },
      Port: 8080,
      Protocol: 'HTTP',
      TargetType: 'ip',
      TargetGroupAttributes: expect.arrayContaining([
        { Key: 'deregistration_delay.timeout_seconds', Value: '30' },
        { Key: 'load_balancing.algorithm.type', Value: 'least_outstanding_requests' },
      ]) as unknown,
    });
  });

  test('a pipeline without an API has no load balancer', () => {
    const { template: without, pipeline } = synthesize({ compute: ThumbnailCompute.fargate(), apiEnabled: false });
    without.resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 0);
    without.resourceCountIs('AWS::ECS::Service', 1);
    expect([pipeline.api, pipeline.apiService]).toEqual([undefined, undefined]);
    expect(pipeline.connections.securityGroups).toHaveLength(1);
  });
});
