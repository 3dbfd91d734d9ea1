import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';
import { DEFAULT_THUMBNAILS } from '../../../runtime/contract';
import { fileName, MANIFEST_FILE, thumbnailSetFolder } from '../../../runtime/pipeline/thumbnail-set/thumbnail-keys';
import { synthesizeCode } from '../../support/templates/synthesized-code';
import { blocksOf, pages, placeOf, read, root, type Block } from './blocks';
import { commandProblems } from './commands';

const blocks = pages().flatMap(blocksOf);

/** A test of the code blocks that `accepts` selects. */
interface Tester {
  readonly name: string;
  readonly accepts: (block: Block) => boolean;
  /** Check of a block; undefined if another test checks the block. */
  readonly check?: (block: Block) => void;
}

const isIn =
  (page: string, ...languages: string[]) =>
  (block: Block) =>
    block.page === page && languages.includes(block.language);
const definesStacks = ({ code }: Block): boolean => /from '(?:aws-cdk-lib|cdk-thumbnails)'/.test(code);

/** Words of the Logs Insights query language, and fields of every log line. */
const QUERY_WORDS = new Set(
  'fields filter stats sort limit by as in like and or not asc desc bin message level'.split(' '),
);

const testers: readonly Tester[] = [
  {
    name: 'compiled and synthesized',
    accepts: (block) => block.language === 'ts' && definesStacks(block),
    check: ({ code, page }) => {
      const stacks = synthesizeCode(code, { file: join(root, page) });
      expect(stacks.length).toBeGreaterThan(0);
      for (const { template } of stacks) {
        expect(Object.keys((template as { readonly Resources?: object }).Resources ?? {})).not.toHaveLength(0);
      }
    },
  },
  {
    name: 'compiled; executed in recipes.test.ts',
    accepts: ({ code, language }) => language === 'ts' && code.includes('function backfill('),
  },
  { name: 'compiled', accepts: ({ language }) => language === 'ts' },
  { name: 'executed in http-api.test.ts', accepts: isIn('docs/reference/http-api.md', 'sh', 'js') },
  {
    name: 'output compared in http-api.test.ts',
    accepts: (block) => isIn('docs/reference/http-api.md', 'text')(block) && block.isOutput,
  },
  {
    name: 'signed as the text says',
    accepts: (block) => block.page === 'docs/reference/http-api.md' && block.code.startsWith('GET\n'),
    check: ({ page, code }) => {
      const [, key, signature] = /with the key\s+`(\w+)`[\s\S]*?The signature is `(\w+)`/.exec(read(page))!;
      expect(createHmac('sha256', key!).update(code.trim()).digest('hex')).toBe(signature);
    },
  },
  {
    name: 'commands checked',
    accepts: ({ language }) => ['sh', 'bash'].includes(language),
    check: ({ code }) => expect(commandProblems(code)).toEqual([]),
  },
  {
    name: 'commands checked, output not checked',
    accepts: ({ language }) => language === 'console',
    check: ({ code }) => {
      const commands = [...code.matchAll(/^\$ (.+(?:\\\n.+)*)/gm)].map(([, command]) => command!);
      expect(commands).not.toEqual([]);
      expect(commandProblems(commands.join('\n'))).toEqual([]);
    },
  },
  {
    name: 'compared with translations in translations.test.ts',
    accepts: isIn('docs/guides/languages.md', 'python', 'java', 'csharp', 'go'),
  },
  { name: 'parsed as settings in portability.test.ts', accepts: isIn('docs/guides/portability.md', 'yaml') },
  {
    name: 'parsed',
    accepts: ({ language }) => ['yaml', 'json'].includes(language),
    check: ({ code }) => {
      expect(parseAllDocuments(code).flatMap(({ errors }) => errors)).toEqual([]);
    },
  },
  {
    name: 'files exist',
    accepts: (block) => isIn('docs/explanation/architecture.md', 'text')(block) && block.heading === 'Folders',
    check: ({ code }) => expect(filesOf(code).filter((path) => !existsSync(join(root, path)))).toEqual([]),
  },
  {
    name: 'modules exist',
    accepts: (block) => isIn('docs/explanation/architecture.md', 'text')(block) && block.heading === 'Dependencies',
    check: ({ code }) => {
      const named = new Set(code.replace('all runtime modules', '').match(/[a-z]+(?:\/[a-z]+)?/g));
      expect([...named].filter((path) => !existsSync(join(root, path)))).toEqual([]);
      const modules = readdirSync(join(root, 'runtime'), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `runtime/${name}`);
      expect([...named].toSorted()).toEqual([...modules, 'cli', 'container', 'cost', 'lambda', 'lib'].toSorted());
    },
  },
  {
    name: 'object keys match the runtime',
    accepts: (block) => isIn('docs/explanation/architecture.md', 'text')(block) && block.heading === 'Object keys',
    check: ({ code }) => {
      const files = DEFAULT_THUMBNAILS.flatMap(({ name, formats }) => formats.map(({ type }) => fileName(name, type)));
      const folder = thumbnailSetFolder('', 'a/cat.jpg');
      expect(code.trim().split('\n')).toEqual([...files, MANIFEST_FILE].map((file) => `${folder}/${file}`));
    },
  },
  {
    name: 'Logs Insights query with fields of the logs',
    accepts: ({ language, code }) => ['', 'text'].includes(language) && /^(?:fields|filter|stats) /.test(code),
    check: ({ code }) => {
      const logs = read('runtime/program/observer.ts') + read('lib/api/thumbnail-api.ts');
      const words = code.replace(/"[^"]*"|\w+\(/g, ' ').match(/(?<![@\w])[a-z]\w*/gi)!;
      expect(words.filter((word) => !QUERY_WORDS.has(word) && !new RegExp(`\\b${word}\\b`).test(logs))).toEqual([]);
    },
  },
];

