import { CfnResource, Stack } from 'aws-cdk-lib';
import { Construct, type IConstruct } from 'constructs';
import type { ThumbnailPipeline } from '../../lib';

/** A part of a pipeline that is worth a box: something that stores, carries, runs or answers. */
export interface Part {
  /** Path of its construct below the pipeline, such as `SourceBucket`. */
  readonly id: string;
  /** What it is, for people, with what the template says of it. */
  readonly kind: string;
  /** How code reaches it from the pipeline, such as `sourceBucket`. */
  readonly property?: string;
}

/** Something that goes from one part to another. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  /** What the template says of it: how often, how many at a time. */
  readonly label?: string;
}

/** What a pipeline is made of, as its construct tree and its template have it. */
export interface Graph {
  readonly parts: readonly Part[];
  readonly flows: readonly Flow[];
  /** What the parts that run stand in; undefined where that is nothing of the account's. */
  readonly network?: string;
}

/** Callers of the API, who are in no template. */
export const READERS = 'readers';

interface Resource {
  readonly id: string;
  readonly type: string;
  readonly logicalId: string;
  /** As in the template. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What is drawn of each type of resource. */
const KINDS: Readonly<Record<string, (resource: Resource, all: readonly Resource[]) => string>> = {
  'AWS::S3::Bucket': () => 'S3 bucket',
  'AWS::SQS::Queue': ({ properties }) => {
    const days = properties['MessageRetentionPeriod'];
    return typeof days === 'number' ? `SQS queue, ${days / 86_400} days` : 'SQS queue';
  },
  'AWS::Lambda::Function': ({ properties }) => {
    const [processor] = properties['Architectures'] as string[];
    return `Lambda, ${processor}, ${properties['MemorySize'] as number} MB`;
  },
  'AWS::ECS::Service': ({ properties }, all) => {
    const task = find(all, references(properties['TaskDefinition']), 'AWS::ECS::TaskDefinition')[0]!;
    const { Cpu, Memory } = task.properties as { Cpu: string; Memory: string };
    return `Fargate, ${Number(Cpu) / 1024} vCPU, ${Number(Memory) / 1024} GiB`;
  },
  'AWS::ApiGatewayV2::Api': (_, all) => {
    const types = new Set(
      all
        .filter(({ type }) => type === 'AWS::ApiGatewayV2::Route')
        .map(({ properties }) => properties['AuthorizationType'] as string),
    );
    return `HTTP API, access: ${[...types].map((type) => AUTHORIZATION[type] ?? type).join(', ')}`;
  },
  'AWS::ElasticLoadBalancingV2::LoadBalancer': ({ properties }) => `ALB, ${properties['Scheme'] as string}`,
};
const AUTHORIZATION: Readonly<Record<string, string>> = { AWS_IAM: 'IAM', NONE: 'everyone' };

/** Reads what a pipeline is made of, and what goes from where to where, out of its construct tree and template. */
export function graphOf(pipeline: ThumbnailPipeline): Graph {
  const all = resourcesOf(pipeline);
  const drawn = all.filter(({ type }) => type in KINDS);
  const natGateways = all.filter(({ type }) => type === 'AWS::EC2::NatGateway').length;
  return {
    parts: drawn.map((resource) => ({
      id: resource.id,
      kind: KINDS[resource.type]!(resource, all),
      property: propertyOf(pipeline, resource.id),
    })),
    flows: [...notifications(all), ...redrives(all), ...consumers(all), ...accesses(all), ...requests(all)],
    network: all.some(({ type }) => type === 'AWS::EC2::VPC')
      ? `VPC, ${natGateways === 0 ? 'no' : natGateways} NAT gateway`
      : undefined,
  };
}

function resourcesOf(pipeline: ThumbnailPipeline): Resource[] {
  const stack = Stack.of(pipeline);
  return pipeline.node
    .findAll()
    .filter((construct) => construct instanceof CfnResource)
    .map((construct) => {
      const template = stack.resolve(construct._toCloudFormation()) as {
        readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: object }>>;
      };
      const [logicalId, { Type, Properties = {} }] = Object.entries(template.Resources)[0]!;
      const id = construct.node.path.slice(pipeline.node.path.length + 1).replace(/(?:\/(?:Resource|Service))+$/, '');
      return { id, type: Type, logicalId, properties: Properties as Resource['properties'] };
    });
}

/** The way from the pipeline to a construct by public properties, such as `api.httpApi`. */
function propertyOf(pipeline: ThumbnailPipeline, id: string): string | undefined {
  const path = `${pipeline.node.path}/${id}`;
  for (const [name, value] of membersOf(pipeline)) {
    if (value.node.path === path) {
      return name;
    }
    const inner = membersOf(value).find(([, { node }]) => node.path === path);
    if (inner) {
      return `${name}.${inner[0]}`;
    }
  }
  return undefined;
}

function membersOf(construct: IConstruct): [name: string, construct: IConstruct][] {
  return Object.entries(construct).filter(([name, value]) => name !== 'node' && value instanceof Construct) as [
    string,
    IConstruct,
  ][];
}

