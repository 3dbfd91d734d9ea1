// Validates .github/workflows with GitHub's own parser, without a network.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { scripts } from '../../../package.json';

/** The part of `@actions/workflow-parser` that the test uses. */
interface Parser {
  NoOperationTraceWriter: new () => object;
  parseWorkflow(file: { name: string; content: string }, trace: object): Parsed;
  convertWorkflowTemplate(context: Parsed['context'], value: unknown): Promise<{ errors?: { Message: string }[] }>;
}
interface Parsed {
  readonly context: { readonly errors: { getErrors(): { message: string }[] } };
  readonly value: unknown;
}

/** The part of a workflow that the test reads. */
interface Workflow {
  readonly permissions?: unknown;
  readonly jobs: Readonly<
    Record<string, { readonly uses?: string; readonly 'timeout-minutes'?: number; readonly steps?: readonly Step[] }>
  >;
}
interface Step {
  readonly uses?: string;
  readonly run?: string;
}

const root = join(__dirname, '../../..');
const folder = join(root, '.github/workflows');
const files = readdirSync(folder);
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
const workflows = files.map((file) => ({ file, workflow: parse(read(file)) as Workflow }));
const steps = workflows.flatMap(({ workflow }) => Object.values(workflow.jobs).flatMap((job) => job.steps ?? []));

let temporary: string;
let parser: Parser;
beforeAll(() => {
  temporary = mkdtempSync(join(tmpdir(), 'workflows-'));
  const outfile = join(temporary, 'parser.js');
  // Bundles the parser, because Node.js rejects its imports of JSON without an import attribute. esbuild runs in a separate
  // process, because it does not run in the sandbox of Jest.
  const options = {
    ...{ bundle: true, platform: 'node', format: 'cjs', outfile },
    stdin: { contents: "export * from '@actions/workflow-parser'", resolveDir: root },
  };
  execFileSync(process.execPath, ['-e', `require('esbuild').buildSync(${JSON.stringify(options)})`], { cwd: root });
  parser = jest.requireActual<Parser>(outfile);
});
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

async function errorsOf(name: string, content: string): Promise<string[]> {
  const { context, value } = parser.parseWorkflow({ name, content }, new parser.NoOperationTraceWriter());
  const errors = context.errors.getErrors().map(({ message }) => message);
  const { errors: others = [] } = errors.length > 0 ? {} : await parser.convertWorkflowTemplate(context, value);
  return [...errors, ...others.map(({ Message }) => Message)];
}

test.each(files)('%s is valid', async (file) => {
  expect(await errorsOf(file, read(file))).toEqual([]);
});

test.each([
  ['an unknown key', (text: string) => text.replace('runs-on:', 'runs-onn:')],
  ['an unknown context', (text: string) => text.replace('${{ matrix.os }}', '${{ matrx.os }}')],
])('the parser reports %s', async (_case, change) => {
  expect(await errorsOf('ci.yml', change(read('ci.yml')))).not.toEqual([]);
});

test.each(workflows)('$file has no write permissions by default and a timeout for every job', ({ workflow }) => {
  expect(workflow.permissions).toEqual({ contents: 'read' });
  const jobs = Object.entries(workflow.jobs).filter(([, job]) => !job.uses && !job['timeout-minutes']);
  expect(jobs).toEqual([]);
});

test('all workflows use one version of each action', () => {
  const used = new Set(steps.flatMap(({ uses }) => uses ?? []));
  const names = [...used].map((action) => action.split('@')[0]);
  expect(new Set(names).size).toBe(used.size);
});

test('every npm script and test folder of a workflow exists', () => {
  const commands = steps.flatMap(({ run }) => run ?? []);
  const names = commands.flatMap((run) => [...run.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!));
  expect(names.length).toBeGreaterThan(3);
  expect(names.filter((name) => !(name in scripts))).toEqual([]);
  const paths = commands.flatMap((run) => run.match(/test\/[\w/]+/g) ?? []);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
