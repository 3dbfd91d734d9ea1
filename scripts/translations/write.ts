// Translates all examples of the documentation into dist/translations.json. The site shows these translations beside
// TypeScript. Updates docs/guides/languages.md, which contains the examples of the README.
//
//   npm run translate                  all examples; requires npm run build:lib
//   npm run translate -- my-app.ts     prints one example in all languages
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { documentedExamples, examplesOf } from './examples';
import { LANGUAGES, type Translation, translate } from './translate';

const root = join(__dirname, '../..');
const PAGE = join(root, 'docs/guides/languages.md');

function main(file: string | undefined): void {
  const examples =
    file === undefined ? documentedExamples() : [{ page: file, line: 1, code: readFileSync(resolve(file), 'utf8') }];
  const { translations, problems } = translate(examples);
  for (const problem of problems) {
    console.error(problem);
  }
  if (problems.length > 0) {
    process.exitCode = 1;
  }
  if (file !== undefined) {
    for (const language of LANGUAGES) {
      console.log(`--- ${language}\n${translations[0]!.code[language]}`);
    }
    return;
  }
  const byExample = Object.fromEntries(translations.map(({ example, code }) => [example.code, code]));
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(join(root, 'dist/translations.json'), JSON.stringify(byExample));
  updatePage(translations);
  console.log(`dist/translations.json: ${translations.length} examples in ${LANGUAGES.length} languages`);
}

/** Replaces the blocks between `<!-- translations: N -->` and `<!-- end -->`. N is the number of an example of the README. */
function updatePage(translations: readonly Translation[]): void {
  const text = readFileSync(PAGE, 'utf8').replace(
    /(<!-- translations: (\d) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, start: string, number: string, end: string) => {
      const example = examplesOf('README.md')[Number(number) - 1]!;
      const { code } = translations.find((each) => each.example.code === example.code)!;
      const blocks = LANGUAGES.map((language) => `\`\`\`${language}\n${code[language]}\`\`\`\n`);
      return `${start}\n${blocks.join('\n')}\n${end}`;
    },
  );
  writeFileSync(PAGE, text);
}

main(process.argv[2]);
