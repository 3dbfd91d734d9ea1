import ts from 'typescript';
import { createAnalyzer } from '../../../runtime/analysis/create-analyzer';
import { startAnalysisServer } from '../../support/aws/analysis-server';
import { imageOf } from '../../unit/analysis/fakes';
import { blocksOf } from './blocks';

type IsGenuine = (header: string, body: string, keys: Readonly<Record<string, string>>) => boolean;

/** Returns the function of the page that checks signatures. */
function documentedCheck(): IsGenuine {
  const { code } = blocksOf('docs/guides/moderation.md').find((block) => block.code.includes('function isGenuine('))!;
  const { outputText } = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
  const exported: { isGenuine?: IsGenuine } = {};
  // oxlint-disable-next-line typescript/no-implied-eval, typescript/no-unsafe-call -- executes the block of the page
  new Function('exports', 'require', outputText)(exported, require);
  return exported.isGenuine!;
}

test('the documented function accepts only the signature of the runtime', async () => {
  const isGenuine = documentedCheck();
  const server = await startAnalysisServer();
  try {
    server.respond = () => ({ body: { version: 1, verdict: 'allow' } });
    const keys = { k1: 'a'.repeat(32), k2: 'b'.repeat(32) };
    const signingKey = () => Promise.resolve({ id: 'k2', key: keys.k2 });
    await createAnalyzer({ provider: 'http', url: server.url }, { signingKey }).analyze(
      imageOf('frame'),
      new AbortController().signal,
    );
    const [{ headers, body }] = server.requests as [(typeof server.requests)[number]];
    const header = String(headers['thumbnail-signature']);
    expect(isGenuine(header, body, keys)).toBe(true);
    expect(isGenuine(header, `${body} `, keys)).toBe(false);
    expect(isGenuine(header, body, { k2: keys.k1 })).toBe(false);
    expect(isGenuine(header, body, { k1: keys.k1 })).toBe(false);
    expect(isGenuine(header.replace(/^t=\d+/, 't=1'), body, keys)).toBe(false);
    expect(isGenuine('', body, keys)).toBe(false);
  } finally {
    await server.stop();
  }
});
