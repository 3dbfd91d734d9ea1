import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';

/**
 * Builds `cdk-thumbnails/signer`: one readable CommonJS file without dependencies, and its types. The jsii packages for other
 * languages do not contain this module. docs/reference/http-api.md describes signing in these languages.
 *
 * @throws Error if the types of the source file depend on other files
 */
export async function buildSigner(root: string, outdir: string): Promise<void> {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  await build({
    entryPoints: [join(root, 'client/signer.ts')],
    outfile: join(outdir, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
  });
  writeFileSync(join(outdir, 'index.d.ts'), declarationsOf(join(root, 'runtime/http/links/sign.ts')));
}

/**
 * Returns the declarations of a source file without internal members.
 *
 * @throws Error if the types of the source file depend on other files
 */
export function declarationsOf(source: string): string {
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(readFileSync(source, 'utf8'), {
    fileName: source,
    compilerOptions: { stripInternal: true, isolatedDeclarations: true, target: ts.ScriptTarget.ES2023 },
  });
  if (diagnostics.length > 0) {
    throw new Error(
      diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')).join('\n'),
    );
  }
  return outputText;
}