const tested = blocks.map((block) => ({ block, tester: testers.find(({ accepts }) => accepts(block)) }));

test('every code block has a check', () => {
  const counts = new Map<string, number>();
  for (const { tester } of tested) {
    if (tester) {
      counts.set(tester.name, (counts.get(tester.name) ?? 0) + 1);
    }
  }
  const untested = tested
    .filter(({ tester }) => !tester)
    .map(({ block }) => `${placeOf(block)} (${block.language || 'no language'})`);
  process.stdout.write(
    `code blocks tested: ${blocks.length - untested.length} of ${blocks.length}\n` +
      [...counts].map(([name, count]) => `  ${count} ${name}\n`).join(''),
  );
  expect(untested).toEqual([]);
  expect(blocks.length).toBeGreaterThanOrEqual(50);
});

test('every code block has a closing fence that this test recognizes', () => {
  for (const page of pages()) {
    expect([page, read(page).match(/^ *```/gm)?.length ?? 0]).toEqual([page, 2 * blocksOf(page).length]);
  }
});

test('all TypeScript blocks compile', () => {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)).config as {
    compilerOptions: object;
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const files = new Map(
    blocks
      .filter(({ language }) => language === 'ts')
      .map((block, index) => [join(root, 'test/integration/docs', `block-${index}.ts`), block]),
  );
  const host = ts.createCompilerHost(options);
  host.fileExists = (path) => files.has(path) || ts.sys.fileExists(path);
  host.readFile = (path) => files.get(path)?.code ?? ts.sys.readFile(path);
  const program = ts.createProgram([...files.keys()], { ...options, noUnusedLocals: false }, host);
  const problems = [...files.keys()].flatMap((path) => ts.getPreEmitDiagnostics(program, program.getSourceFile(path)));
  const messages = problems.map(({ file, messageText }) => {
    const block = file && files.get(file.fileName);
    return `${block ? placeOf(block) : relative(root, file?.fileName ?? '')}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
  expect(messages).toEqual([]);
}, 120_000);

const checked = tested.flatMap(({ block, tester }) =>
  tester?.check ? [{ place: placeOf(block), how: tester.name, block, check: tester.check }] : [],
);
test.each(checked)('$place: $how', ({ block, check }) => check(block));

describe('the command checks report', () => {
  test.each([
    ['npm run nothing', './package.json has no script nothing'],
    ['npx cdk-thumbnails render photos/ --nothing', 'unknown option: cdk-thumbnails render --nothing'],
    ['npx jest test/nothing.test.ts', 'does not exist: test/nothing.test.ts'],
    ['X=1 npx nothing', 'not installed: nothing'],
    [
      'aws sqs start-message-move-task --source-arn a --nothing b',
      'unknown option: aws sqs start-message-move-task --nothing',
    ],
    ['aws sqs nothing', 'unknown operation: aws sqs nothing'],
    ['echo "$(nothing)" && nothing | sort', 'unknown program: nothing; add it to test/integration/docs/commands.ts'],
  ])('%s', (code, problem) => {
    expect(commandProblems(code)).toEqual([problem]);
  });

  test('the check reports a shell syntax error', () => {
    expect(commandProblems("echo 'open")).toEqual([expect.stringMatching(/[Uu]nterminated/)]);
  });
});

test('links between pages lead to existing files and headings', () => {
  const anchors = (path: string): string[] =>
    [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/[`*_]/g, '')
        .replace(/[^\p{L}\p{N} -]/gu, '')
        .replaceAll(' ', '-'),
    );
  const broken = pages().flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].flatMap(([link, file, anchor]) => {
      const path = file ? join(root, dirname(page), file) : join(root, page);
      const exists = existsSync(path) && (anchor === undefined || anchors(path).includes(anchor));
      return exists ? [] : [`${page}: ${link}`];
    }),
  );
  expect(broken).toEqual([]);
});

/** Returns the paths of an indented file tree. */
function filesOf(tree: string): string[] {
  const folders: string[] = [];
  return [...tree.matchAll(/^( *)([\w.-]+\/?)/gm)].map(([, indentation = '', name = '']) => {
    folders.length = indentation.length / 2;
    const path = join(...folders, name);
    if (name.endsWith('/')) {
      folders.push(name);
    }
    return path;
  });
}
