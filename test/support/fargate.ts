import type { Stack } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { Match } from 'aws-cdk-lib/assertions';
import { type ThumbnailFargateOptions, ThumbnailCompute, type ThumbnailPipeline } from '../../lib';
import { newStack, onlyResource, synthesize } from './stacks';

export type Kind = 'worker' | 'api';
export type Properties = Readonly<Record<string, unknown>>;

/** A pipeline on Fargate, and its template. */
export function fargate(
  props: ThumbnailFargateOptions | ((stack: Stack) => ThumbnailFargateOptions) = {},
  stack: Stack = newStack(),
): { readonly stack: Stack; readonly pipeline: ThumbnailPipeline; readonly template: Template } {
  const compute = ThumbnailCompute.fargate(typeof props === 'function' ? props(stack) : props);
  return synthesize({ compute }, stack);
}

/** The task definition of one of the two services. */
export function taskOf(template: Template, kind: Kind): Properties {
  return onlyResource(template, 'AWS::ECS::TaskDefinition', {
    Properties: {
      ContainerDefinitions: [{ Environment: Match.arrayWith([{ Name: 'SERVICE_MODE', Value: kind }]) }],
    },
  });
}

/** Its only container. */
export function containerOf(template: Template, kind: Kind): Properties {
  const [container, ...others] = taskOf(template, kind)['ContainerDefinitions'] as Properties[];
  expect(others).toEqual([]);
  return container!;
}

/** The environment variables of the container. */
export function environmentOf(template: Template, kind: Kind): Properties {
  const entries = containerOf(template, kind)['Environment'] as { readonly Name: string; readonly Value: unknown }[];
  return Object.fromEntries(entries.map(({ Name, Value }) => [Name, Value]));
}

/** The service. Only that of the API is told by a load balancer. */
export function serviceOf(template: Template, kind: Kind): Properties {
  return onlyResource(template, 'AWS::ECS::Service', {
    Properties: { TaskDefinition: { Ref: Match.stringLikeRegexp(kind === 'api' ? 'ApiService' : 'WorkerService') } },
  });
}

/** Its number of tasks. */
export function scalableTargetOf(template: Template, kind: Kind): Properties {
  const found = Object.entries(template.findResources('AWS::ApplicationAutoScaling::ScalableTarget')).filter(([id]) =>
    id.includes(kind === 'api' ? 'ApiService' : 'WorkerService'),
  );
  expect(found).toHaveLength(1);
  return (found[0]![1] as { readonly Properties: Properties }).Properties;
}
