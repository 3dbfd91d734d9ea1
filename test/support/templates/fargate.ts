import type { Stack } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { Match } from 'aws-cdk-lib/assertions';
import { type ThumbnailFargateOptions, ThumbnailCompute, type ThumbnailPipeline } from '../../../lib';
import { newStack, onlyResource, synthesize } from './stacks';

/** One of the two services. */
export type Kind = 'worker' | 'api';
/** Properties of a resource. */
export type Properties = Readonly<Record<string, unknown>>;

/** Creates a stack with a pipeline on Fargate and synthesizes its template. */
export function fargate(
  props: ThumbnailFargateOptions | ((stack: Stack) => ThumbnailFargateOptions) = {},
  stack: Stack = newStack(),
): { readonly stack: Stack; readonly pipeline: ThumbnailPipeline; readonly template: Template } {
  const compute = ThumbnailCompute.fargate(typeof props === 'function' ? props(stack) : props);
  return synthesize({ compute }, stack);
}

/** Returns the task definition of a service. */
export function taskOf(template: Template, kind: Kind): Properties {
  return onlyResource(template, 'AWS::ECS::TaskDefinition', {
    Properties: {
      ContainerDefinitions: [{ Environment: Match.arrayWith([{ Name: 'SERVICE_MODE', Value: kind }]) }],
    },
  });
}

/** Returns the only container of a service. */
export function containerOf(template: Template, kind: Kind): Properties {
  const [container, ...others] = taskOf(template, kind)['ContainerDefinitions'] as Properties[];
  expect(others).toEqual([]);
  return container!;
}

/** Returns the environment variables of a service. */
export function environmentOf(template: Template, kind: Kind): Properties {
  const entries = containerOf(template, kind)['Environment'] as { readonly Name: string; readonly Value: unknown }[];
  return Object.fromEntries(entries.map(({ Name, Value }) => [Name, Value]));
}

/** Returns the service resource. */
export function serviceOf(template: Template, kind: Kind): Properties {
  return onlyResource(template, 'AWS::ECS::Service', {
    Properties: { TaskDefinition: { Ref: Match.stringLikeRegexp(kind === 'api' ? 'ApiService' : 'WorkerService') } },
  });
}

/** Returns the scalable target of a service. */
export function scalableTargetOf(template: Template, kind: Kind): Properties {
  const found = Object.entries(template.findResources('AWS::ApplicationAutoScaling::ScalableTarget')).filter(([id]) =>
    id.includes(kind === 'api' ? 'ApiService' : 'WorkerService'),
  );
  expect(found).toHaveLength(1);
  return (found[0]![1] as { readonly Properties: Properties }).Properties;
}
