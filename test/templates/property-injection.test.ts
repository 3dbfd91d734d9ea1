import { App, type InjectionContext, type IPropertyInjector, PropertyInjectors, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Bucket, type BucketProps } from 'aws-cdk-lib/aws-s3';
import * as library from '../../lib';
import {
  Thumbnail,
  ThumbnailAccess,
  ThumbnailApi,
  type ThumbnailApiProps,
  ThumbnailCompute,
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
} from '../../lib';
import { quietly } from '../support/templates/stacks';

/** Property injector that changes the props of all constructs of a class. */
class Blueprint<Props extends object> implements IPropertyInjector {
  public constructor(
    public readonly constructUniqueId: string,
    private readonly change: (props: Props, context: InjectionContext) => Props,
  ) {}

  public inject(props: Props, context: InjectionContext): Props {
    return this.change(props, context);
  }
}

function templateOf(injectors: IPropertyInjector[], props: ThumbnailPipelineProps = {}): Template {
  const stack = new Stack(new App({ propertyInjectors: injectors }), 'Stack');
  new ThumbnailPipeline(stack, 'Photos', props);
  return quietly(() => Template.fromStack(stack));
}

test('an injector of the app changes the props of a pipeline', () => {
  const contexts: InjectionContext[] = [];
  const template = templateOf([
    new Blueprint<ThumbnailPipelineProps>(ThumbnailPipeline.PROPERTY_INJECTION_ID, (props, context) => {
      contexts.push(context);
      return { ...props, createOutputs: false, maxReceiveCount: props.maxReceiveCount ?? 2 };
    }),
  ]);
  expect(contexts.map(({ scope, id }) => [scope.node.path, id])).toEqual([['Stack', 'Photos']]);
  expect(template.findOutputs('*')).toEqual({});
  template.hasResourceProperties('AWS::SQS::Queue', { RedrivePolicy: { maxReceiveCount: 2 } });
});

test('the pipeline validates injected props', () => {
  const invalid = new Blueprint<ThumbnailPipelineProps>(ThumbnailPipeline.PROPERTY_INJECTION_ID, (props) => ({
    ...props,
    thumbnails: [Thumbnail.inside('Small', 1)],
  }));
  expect(() => templateOf([invalid])).toThrow(/^Stack\/Photos: thumbnails\[0\]\.name: "Small"/);
});

test('only the nearest injector applies', () => {
  const naming = (maxReceiveCount: number): IPropertyInjector =>
    new Blueprint<ThumbnailPipelineProps>(ThumbnailPipeline.PROPERTY_INJECTION_ID, (props) => ({
      ...props,
      maxReceiveCount,
    }));
  const stack = new Stack(new App({ propertyInjectors: [naming(2)] }), 'Stack', { propertyInjectors: [naming(3)] });
  PropertyInjectors.of(stack).add(new Blueprint<BucketProps>(Bucket.PROPERTY_INJECTION_ID, (props) => props));
  new ThumbnailPipeline(stack, 'Photos');
  Template.fromStack(stack).hasResourceProperties('AWS::SQS::Queue', { RedrivePolicy: { maxReceiveCount: 3 } });
});

test('an injector also changes the constructs in a pipeline', () => {
  const template = templateOf(
    [
      new Blueprint<ThumbnailApiProps>(ThumbnailApi.PROPERTY_INJECTION_ID, (props) => ({
        ...props,
        throttle: { rateLimit: 7, burstLimit: 9 },
      })),
      new Blueprint<BucketProps>(Bucket.PROPERTY_INJECTION_ID, (props) => ({ ...props, versioned: true })),
    ],
    { api: { access: ThumbnailAccess.publicRead() } },
  );
  template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
    DefaultRouteSettings: { ThrottlingRateLimit: 7, ThrottlingBurstLimit: 9 },
  });
  template.allResourcesProperties('AWS::S3::Bucket', { VersioningConfiguration: { Status: 'Enabled' } });
});

test('every construct of the library has an id for injectors', () => {
  const constructs = Object.entries(library).filter(
    ([, value]) => typeof value === 'function' && 'isConstruct' in value,
  );
  expect(constructs.map(([name]) => name).sort()).toEqual([
    'ThumbnailAlarms',
    'ThumbnailApi',
    'ThumbnailBackfill',
    'ThumbnailBehaviors',
    'ThumbnailDashboard',
    'ThumbnailDistribution',
    'ThumbnailPipeline',
    'ThumbnailPurge',
    'ThumbnailQueries',
    'ThumbnailWebAcl',
  ]);
  for (const [name, value] of constructs) {
    expect(value).toHaveProperty('PROPERTY_INJECTION_ID', `cdk-thumbnails.${name}`);
  }
});

test('every construct of the library calls its injector', () => {
  const called = new Set<string>();
  const names = ['Alarms', 'Api', 'Behaviors', 'Dashboard', 'Distribution', 'Pipeline', 'Queries'];
  const spies = names.map(
    (name) =>
      new Blueprint(`cdk-thumbnails.Thumbnail${name}`, (props) => {
        called.add(name);
        return props;
      }),
  );
  const stack = new Stack(new App({ propertyInjectors: spies }), 'Stack');
  const pipeline = new ThumbnailPipeline(stack, 'Photos', {
    compute: ThumbnailCompute.fargate(),
    api: { access: ThumbnailAccess.publicRead() },
  });
  pipeline.addDistribution();
  pipeline.addAlarms();
  pipeline.addDashboard();
  pipeline.addSavedQueries();
  expect([...called].sort()).toEqual(names);
});
