// Compiles the Java translations of all examples against the generated Java sources of the CDK and of this library:
//
//   npm run check:java    requires javac and npm run build:lib; the first execution writes 13,000 files to dist/java
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { documentedExamples } from './examples';
import { STUBS } from './java-stubs';
import { translate } from './translate';

const root = join(__dirname, '../..');
const folder = join(root, 'dist/java');

function main(): void {
  if (spawnSync('javac', ['-version']).status !== 0) {
    console.error('javac is not installed: the Java examples are not compiled');
    return;
  }
  const sources = [
    generated('aws-cdk-lib', join(root, 'node_modules/aws-cdk-lib')),
    generated('constructs', join(root, 'node_modules/constructs')),
    generated('library', root, true),
    join(folder, 'stubs'),
  ];
  for (const [name, text] of STUBS) {
    write(join(folder, 'stubs', `${name.replaceAll('.', '/')}.java`), text);
  }
  const examples = join(folder, 'examples');
  rmSync(examples, { recursive: true, force: true });
  const files = translate(documentedExamples()).translations.map(({ example, code }) => {
    const name = `${example.page.replace(/\W/g, '_')}_${example.line}`;
    const imports = code.java.match(/^import .*$/gm) ?? [];
    const body = code.java.replace(/^import .*$/gm, '');
    const types = body.match(/^(?:public )?(?:class|interface) [\s\S]*?^}$/gm) ?? [];
    const statements = types.reduce((rest, type) => rest.replace(type, ''), body);
    const nested = types.map((type) => `static ${type}`).join('\n');
    const content = `${nested}\nstatic void run() {${statements}}`;
    return write(join(examples, `${name}.java`), `${imports.join('\n')}\nclass ${name} {\n${content}\n}\n`);
  });
  execFileSync(
    'javac',
    ['-proc:none', '-implicit:none', '-nowarn', '-Xmaxerrs', '1000', '-d', join(folder, 'classes')].concat(
      ['-sourcepath', sources.join(':')],
      files,
    ),
    { stdio: 'inherit' },
  );
  console.log(`${files.length} examples compile in Java`);
}

/** Generates the Java sources of a package, and returns their folder. */
function generated(name: string, path: string, always = false): string {
  const target = join(folder, name);
  if (always || !existsSync(target)) {
    execFileSync(
      process.execPath,
      [
        join(root, 'node_modules/jsii-pacmak/bin/jsii-pacmak'),
        ...['--code-only', '--target', 'java', '--outdir', target, path],
      ],
      { stdio: ['ignore', 'ignore', 'inherit'], cwd: root },
    );
  }
  return join(target, 'java/src/main/java');
}

function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

main();
