// The strict stacks of docs/explanation/security.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import type { App, Stack } from 'aws-cdk-lib';
import ts from 'typescript';
import * as library from '../../../lib';

/** Stack class that creates all resources of the stack. */
export type StackClass = new (scope: App, id: string) => Stack;

/** Returns the stacks of the first TypeScript block in docs/explanation/security.md. */
export function strictStacks(): Record<string, StackClass> {
  const [, code = ''] =
    /^```ts\n([\s\S]*?)^```/m.exec(readFileSync(join(__dirname, '../../../docs/explanation/security.md'), 'utf8')) ??
    [];
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023 };
  const { outputText } = ts.transpileModule(code, { compilerOptions });
  const exported: Record<string, StackClass> = {};
  const load = (name: string): unknown => (name === 'cdk-thumbnails' ? library : jest.requireActual(name));
  const run = compileFunction(outputText, ['exports', 'require']) as (exports: object, require: typeof load) => void;
  run(exported, load);
  return exported;
}
