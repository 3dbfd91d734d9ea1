// Collects the pages of the site in site/pages: copies of docs/ and of pages of the root, with the translations of their
// examples (npm run translate), and one page for each class and interface of API.md. Pages outside of site/ could not import Vue. The build of the site runs this script.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const target = join(import.meta.dirname, 'pages');
rmSync(target, { recursive: true, force: true });
for (const name of ['docs', 'README.md', 'CHANGELOG.md', 'CONTRIBUTING.md']) {
  cpSync(join(root, name), join(target, name), { recursive: true });
}
for (const name of readdirSync(target, { recursive: true }).filter((path) => /(?:^|[\\/])README\.md$/.test(path))) {
  renameSync(join(target, name), join(target, dirname(name), 'index.md'));
}

const file = join(root, 'dist/translations.json');
/** Translations by example in TypeScript. */
const translations = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
const LABELS = { python: 'Python', java: 'Java', csharp: 'C#', go: 'Go' };
let translated = 0;
for (const name of readdirSync(target, { recursive: true }).filter((path) => path.endsWith('.md'))) {
  const page = readFileSync(join(target, name), 'utf8');
  writeFileSync(join(target, name), page.replaceAll(/^( *)```ts\n([\s\S]*?)^\1```$/gm, withTabs));
}
console.log(`site/pages: ${translated} examples with tabs for ${Object.keys(LABELS).length + 1} languages`);

/** Returns an example with one tab for each language. */
function withTabs(block, indentation, code) {
  const found = translations[code.replaceAll(new RegExp(`^${indentation}`, 'gm'), '')];
  if (found === undefined) {
    return block;
  }
  translated++;
  const tabs = [['ts', 'TypeScript', code.replaceAll(new RegExp(`^${indentation}`, 'gm'), '')]].concat(
    Object.entries(LABELS).map(([language, label]) => [language, label, found[language]]),
  );
  const text = tabs.map(([language, label, each]) => `\`\`\`${language} [${label}]\n${each}\`\`\``).join('\n\n');
  return `::: code-group\n\n${text}\n\n:::`.replaceAll(/^(?=.)/gm, indentation);
}

const folder = join(target, 'api');
const text = readFileSync(join(root, 'API.md'), 'utf8');

/** Content of a page: a type, with its headings one level up. */
const pages = new Map();
/** Names of the types by section, such as Constructs. */
const sections = new Map();
let section = '';
let name = '';
for (const line of text.split('\n')) {
  const [, level, title] = /^(##|###) ([\w ]+?) <a /.exec(line) ?? [];
  if (level === '##') {
    section = title;
    sections.set(section, []);
    name = '';
  } else if (level === '###') {
    name = title;
    sections.get(section).push(name);
    pages.set(name, [`# ${name}`]);
  } else if (name !== '') {
    pages.get(name).push(line.replace(/^##(#+ )/, '$1'));
  }
}

/** Replaces links to anchors of API.md with links to the pages of the types. */
function linked(content) {
  return content.replaceAll(/(?<=href="|\]\()#cdk-thumbnails\.(\w+)([\w.-]*)/g, (_, type, rest) =>
    pages.has(type) ? `./${type}#cdk-thumbnails.${type}${rest}` : `#cdk-thumbnails.${type}${rest}`,
  );
}

mkdirSync(folder, { recursive: true });
for (const [type, lines] of pages) {
  writeFileSync(join(folder, `${type}.md`), `---\neditLink: false\noutline: 2\n---\n\n${linked(lines.join('\n'))}\n`);
}
const index = [...sections].map(
  ([title, types]) => `## ${title}\n\n${types.map((type) => `- [${type}](./${type}.md)`).join('\n')}\n`,
);
writeFileSync(join(folder, 'index.md'), `---\neditLink: false\n---\n\n# Constructs and props\n\n${index.join('\n')}`);
console.log(`site/pages/api: ${pages.size} pages`);
