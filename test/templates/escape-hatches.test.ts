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
import { newStack } from '../support/stacks';

const isOwn = (construct: IConstruct): boolean => construct.constructor.name in library;
/** What is not followed: the tree itself, and a deprecated misspelling. */
const HIDDEN = ['node', 'updatedProperites'];
const documented = new Set(publicMembers().map(({ path }) => path));

/** The values of what a construct shows: of this library’s what the API has, of the CDK’s all that is not hidden by its name. */
function shown(construct: IConstruct): unknown[] {
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
    // A property that this one does not have, and says so.
    return undefined;
  }
}

/** Every construct that can be had from one by properties and lists. */
function reachable(start: IConstruct): Set<IConstruct> {
  const found = new Set<IConstruct>();
  const follow = (value: unknown): void => {
    if (Array.isArray(value)) {
      value.forEach(follow);
    } else if (Construct.isConstruct(value) && !found.has(value)) {
      found.add(value);
      shown(value).forEach(follow);
    }
  };
  follow(start);
  return found;
}

/** The resources that this library makes itself, and not a resource of the CDK for itself. */
function madeBy(pipeline: ThumbnailPipeline): IConstruct[] {
  return pipeline.node.findAll().filter((construct) => {
    const { scope } = construct.node;
    return Resource.isResource(construct) && scope !== undefined && isOwn(scope);
  });
}

test.each<[string, ThumbnailPipelineProps]>([
  ['of functions', {}],
  [
    'with links and an event rule',
    {
      trigger: ThumbnailTrigger.eventBridge(),
      api: { access: ThumbnailAccess.signed(), writeAccess: ThumbnailAccess.iam() },
    },
  ],
  ['of services', { compute: ThumbnailCompute.fargate({ network: FargateNetwork.isolatedSubnets() }) }],
])('every resource of a pipeline %s can be had from its properties', (_name, props) => {
  const pipeline = new ThumbnailPipeline(newStack(), 'Photos', props);
  const found = reachable(pipeline);
  const made = madeBy(pipeline);
  expect(made.length).toBeGreaterThan(8);
  expect(made.filter((construct) => !found.has(construct)).map(({ node }) => node.path)).toEqual([]);
});

test('and every resource of a distribution', () => {
  const pipeline = new ThumbnailPipeline(newStack(), 'Photos', { api: { access: ThumbnailAccess.publicRead() } });
  const distribution = pipeline.addDistribution();
  const found = reachable(distribution);
  const made = distribution.node
    .findAll()
    .filter((construct) => Resource.isResource(construct) && isOwn(construct.node.scope!));
  expect(made.length).toBeGreaterThan(4);
  expect(made.filter((construct) => !found.has(construct)).map(({ node }) => node.path)).toEqual([]);
});
