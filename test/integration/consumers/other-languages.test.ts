import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './installed-package';

/** Files from which jsii-pacmak generates the packages for other languages. */
const INPUT = ['package.json', '.jsii', 'README.md', 'LICENSE', 'NOTICE', 'CHANGELOG.md'];
const python = ['python3', 'python'].find((command) => spawnSync(command, ['--version']).status === 0);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'languages-'));
  const project = join(folder, 'project');
  for (const file of INPUT) {
    cpSync(join(root, file), join(project, file));
  }
  // jsii-pacmak finds the assemblies of the installed packages through NODE_PATH.
  execFileSync(
    process.execPath,
    [
      join(root, 'node_modules/jsii-pacmak/bin/jsii-pacmak'),
      '--code-only',
      '--outdir',
      join(folder, 'packages'),
      project,
    ],
    {
      cwd: project,
      stdio: 'pipe',
      env: { ...process.env, NODE_PATH: join(root, 'node_modules'), npm_config_offline: 'true' },
    },
  );
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pathOf = (...path: string[]): string => join(folder, 'packages', ...path);
const text = (...path: string[]): string => readFileSync(pathOf(...path), 'utf8');

test('jsii-pacmak creates a package for each language', () => {
  expect(readdirSync(pathOf()).sort()).toEqual(['dotnet', 'go', 'java', 'js', 'python']);
  expect(text('python', 'setup.py')).toMatch(/"name": "cdk-thumbnails",\s+"version": "\d/);
  expect(text('java', 'pom.xml')).toContain('<groupId>io.github.cdk-thumbnails</groupId>');
  expect(text('dotnet', 'CdkThumbnails', 'CdkThumbnails.csproj')).toContain('<PackageId>CdkThumbnails</PackageId>');
  expect(text('go', 'cdkthumbnails', 'go.mod')).toContain(
    'module github.com/cdk-thumbnails/cdk-thumbnails-go/cdkthumbnails',
  );
});

// Omits Go, because the Go package requires the CDK version of the build (see scripts/release/check-versions.ts).
test('Python, Java and .NET require at least the lowest supported version of the CDK', () => {
  const { peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly peerDependencies: Readonly<Record<string, string>>;
  };
  const [, lowest] = /^\^(.+)$/.exec(peerDependencies['aws-cdk-lib']!)!;
  expect(text('python', 'setup.py')).toContain(`aws-cdk-lib>=${lowest}, <3.0.0`);
  expect(text('java', 'pom.xml')).toContain(`<version>[${lowest},3.0.0)</version>`);
  expect(text('dotnet', 'CdkThumbnails', 'CdkThumbnails.csproj')).toContain(`Version="[${lowest},3.0.0)"`);
});

test('each package contains the class ThumbnailPipeline', () => {
  expect(text('python', 'src', 'cdk_thumbnails', '__init__.py')).toMatch(/class ThumbnailPipeline\(/);
  expect(readdirSync(pathOf('java', 'src/main/java/io/github/cdkthumbnails'))).toContain('ThumbnailPipeline.java');
  expect(readdirSync(pathOf('dotnet', 'CdkThumbnails', 'CdkThumbnails'))).toContain('ThumbnailPipeline.cs');
  expect(readdirSync(pathOf('go', 'cdkthumbnails'))).toContain('ThumbnailPipeline.go');
});

(python ? test : test.skip)('the Python code compiles, with its presets and grants (needs Python)', () => {
  const sources = pathOf('python', 'src');
  const { status, stdout, stderr } = spawnSync(python!, ['-m', 'compileall', '-q', sources], { encoding: 'utf8' });
  expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: '' });
  // The jsii runtime for Python is not installed. Therefore, the test reads the syntax tree.
  const listing = `
import ast, sys
tree = ast.parse(open(sys.argv[1], encoding="utf-8").read())
for node in tree.body:
    if isinstance(node, ast.ClassDef) and node.name in ("Thumbnail", "ThumbnailPipeline"):
        for member in node.body:
            if isinstance(member, ast.FunctionDef): print(node.name + "." + member.name)
`;
  const members = execFileSync(python!, ['-c', listing, join(sources, 'cdk_thumbnails', '__init__.py')], {
    encoding: 'utf8',
  });
  expect(members.split('\n')).toEqual(
    expect.arrayContaining([
      'Thumbnail.avatar',
      'Thumbnail.responsive_set',
      'ThumbnailPipeline.__init__',
      'ThumbnailPipeline.from_thumbnail_pipeline_attributes',
      'ThumbnailPipeline.grant_upload',
      'ThumbnailPipeline.metric_dead_letters',
    ]),
  );
});
