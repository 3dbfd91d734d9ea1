// Copies docs/ and some pages of the root to site/pages, and adds the translations of the examples (npm run translate). The
// site needs copies, because VitePress cannot import Vue for pages outside of site/. The build of the site runs this script.
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const target = join(import.meta.dirname, 'pages');
rmSync(target, { recursive: true, force: true });
for (const name of ['docs', 'README.md', 'API.md', 'CHANGELOG.md', 'CONTRIBUTING.md']) {
  cpSync(join(root, name), join(target, name), { recursive: true });
}
for (const name of readdirSync(target, { recursive: true }).filter((path) => /(?:^|[\\/])README\.md$/.test(path))) {
  renameSync(join(target, name), join(target, dirname(name), 'index.md'));
}

const file = join(root, 'dist/translations.json');
/** Translations of the examples. The key is the TypeScript code of an example. */
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

// Pages of the generated API reference contain no link for editing.
const reference = join(target, 'docs/reference/api');
for (const path of [join(target, 'API.md'), ...readdirSync(reference).map((name) => join(reference, name))]) {
  // VitePress converts the links of Markdown, but not the links of HTML.
  const text = readFileSync(path, 'utf8').replaceAll(/(?<=href=")(\w+)\.md(?=#)/g, './$1');
  writeFileSync(path, `---\neditLink: false\noutline: 2\n---\n\n${text}`);
}
