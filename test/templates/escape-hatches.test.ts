import { Resource } from 'aws-cdk-lib';
import { Construct, type IConstruct } from 'constructs';
import * as library from '../../lib';
import {
  FargateNetwork,
  ThumbnailAccess,
  ThumbnailCompute,
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
  ThumbnailTrigger,
} from '../../lib';
import { publicMembers } from '../integration/package/assembly';
import { newStack } from '../support/templates/stacks';

const isOwn = (construct: IConstruct): boolean => construct.constructor.name in library;
/** Properties to skip: the construct tree and a deprecated, misspelled property. */
const HIDDEN = ['node', 'updatedProperites'];
const documented = new Set(publicMembers().map(({ path }) => path));

/**
 * Returns the property values of a construct: the documented members of this library and the public members of the CDK.
 */
function exposedBy(construct: IConstruct): unknown[] {
  const prototypes = [];
  for (let type: object = construct; type !== Construct.prototype; type = Object.getPrototypeOf(type) as object) {
    prototypes.push(type);
  }
  const names = prototypes
    .flatMap((type) => Object.getOwnPropertyNames(type))
    .filter((name) => !name.startsWith('_') && !HIDDEN.includes(name));
  const types = prototypes.map((type) => type.constructor.name);
  return names
    .filter((name) => !isOwn(construct) || types.some((type) => documented.has(`${type}.${name}`)))
    .map((name) => valueOf(construct, name));
}

function valueOf(construct: IConstruct, name: string): unknown {
  try {
    return (construct as unknown as Readonly<Record<string, unknown>>)[name];
  } catch {
    // Some getters throw an error if the construct does not have the resource.
    return undefined;
  }
}

/** Returns the constructs that are reachable through properties and lists. */
function reachable(start: IConstruct): Set<IConstruct> {
  const found = new Set<IConstruct>();
  const follow = (value: unknown): void => {
    if (Array.isArray(value)) {
      value.forEach(follow);
    } else if (Construct.isConstruct(value) && !found.has(value)) {
      found.add(value);
      exposedBy(value).forEach(follow);
    }
  };
  follow(start);
  return found;
}

/** Returns the resources that this library creates. Excludes resources that constructs of the CDK create. */
function createdBy(pipeline: ThumbnailPipeline): IConstruct[] {
  return pipeline.node.findAll().filter((construct) => {
    const { scope } = construct.node;
    return Resource.isResource(construct) && scope !== undefined && isOwn(scope);
  });
}

test.each<[string, ThumbnailPipelineProps]>([
  ['of Lambda functions', {}],
  [
    'with signed links and an event rule',
    {
      trigger: ThumbnailTrigger.eventBridge(),
      api: { access: ThumbnailAccess.signed(), writeAccess: ThumbnailAccess.iam() },
    },
  ],
  ['of Fargate services', { compute: ThumbnailCompute.fargate({ network: FargateNetwork.isolatedSubnets() }) }],
])('the properties of a pipeline %s expose every resource', (_name, props) => {
  const pipeline = new ThumbnailPipeline(newStack(), 'Photos', props);
  const found = reachable(pipeline);
  const created = createdBy(pipeline);
  expect(created.length).toBeGreaterThan(8);
  expect(created.filter((construct) => !found.has(construct)).map(({ node }) => node.path)).toEqual([]);
});

test('the properties of a distribution expose every resource', () => {
  const pipeline = new ThumbnailPipeline(newStack(), 'Photos', { api: { access: ThumbnailAccess.publicRead() } });
  const distribution = pipeline.addDistribution();
  const found = reachable(distribution);
  const created = distribution.node
    .findAll()
    .filter((construct) => Resource.isResource(construct) && isOwn(construct.node.scope!));
  expect(created.length).toBeGreaterThan(4);
  expect(created.filter((construct) => !found.has(construct)).map(({ node }) => node.path)).toEqual([]);
});
