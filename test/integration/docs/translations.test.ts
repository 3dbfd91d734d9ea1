import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { documentedExamples, examplesOf, TYPESCRIPT_ONLY } from '../../../scripts/translations/examples';
import { JsiiTypes } from '../../../scripts/translations/jsii-types';
import { type Language, LANGUAGES, type Translation, translate } from '../../../scripts/translations/translate';
import { blocksOf, pages, placeOf, read, root } from './blocks';

/** The only page whose translations are also visible on GitHub. The site shows translations on all pages. */
const PAGE = 'docs/guides/languages.md';
const GRAMMARS: Readonly<Record<Language, string>> = { python: 'python', java: 'java', csharp: 'c-sharp', go: 'go' };

let translations: readonly Translation[];
let problems: readonly string[];
beforeAll(() => ({ translations, problems } = translate(documentedExamples())), 300_000);

/** Returns the syntax errors in several code blocks. */
function syntaxErrors(codes: readonly { language: string; name: string; code: string }[]): string[] {
  const script = join(root, 'scripts/translations/syntax-errors.mjs');
  const output = execFileSync(process.execPath, [script], { input: JSON.stringify(codes), encoding: 'utf8' });
  return JSON.parse(output) as string[];
}

test('jsii-rosetta translates every example without a compile error', () => {
  process.stdout.write(
    `examples in five languages: ${translations.length}; TypeScript only: ${TYPESCRIPT_ONLY.length}\n`,
  );
  expect(problems).toEqual([]);
  const [, documented] = /^\| examples in other languages +\| at least (\d+) /m.exec(
    read('docs/explanation/comparison.md'),
  )!;
  expect(translations.length).toBeGreaterThanOrEqual(Number(documented));
});

test('every entry of TYPESCRIPT_ONLY refers to exactly one example', () => {
  for (const { page, text } of TYPESCRIPT_ONLY) {
    expect([page, text, examplesOf(page).filter(({ code }) => code.includes(text)).length]).toEqual([page, text, 1]);
  }
});

test('every translation has the syntax of its language', () => {
  const codesIn = (language: Language): { language: string; name: string; code: string }[] =>
    translations.map(({ example, code }) => ({
      language: GRAMMARS[language],
      name: `${example.page}:${example.line}`,
      code: code[language],
    }));
  const damagedIn = (language: Language): { language: string; name: string; code: string } => {
    const { code } = codesIn(language)[0]!;
    return { language: GRAMMARS[language], name: `damaged ${language}`, code: code.replace(/\)\s*;?\s*$/, '') };
  };
  // One process checks all languages, because the start of a process takes longer than the checks.
  const errors = syntaxErrors([...LANGUAGES.flatMap(codesIn), ...LANGUAGES.map(damagedIn)]);
  const isDamaged = (error: string): boolean => error.startsWith('damaged ');
  expect(errors.filter((error) => !isDamaged(error))).toEqual([]);
  const found = errors.filter(isDamaged).map((error) => /^damaged (\w+)/.exec(error)![1]);
  expect([...new Set(found)]).toEqual([...LANGUAGES]);
});

test('the Python translations import only types that the modules contain', () => {
  const missing = translations.flatMap(({ example, code }) =>
    [...code.python.matchAll(/^from (\S+) import (.+)$/gm)].flatMap(([, module = '', names = '']) =>
      names
        .split(', ')
        .map((name) => name.split(' as ')[0]!)
        .filter((name) => !types().hasPython(module, name))
        .map((name) => `${example.page}:${example.line}: ${module}.${name}`),
    ),
  );
  expect(missing).toEqual([]);
});

/** Types that the translations use without an import. */
const BUILT_IN: Readonly<Record<Exclude<Language, 'python'>, readonly string[]>> = {
  java: ['String', 'Number', 'Object', 'System', 'Override'],
  csharp: ['Dictionary', 'System'],
  go: [],
};

test.each(['java', 'csharp', 'go'] as const)('every type of the translations in %s is imported', (language) => {
  const undefinedNames = translations.flatMap((translation) => {
    const { code, example } = translation;
    const body = code[language].replace(/^(?:import|using) .*\n/gm, '').replace(/\/\/[^\n]*|"(?:\\.|[^"\\])*"/g, ' ');
    const declared = Array.from(body.matchAll(/\b(?:class|type|func) (\w+)/g), ([, name]) => name!);
    const names = new Set(
      body.match(
        language === 'go' ? /(?<=&|\[\])[A-Z]\w*(?=\{)/g : /(?<=new )[A-Z]\w*|(?<![.\w])[A-Z]\w*(?=\.[A-Za-z])/g,
      ),
    );
    const isKnown = (name: string): boolean =>
      declared.includes(name) ||
      BUILT_IN[language].includes(name) ||
      (language === 'java'
        ? new RegExp(`^import .*\\b${name};$`, 'm').test(code.java)
        : language === 'csharp' && types().hasCsharp(namespacesOf(code.csharp), name));
    return [...names].filter((name) => !isKnown(name)).map((name) => `${example.page}:${example.line}: ${name}`);
  });
  expect(undefinedNames).toEqual([]);
});

let loaded: JsiiTypes | undefined;
function types(): JsiiTypes {
  return (loaded ??= new JsiiTypes());
}

function namespacesOf(code: string): string[] {
  return Array.from(code.matchAll(/^using ([\w.]+);$/gm), ([, namespace]) => namespace!);
}

const python = ['python3', 'python'].find((command) => spawnSync(command, ['--version']).status === 0);

(python ? test : test.skip)('the Python compiler accepts every translation (needs Python)', () => {
  const check = 'import json, sys\nfor name, code in json.load(sys.stdin): compile(code, name, "exec")';
  const input = JSON.stringify(
    translations.map(({ example, code }) => [`${example.page}:${example.line}`, code.python]),
  );
  const { status, stderr } = spawnSync(python!, ['-c', check], { input, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

describe(`the page ${PAGE}`, () => {
  const sections = read(PAGE).split(/^## /m);

  test.each([
    ['A pipeline', 0],
    ['Props', 1],
  ])('the section "%s" contains the translations of the README', (heading, index) => {
    const section = sections.find((text) => text.startsWith(`${heading}\n`))!;
    const example = examplesOf('README.md')[index]!;
    const { code } = translations.find((each) => each.example.code === example.code)!;
    const shown = Array.from(section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm), ([, language, text]) => [
      language,
      text,
    ]);
    expect(shown).toEqual(LANGUAGES.map((language) => [language, code[language]]));
  });
});

test('only docs/guides/languages.md contains code in these languages', () => {
  const others = pages()
    .flatMap(blocksOf)
    .filter(({ language, page }) => (LANGUAGES as readonly string[]).includes(language) && page !== PAGE)
    .map(placeOf);
  expect(others).toEqual([]);
});
