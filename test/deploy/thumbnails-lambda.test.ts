// The app as the CDK's command line runs it: a process of its own, with the context of cdk.json.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withoutHashes } from '../support/stacks';

const root = join(__dirname, '..', '..');
const settings = readJson(join(root, 'cdk.json')) as {
  readonly app: string;
  readonly context: Record<string, unknown>;
};

interface Synthesis {
  readonly template: Readonly<Record<string, unknown>>;
  readonly report: unknown;
  readonly files: string[];
  readonly output: string;
}

/** Runs the app, and reads what it wrote. */
function synthesizeApp(context: Record<string, unknown> = {}): Synthesis {
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
          CDK_VALIDATION: 'true',
          NODE_NO_WARNINGS: '1',
          CDK_OUTDIR: assembly,
          CDK_CONTEXT_JSON: JSON.stringify({ ...settings.context, ...context }),
        },
      },
    );
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    return {
      template: readJson(join(assembly, 'ThumbnailsLambda.template.json')) as Readonly<Record<string, unknown>>,
      report: readJson(join(assembly, 'validation-report.json')),
      files: readdirSync(assembly).filter((file) => file.endsWith('.template.json')),
      output: stdout + stderr,
    };
  } finally {
    rmSync(assembly, { recursive: true, force: true });
  }
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

describe('the app', () => {
  let app: Synthesis;
  beforeAll(() => (app = synthesizeApp()));

  test('is started as cdk.json says', () => {
    expect(settings.app).toMatch(/^npx ts-node -T --prefer-ts-exts /);
    expect(existsSync(join(root, 'bin', 'thumbnails.ts'))).toBe(true);
    expect(settings.context).toEqual(
      readJson(join(root, 'node_modules', 'aws-cdk-lib', 'recommended-feature-flags.json')),
    );
  });

  test('has one stack, with this template', () => {
    expect(app.files).toEqual(['ThumbnailsLambda.template.json']);
    expect(withoutHashes(app.template)).toMatchSnapshot();
  });

  test('breaks no rule of CloudFormation and prints nothing', () => {
    expect(app.report).toMatchObject({ pluginReports: [] });
    expect(app.output).toBe('');
  });
});

test('the app takes an existing bucket, and an open API, by context', () => {
  const { template } = synthesizeApp({ 'thumbnails:source-bucket': 'my-photos', 'thumbnails:public': 'true' });
  const resources = Object.values(template['Resources'] as Record<string, { Type: string; Properties: unknown }>);
  const of = (type: string): unknown[] =>
    resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties);
  expect(of('AWS::S3::Bucket')).toHaveLength(1);
  expect(of('Custom::S3BucketNotifications')).toMatchObject([{ BucketName: 'my-photos', Managed: false }]);
  expect(of('AWS::ApiGatewayV2::Route')).toMatchObject(
    Array.from({ length: 12 }, () => ({ AuthorizationType: 'NONE' })),
  );
});
