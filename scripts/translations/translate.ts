// Translates examples in TypeScript into the other languages of the CDK.
import { join } from 'node:path';
import { TargetLanguage, Translator, typeScriptSnippetFromVisibleSource } from 'jsii-rosetta';
import { Completion } from './complete';
import { JsiiTypes } from './jsii-types';

const root = join(__dirname, '../..');

export const LANGUAGES = ['python', 'java', 'csharp', 'go'] as const;
export type Language = (typeof LANGUAGES)[number];

export interface Example {
  /** Path of the page or file. */
  readonly page: string;
  readonly line: number;
  readonly code: string;
}

export interface Translation {
  readonly example: Example;
  readonly code: Readonly<Record<Language, string>>;
}

/** Result of {@link translate}. */
export interface Translated {
  readonly translations: readonly Translation[];
  /** Compiler errors, and constructs that cannot be translated, as `page:line: message`. */
  readonly problems: readonly string[];
}

/** Returns whether an example defines constructs, so that it can be translated. Other examples use JavaScript packages. */
export function definesConstructs(code: string): boolean {
  const modules = Array.from(code.matchAll(/from '([^']+)'/g), ([, module]) => module!);
  return (
    modules.includes('cdk-thumbnails') &&
    modules.every((name) => /^(?:aws-cdk-lib|constructs|cdk-thumbnails$)/.test(name))
  );
}

/** Compiles and translates examples. Requires the results of `npm run build:lib`. */
export function translate(examples: readonly Example[]): Translated {
  const types = new JsiiTypes();
  const translator = new Translator(true);
  const snippets = examples.map(({ page, line, code }) =>
    typeScriptSnippetFromVisibleSource(
      code,
      { api: { api: 'file', fileName: page }, field: { field: 'markdown', line } },
      true,
      { $directory: root },
    ),
  );
  const translations = translator.translateSnippets(snippets).map((translated, index) => {
    const example = examples[index]!;
    const source = (language: TargetLanguage): string => translated.get(language)?.source ?? '';
    const completion = new Completion(types, example.code);
    return {
      example,
      code: {
        python: completion.python(source(TargetLanguage.PYTHON)),
        java: completion.java(source(TargetLanguage.JAVA)),
        csharp: completion.csharp(source(TargetLanguage.CSHARP)),
        go: completion.go(source(TargetLanguage.GO)),
      },
    };
  });
  const errors = translator.diagnostics.filter(({ isError }) => isError);
  return { translations, problems: errors.map(({ formattedMessage }) => plain(formattedMessage)) };
}

/** Returns place and message of a diagnostic, such as `docs.guides.recipes.md:61: …`. */
function plain(formatted: string): string {
  // eslint-disable-next-line no-control-regex -- the compiler colours its messages
  const text = formatted.replace(/\u001b\[\d+m/g, '');
  const [, page, line, message] = /^(\S+)-L(\d+)\.ts:[\s\S]*?error *TS\d+: (.*)/.exec(text) ?? [];
  return page === undefined ? text.trim() : `${page}:${line}: ${message}`;
}
