// An interpreter of the part of the Amazon States Language that backfills use.
import type { Stack } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import jsonata from 'jsonata';

/** A state of the definition. */
export type State = Readonly<Record<string, unknown>> & { readonly Type: string };

/** States of a workflow, and the name of the first state. */
export interface Workflow {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** Emulates AWS services. An action has the form `sqs:sendMessageBatch`. */
export type Services = (action: string, args: Readonly<Record<string, unknown>>) => unknown;

/** Error of a Fail state. */
export class ExecutionFailed extends Error {}

type Variables = Record<string, unknown>;

/** Returns the definition of the state machine in a template. References have the form `{LogicalId}`. */
export function definitionOf(template: Template, stack: Stack): Workflow & Readonly<Record<string, unknown>> {
  const [machine] = Object.values(template.findResources('AWS::StepFunctions::StateMachine')) as {
    readonly Properties: { readonly DefinitionString: unknown };
  }[];
  const text = (value: unknown): string => {
    if (typeof value === 'string') {
      return value;
    }
    const { Ref, ...functions } = value as { readonly Ref?: string } & Readonly<Record<string, unknown>>;
    const join = functions['Fn::Join'] as [string, unknown[]] | undefined;
    if (Ref === 'AWS::Partition') {
      return 'aws';
    }
    return join ? join[1].map(text).join('') : `{${Ref ?? (functions['Fn::GetAtt'] as string[]).join('.')}}`;
  };
  return JSON.parse(text(stack.resolve(machine!.Properties.DefinitionString))) as Workflow & Record<string, unknown>;
}

/** Evaluates all expressions in a value. Rejects an undefined result, as Step Functions does. */
export async function evaluate(value: unknown, states: object, variables: Variables = {}): Promise<unknown> {
  if (typeof value === 'string' && value.startsWith('{%')) {
    const result: unknown = await jsonata(value.slice(2, -2)).evaluate(null, { ...variables, states });
    if (result === undefined) {
      throw new Error(`States.QueryEvaluationError: ${value}`);
    }
    return JSON.parse(JSON.stringify(result));
  }
  if (Array.isArray(value)) {
    return Promise.all(value.map((item) => evaluate(item, states, variables)));
  }
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).map(async ([name, item]) => [name, await evaluate(item, states, variables)]);
    return Object.fromEntries((await Promise.all(entries)) as [string, unknown][]);
  }
  return value;
}

/**
 * Runs a workflow. Yields the duration in seconds of each task and each Wait state. Returns the output.
 *
 * @param distributed runs the batches of a distributed map; receives the state, the evaluated reader and the batch
 * input
 */
export async function* run(
  workflow: Workflow,
  input: unknown,
  services: Services,
  {
    variables = {},
    context = {},
    distributed,
  }: {
    readonly variables?: Variables;
    readonly context?: object;
    readonly distributed?: (state: State, reader: unknown, batchInput: unknown) => unknown;
  } = {},
): AsyncGenerator<number, unknown> {
  const own = { ...variables };
  let current = input;
  for (let name = workflow.StartAt; ;) {
    const state = workflow.States[name];
    if (!state) {
      throw new Error(`no state ${name}`);
    }
    const states: Variables = { input: current, context };
    let next = state['Next'] as string;
    let output = current;
    if (state.Type === 'Fail') {
      throw new ExecutionFailed(`${String(state['Error'])}: ${String(await evaluate(state['Cause'], states, own))}`);
    } else if (state.Type === 'Choice') {
      next = state['Default'] as string;
      for (const { Condition, Next } of state['Choices'] as { Condition: string; Next: string }[]) {
        const isTrue = await evaluate(Condition, states, own);
        expect(typeof isTrue).toBe('boolean');
        if (isTrue) {
          next = Next;
          break;
        }
      }
    } else if (state.Type === 'Wait') {
      yield Number(await evaluate(state['Seconds'], states, own));
    } else if (state.Type === 'Task') {
      const args = (await evaluate(state['Arguments'], states, own)) as Record<string, unknown>;
      output = states['result'] = services(String(state['Resource']).replace(/^.*:::(?:aws-sdk:)?/, ''), args);
      yield 0.05;
    } else if (state.Type === 'Map' && 'ItemReader' in state) {
      const reader = await evaluate(state['ItemReader'], states, own);
      const { BatchInput } = state['ItemBatcher'] as { BatchInput: unknown };
      output = states['result'] = distributed?.(state, reader, await evaluate(BatchInput, states, own));
    } else if (state.Type === 'Map') {
      const items = await evaluate(state['Items'], states, own);
      expect(Array.isArray(items)).toBe(true);
      const results: unknown[] = [];
      for (const item of items as unknown[]) {
        results.push(yield* run(state['ItemProcessor'] as Workflow, item, services, { variables: own, context }));
      }
      output = states['result'] = results;
    }
    Object.assign(own, await evaluate(state['Assign'] ?? {}, states, own));
    current = 'Output' in state ? await evaluate(state['Output'], states, own) : output;
    if (state.Type === 'Succeed' || state['End'] === true) {
      return current;
    }
    name = next;
  }
}

/** Runs a workflow, ignores all durations, and returns the output. */
export async function result(...args: Parameters<typeof run>): Promise<unknown> {
  const execution = run(...args);
  for (;;) {
    const { done, value } = await execution.next();
    if (done) {
      return value;
    }
  }
}
