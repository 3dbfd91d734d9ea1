import { join } from 'node:path';
import { App, type Environment, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import { ThumbnailPipeline, type ThumbnailPipelineProps } from '../../../lib';

export { withoutHashes } from '../../../scripts/without-hashes';

/** A runtime of a few bytes, so that templates in tests do not depend on the build. */
process.env['CDK_THUMBNAILS_RUNTIME'] = join(__dirname, '../runtime');

/** Contexts of old apps (without feature flags) and new apps (with the recommended feature flags). */
export const CONTEXTS: readonly (readonly [string, Record<string, unknown>])[] = [
  ['no feature flags', {}],
  ['the recommended feature flags', recommendedFlags],
];

/** Options of {@link newStack}. */
export interface StackOptions {
  readonly context?: Record<string, unknown>;
  readonly env?: Environment;
}

/** Creates a stack in a new app. */
export function newStack({ context = recommendedFlags, env }: StackOptions = {}): Stack {
  return new Stack(new App({ context }), 'Stack', { env });
}

/** Creates a stack with a pipeline and synthesizes its template. */
export function synthesize(
  props: ThumbnailPipelineProps | ((stack: Stack) => ThumbnailPipelineProps) = {},
  stack: Stack = newStack(),
): { readonly stack: Stack; readonly pipeline: ThumbnailPipeline; readonly template: Template } {
  const pipeline = new ThumbnailPipeline(stack, 'Photos', typeof props === 'function' ? props(stack) : props);
  return { stack, pipeline, template: quietly(() => Template.fromStack(stack)) };
}

/** Returns the warnings of a stack. */
export function warningsOf(stack: Stack): string[] {
  const annotations = quietly(() => Annotations.fromStack(stack));
  return annotations.findWarning('*', Match.anyValue()).map(({ entry }) => entry.data as string);
}

/** Runs a synthesis. Does not print its warnings. */
export function quietly<T>(synthesis: () => T): T {
  const print = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  try {
    return synthesis();
  } finally {
    print.mockRestore();
  }
}

/** Returns all error messages for invalid props, without the construct path. Returns [] for valid props. */
export function problemsOf(props: ThumbnailPipelineProps | ((stack: Stack) => ThumbnailPipelineProps)): string[] {
  const stack = newStack();
  try {
    new ThumbnailPipeline(stack, 'Photos', typeof props === 'function' ? props(stack) : props);
    return [];
  } catch (error) {
    const [first = '', ...rest] = (error as Error).message.split('\n');
    expect(first).toMatch(/^Stack\/Photos: /);
    return rest.length === 0 ? [first.slice('Stack/Photos: '.length)] : rest.map((line) => line.replace(/^ {2}- /, ''));
  }
}

/** Matches a validation error by its prop and by details, such as the value received and the allowed range. */
export function errorFor(prop: string, ...details: string[]): unknown {
  const escaped = [`${prop}: `, ...details].map((text) => text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&'));
  return expect.stringMatching(new RegExp(`^${escaped.join('.*?')}`, 's'));
}

/** Returns the environment variables of the upload function. */
export function variablesOf(template: Template): Record<string, unknown> {
  const [found] = Object.values(
    template.findResources('AWS::Lambda::Function', { Properties: { Handler: 'upload-function.handler' } }),
  ) as { readonly Properties: { readonly Environment: { readonly Variables: Record<string, unknown> } } }[];
  if (!found) {
    throw new Error('the template has no upload function');
  }
  return found.Properties.Environment.Variables;
}

/** Returns the properties of the only resource of a type. */
export function onlyResource(template: Template, type: string, match: unknown = Match.anyValue()): Properties {
  const found = Object.values(template.findResources(type, match));
  expect(found).toHaveLength(1);
  return (found[0] as { readonly Properties: Properties }).Properties;
}

type Properties = Readonly<Record<string, unknown>>;
