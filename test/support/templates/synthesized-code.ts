import { createRequire } from 'node:module';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import * as cdk from 'aws-cdk-lib';
import type { CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import ts from 'typescript';
import * as signer from '../../../client/signer';
import * as library from '../../../lib';

/** Modules that the code of a consumer imports instead of the package. */
const PACKAGE: Readonly<Record<string, object>> = { 'cdk-thumbnails': library, 'cdk-thumbnails/signer': signer };

/** Options of {@link synthesizeCode}. */
export interface CodeOptions {
  /** Path for the resolution of imports. */
  readonly file: string;
  /** Context of the apps. @default - no context */
  readonly context?: Readonly<Record<string, string>>;
}

/**
 * Runs TypeScript code that uses the package, and synthesizes its stacks. Adds stacks without an app to a new app, and
 * instantiates exported stack classes.
 */
export function synthesizeCode(code: string, { file, context }: CodeOptions): CloudFormationStackArtifact[] {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, esModuleInterop: true },
  });
  const apps: cdk.App[] = [];
  const App = class extends cdk.App {
    public constructor() {
      super({ context: { ...context } });
      apps.push(this);
    }
  };
  const own = { ...cdk, App, Stack: stackIn(() => apps[0] ?? new App()) };
  const { resolve } = createRequire(file);
  const load = (name: string): unknown => {
    if (name === 'aws-cdk-lib') {
      return own;
    }
    return PACKAGE[name] ?? jest.requireActual<object>(name.startsWith('.') ? join(file, '..', name) : name);
  };
  const exported: Record<string, unknown> = {};
  const parameters = ['exports', 'require', '__dirname', 'process'];
  const run = compileFunction(outputText, parameters, { filename: file }) as (
    exports: object,
    require: typeof load & { resolve: NodeJS.RequireResolve },
    dirname: string,
    process: NodeJS.Process,
  ) => void;
  run(exported, Object.assign(load, { resolve }), join(file, '..'), process);
  for (const value of Object.values(exported)) {
    if (typeof value === 'function' && value.prototype instanceof cdk.Stack) {
      new (value as typeof cdk.Stack)(apps[0] ?? new App(), value.name);
    }
  }
  return apps.flatMap((app) => app.synth().stacksRecursively);
}

/** Returns a stack class whose default scope is an app. */
function stackIn(app: () => cdk.App): typeof cdk.Stack {
  return class extends cdk.Stack {
    public constructor(
      scope: ConstructorParameters<typeof cdk.Stack>[0] = app(),
      id = 'Stack',
      props?: cdk.StackProps,
    ) {
      super(scope, id, props);
    }
  };
}
