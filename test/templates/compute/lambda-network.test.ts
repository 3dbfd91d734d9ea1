// Functions in a VPC, and functions with reserved concurrency.
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { ThumbnailCompute } from '../../../lib';
import { errorFor, onlyResource, problemsOf, synthesize } from '../../support/templates/stacks';

const SUBNETS = {
  natGateways: 0,
  subnetConfiguration: [{ name: 'Inside', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
};

describe('in a VPC', () => {
  const { template, pipeline } = synthesize((stack) => ({
    compute: ThumbnailCompute.lambda({ vpc: new ec2.Vpc(stack, 'Vpc', SUBNETS) }),
  }));

  test('each function has a security group that allows outbound HTTPS only', () => {
    const groups = Object.values(template.findResources('AWS::EC2::SecurityGroup')) as {
      readonly Properties: Record<string, unknown>;
    }[];
    expect(groups).toHaveLength(2);
    for (const { Properties } of groups) {
      expect(Properties['SecurityGroupEgress']).toMatchObject([{ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 }]);
      expect(Properties).not.toHaveProperty('SecurityGroupIngress');
    }
    for (const Handler of ['upload-function.handler', 'api-function.handler']) {
      const { VpcConfig } = onlyResource(template, 'AWS::Lambda::Function', { Properties: { Handler } }) as {
        readonly VpcConfig: { readonly SubnetIds: unknown[]; readonly SecurityGroupIds: unknown[] };
      };
      expect(VpcConfig.SubnetIds).toHaveLength(2);
      expect(VpcConfig.SecurityGroupIds).toHaveLength(1);
    }
    expect(pipeline.connections.securityGroups).toHaveLength(2);
  });

  test('only the Lambda service can create network interfaces with the roles of the functions', () => {
    const policies = Object.values(template.findResources('AWS::IAM::Policy')) as {
      readonly Properties: { readonly PolicyDocument: { readonly Statement: Record<string, unknown>[] } };
    }[];
    const aboutNetworks = policies
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Action }) => JSON.stringify(Action).includes('"ec2:'));
    expect(aboutNetworks).toHaveLength(4);
    for (const [allowed, denied] of [aboutNetworks.slice(0, 2), aboutNetworks.slice(2)]) {
      expect(allowed).toEqual({ Effect: 'Allow', Action: denied!['Action'], Resource: '*' });
      expect(denied).toEqual({
        Effect: 'Deny',
        Action: expect.arrayContaining(['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface']) as unknown,
        Resource: '*',
        Condition: { Null: { 'lambda:SourceFunctionArn': 'false' } },
      });
    }
  });
});

test('a pipeline on Lambda uses existing security groups', () => {
  const { template, pipeline, stack } = synthesize((stack) => {
    const vpc = new ec2.Vpc(stack, 'Vpc', SUBNETS);
    return {
      compute: ThumbnailCompute.lambda({ vpc, securityGroups: [new ec2.SecurityGroup(stack, 'Mine', { vpc })] }),
    };
  });
  template.resourceCountIs('AWS::EC2::SecurityGroup', 1);
  expect(new Set(pipeline.connections.securityGroups)).toEqual(new Set([stack.node.findChild('Mine')]));
});

test('a pipeline on Lambda rejects network options without a VPC', () => {
  expect(
    problemsOf({
      compute: ThumbnailCompute.lambda({ vpcSubnets: {}, securityGroups: [], apiReservedConcurrentExecutions: -1 }),
    }),
  ).toEqual([
    expect.stringContaining('compute.apiReservedConcurrentExecutions: -1'),
    errorFor('compute.vpcSubnets', 'requires vpc'),
    errorFor('compute.securityGroups', 'requires vpc'),
  ]);
});

test('a pipeline on Lambda reserves concurrency for both functions', () => {
  const { template } = synthesize({
    compute: ThumbnailCompute.lambda({ reservedConcurrentExecutions: 20, apiReservedConcurrentExecutions: 30 }),
  });
  for (const [Handler, count] of Object.entries({ 'upload-function.handler': 20, 'api-function.handler': 30 })) {
    const found = onlyResource(template, 'AWS::Lambda::Function', { Properties: { Handler } });
    expect(found['ReservedConcurrentExecutions']).toBe(count);
  }
});