/** Logical ids that a value in a template names. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  if ('Ref' in value) {
    return [value.Ref as string];
  }
  if ('Fn::GetAtt' in value) {
    return [(value['Fn::GetAtt'] as string[])[0]!];
  }
  return Object.values(value).flatMap(references);
}

function find(all: readonly Resource[], ids: readonly string[], type?: string): Resource[] {
  return all.filter((resource) => ids.includes(resource.logicalId) && (type === undefined || resource.type === type));
}

function ofType(all: readonly Resource[], type: string): Resource[] {
  return all.filter((resource) => resource.type === type);
}

/** Buckets that tell queues of their objects. */
function notifications(all: readonly Resource[]): Flow[] {
  return ofType(all, 'Custom::S3BucketNotifications').flatMap(({ properties }) => {
    const [bucket] = find(all, references(properties['BucketName']));
    return find(all, references(properties['NotificationConfiguration']), 'AWS::SQS::Queue').map((queue) => ({
      from: bucket!.id,
      to: queue.id,
    }));
  });
}

/** Queues that give up. */
function redrives(all: readonly Resource[]): Flow[] {
  return ofType(all, 'AWS::SQS::Queue').flatMap(({ id, properties }) => {
    const policy = properties['RedrivePolicy'] as { readonly maxReceiveCount: number } | undefined;
    return find(all, references(policy)).map((to) => ({
      from: id,
      to: to.id,
      label: `after ${policy!.maxReceiveCount} tries`,
    }));
  });
}

/** Queues, and what works on their messages. */
function consumers(all: readonly Resource[]): Flow[] {
  const functions = ofType(all, 'AWS::Lambda::EventSourceMapping').map(({ properties }) => {
    const batch = properties['BatchSize'] as number;
    return {
      from: find(all, references(properties['EventSourceArn']))[0]!.id,
      to: find(all, references(properties['FunctionName']))[0]!.id,
      label: `${batch} ${batch === 1 ? 'key' : 'keys'} a call`,
    };
  });
  const services = ofType(all, 'AWS::ECS::Service').flatMap(({ id, logicalId, properties }) => {
    const task = find(all, references(properties['TaskDefinition']), 'AWS::ECS::TaskDefinition')[0]!;
    const scaling = ofType(all, 'AWS::ApplicationAutoScaling::ScalableTarget').find((target) =>
      references(target.properties['ResourceId']).includes(logicalId),
    );
    const { MinCapacity, MaxCapacity } = scaling!.properties as { MinCapacity: number; MaxCapacity: number };
    return find(all, references(task.properties['ContainerDefinitions']), 'AWS::SQS::Queue').map((queue) => ({
      from: queue.id,
      to: id,
      label: `${MinCapacity} to ${MaxCapacity} tasks`,
    }));
  });
  return [...functions, ...services];
}

/** What programs may do with objects: those that may read them have them from there, those that may write put them there. */
function accesses(all: readonly Resource[]): Flow[] {
  interface Statement {
    readonly Action: string | readonly string[];
    readonly Resource: unknown;
  }
  return ofType(all, 'AWS::IAM::Policy').flatMap(({ properties }) => {
    const program = programOf(all, references(properties['Roles']));
    const { Statement } = properties['PolicyDocument'] as { readonly Statement: readonly Statement[] };
    return program === undefined
      ? []
      : Statement.flatMap(({ Action, Resource }) => {
          const [bucket] = find(all, references(Resource), 'AWS::S3::Bucket');
          if (!bucket || !Action.includes('s3:GetObject')) {
            return [];
          }
          return Action.includes('s3:PutObject')
            ? [{ from: program.id, to: bucket.id }]
            : [{ from: bucket.id, to: program.id }];
        });
  });
}

/** The function or the service that a role is for. */
function programOf(all: readonly Resource[], roles: readonly string[]): Resource | undefined {
  const functions = ofType(all, 'AWS::Lambda::Function').filter(({ properties }) =>
    references(properties['Role']).some((role) => roles.includes(role)),
  );
  const services = ofType(all, 'AWS::ECS::Service').filter(({ properties }) =>
    find(all, references(properties['TaskDefinition']), 'AWS::ECS::TaskDefinition').some((task) =>
      references(task.properties['TaskRoleArn']).some((role) => roles.includes(role)),
    ),
  );
  return [...functions, ...services][0];
}

/** From callers by the API to what answers. */
function requests(all: readonly Resource[]): Flow[] {
  const routes = ofType(all, 'AWS::ApiGatewayV2::Route').map(({ properties }) => properties['RouteKey'] as string);
  const asked = new Set(routes.flatMap((key) => /^GET \/(?:thumbnails|images)\b/.exec(key) ?? []));
  const apis = ofType(all, 'AWS::ApiGatewayV2::Api').map(({ id }) => ({
    from: READERS,
    to: id,
    label: [...asked].join('\n'),
  }));
  const integrations = ofType(all, 'AWS::ApiGatewayV2::Integration').flatMap(({ properties }) => {
    const [api] = find(all, references(properties['ApiId']));
    return find(all, references(properties['IntegrationUri'])).map((target) =>
      target.type === 'AWS::Lambda::Function'
        ? { from: api!.id, to: target.id }
        : { from: api!.id, to: balancerOf(all, target).id, label: 'by a VPC link' },
    );
  });
  const balanced = ofType(all, 'AWS::ElasticLoadBalancingV2::Listener').flatMap((listener) => {
    const groups = references(listener.properties['DefaultActions']);
    return ofType(all, 'AWS::ECS::Service')
      .filter(({ properties }) => references(properties['LoadBalancers']).some((group) => groups.includes(group)))
      .map((service) => ({ from: balancerOf(all, listener).id, to: service.id }));
  });
  return [...apis, ...integrations, ...balanced];
}

function balancerOf(all: readonly Resource[], listener: Resource): Resource {
  return find(all, references(listener.properties['LoadBalancerArn']))[0]!;
}
