import 'aws-cdk-lib/testhelpers/jest-autoclean';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { compileFunction } from 'node:vm';
import { App, Stack } from 'aws-cdk-lib';
import ts from 'typescript';
import * as library from '../../lib';

const root = join(__dirname, '../..');

interface Block {
  readonly name: string;
  readonly code: string;
}

/** The blocks of a language in README.md and docs/. */
function blocks(language: string): Block[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => join('docs', path));
  return ['README.md', 'CONTRIBUTING.md', ...docs.filter((path) => path.endsWith('.md'))].flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match, index) => ({
      name: `${path} ${index + 1}`,
      code: match[1]!,
    }));
  });
}

const typescript = blocks('ts');

test('there are blocks to look at', () => {
  expect(typescript.length).toBeGreaterThanOrEqual(2);
});

test('every TypeScript block passes the compiler', () => {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)).config as {
    compilerOptions: object;
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const files = new Map(
    typescript.map(({ code }, index) => [join(root, 'test/docs', `block-${index}.ts`), inThisProject(code)]),
  );
  const host = ts.createCompilerHost(options);
  host.fileExists = (path) => files.has(path) || ts.sys.fileExists(path);
  host.readFile = (path) => files.get(path) ?? ts.sys.readFile(path);
  const program = ts.createProgram([...files.keys()], { ...options, noUnusedLocals: false }, host);
  const problems = [...files.keys()].flatMap((path) => ts.getPreEmitDiagnostics(program, program.getSourceFile(path)));
  const told = problems.map(
    ({ file, messageText }) =>
      `${file && relative(root, file.fileName)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  );
  expect(told).toEqual([]);
}, 120_000);

test.each(typescript)('the TypeScript block $name synthesizes', ({ code }) => {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, esModuleInterop: true },
  });
  const exported: Record<string, unknown> = {};
  const app = new App();
  // Stacks of a block belong to an app, so that they can be synthesized.
  const scoped = class extends Stack {
    public constructor(scope = app, id = 'Block') {
      super(scope, id);
    }
  };
  const load = (name: string): unknown => {
    if (name === 'cdk-thumbnails') {
      return library;
    }
    const loaded = jest.requireActual<Record<string, unknown>>(name);
    return name === 'aws-cdk-lib' ? { ...loaded, Stack: scoped } : loaded;
  };
  const run = compileFunction(outputText, ['exports', 'require']) as (exports: object, require: typeof load) => void;
  run(exported, load);
  for (const value of Object.values(exported)) {
    if (typeof value === 'function') {
      new (value as new (scope: App, id: string) => Stack)(app, value.name);
    }
  }
  const { stacks } = app.synth();
  expect(stacks.length).toBeGreaterThan(0);
  for (const stack of stacks) {
    expect(Object.keys((stack.template as { Resources: object }).Resources)).not.toHaveLength(0);
  }
});

/** The block as if it stood in test/docs. */
function inThisProject(code: string): string {
  return code.replaceAll("'cdk-thumbnails'", "'../../lib'");
}
