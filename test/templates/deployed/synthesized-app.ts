// Synthesizes the app of this repository like the CDK CLI: in a separate process with the context of cdk.json.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const root = join(__dirname, '..', '..', '..');
export const settings = readJson(join(root, 'cdk.json')) as {
  readonly app: string;
  readonly context: Record<string, unknown>;
};

export type Template = Readonly<Record<string, unknown>>;

export interface Synthesis {
  /** Templates by stack name. */
  readonly templates: Readonly<Record<string, Template>>;
  /** Asset manifests by stack name. */
  readonly assets: Readonly<Record<string, unknown>>;
  /** Report of the validation. Undefined without a validation. */
  readonly report: unknown;
  /** Standard output and standard error. */
  readonly output: string;
}

/** Options of {@link synthesizeApp}. */
export interface SynthesizeAppOptions {
  /** Context values in addition to cdk.json. @default - no values */
  readonly context?: Record<string, unknown>;
  /** Whether the CDK validates the templates with its default rules. @default false */
  readonly validates?: boolean;
}

/** Runs the app and reads its cloud assembly. */
export function synthesizeApp({ context, validates = false }: SynthesizeAppOptions = {}): Synthesis {
  const assembly = mkdtempSync(join(tmpdir(), 'assembly-'));
  try {
    const [, , ...command] = settings.app.split(' ');
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [require.resolve('ts-node/dist/bin.js'), ...command],
      {
        cwd: root,
        encoding: 'utf8',
        env: {
          ...process.env,
          CDK_VALIDATION: String(validates),
          NODE_NO_WARNINGS: '1',
          CDK_OUTDIR: assembly,
          CDK_CONTEXT_JSON: JSON.stringify({ ...settings.context, ...context }),
        },
      },
    );
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    return {
      templates: readAll(assembly, '.template.json') as Record<string, Template>,
      assets: readAll(assembly, '.assets.json'),
      report: validates ? readJson(join(assembly, 'validation-report.json')) : undefined,
      output: stdout + stderr,
    };
  } finally {
    rmSync(assembly, { recursive: true, force: true });
  }
}

/** Returns the properties of all resources of a type. */
export function propertiesOf(template: Template | undefined, type: string): unknown[] {
  const resources = Object.values(template?.['Resources'] as Record<string, { Type: string; Properties: unknown }>);
  return resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties);
}

export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function readAll(folder: string, ending: string): Record<string, unknown> {
  const files = readdirSync(folder).filter((file) => file.endsWith(ending));
  return Object.fromEntries(files.map((file) => [file.slice(0, -ending.length), readJson(join(folder, file))]));
}
