// Writes the API reference: API.md, and a page for each public type in docs/reference/api. GitHub does not render the single
// page of jsii-docgen because of its size.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '..');
/** Folder of the generated pages. */
export const API_FOLDER = 'docs/reference/api';
/** Headings of the sections in API.md, by the heading that jsii-docgen writes. */
const SECTIONS = {
  Constructs: 'Constructs',
  Structs: 'Props and options',
  Classes: 'Enum-like classes',
  Enums: 'Enums',
  Protocols: 'Interfaces',
} as const;

interface Assembly {
  readonly types: Readonly<Record<string, { readonly docs?: { readonly summary?: string } }>>;
}

/**
 * Returns the pages of the API reference by path. Reads .jsii, which `npm run build:lib` writes.
 *
 * @throws Error if jsii-docgen writes a section that API.md does not have
 */
export function apiPages(): Map<string, string> {
  const { types } = JSON.parse(readFileSync(join(root, '.jsii'), 'utf8')) as Assembly;
  const { pages, sections } = split(generate());
  const summaries = new Map(
    [...pages.keys()].map((type) => [type, types[`cdk-thumbnails.${type}`]?.docs?.summary ?? '']),
  );
  const unknown = [...sections.keys()].filter((title) => !(title in SECTIONS));
  if (unknown.length > 0) {
    throw new Error(
      `jsii-docgen: unknown sections: ${unknown.join(', ')}; expected ${Object.keys(SECTIONS).join(', ')}; add them to scripts/api-pages.ts`,
    );
  }
  return new Map([
    ['API.md', index(sections, summaries)],
    ...Array.from(pages, ([type, text]): [string, string] => [`${API_FOLDER}/${type}.md`, linked(type, text, pages)]),
  ]);
}

/** Returns the API reference of jsii-docgen as one page. */
function generate(): string {
  const folder = mkdtempSync(join(tmpdir(), 'api-pages-'));
  try {
    // The generator reads the installed packages and needs no package registry.
    execFileSync(
      process.execPath,
      [join(root, 'node_modules/jsii-docgen/bin/jsii-docgen'), '--output', join(folder, 'API')],
      {
        cwd: root,
        stdio: 'pipe',
        env: { ...process.env, npm_config_registry: 'http://127.0.0.1:9/', npm_config_offline: 'true' },
      },
    );
    return readFileSync(join(folder, 'API.md'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Returns the text of each type and the names of the types by section. Moves the headings of each text up by one or two levels.
 */
function split(text: string): { pages: Map<string, string>; sections: Map<string, string[]> } {
  const pages = new Map<string, string>();
  const sections = new Map<string, string[]>();
  for (const section of text.split(/^(?=## )/m).slice(1)) {
    const [head = '', ...types] = section.split(/^(?=### )/m);
    const named = types.map((type) => /^### (\w+)/.exec(type)![1]!);
    sections.set(/^## (\w+)/.exec(head)![1]!, named);
    for (const [position, name] of named.entries()) {
      pages.set(name, types[position]!.replaceAll(/^##(?=#+ )/gm, '').trimEnd());
    }
  }
  return { pages, sections };
}

/** Returns the text of a page in which links to a type point to the page of this type. */
function linked(page: string, text: string, pages: ReadonlyMap<string, string>): string {
  const links = withLinks(text).replaceAll(/(?<=href="|\]\()#cdk-thumbnails\.(\w+)/g, (link, type: string) =>
    type !== page && pages.has(type) ? `${type}.md${link}` : link,
  );
  return `${links}\n\n[API reference](../../../API.md)\n`;
}

/** Replaces the link tags of doc comments with links to anchors of jsii-docgen. jsii-docgen leaves these tags unchanged. */
function withLinks(text: string): string {
  return text.replaceAll(/\{@link ([\w.]+) *\}/g, (_, name: string) =>
    /^[A-Z]/.test(name) ? `[\`${name}\`](#cdk-thumbnails.${name})` : `\`${name}\``,
  );
}

/** Returns the content of API.md. The page contains a table for each section. */
function index(sections: ReadonlyMap<string, readonly string[]>, summaries: ReadonlyMap<string, string>): string {
  const row = (type: string): string => {
    const summary = withLinks(summaries.get(type)!).replaceAll(
      /\]\((#cdk-thumbnails\.(\w+))/g,
      `](${API_FOLDER}/$2.md$1`,
    );
    return `| [${type}](${API_FOLDER}/${type}.md) | ${summary.replaceAll('|', '\\|')} |\n`;
  };
  const tables = Object.entries(SECTIONS).map(
    ([section, title]) =>
      `## ${title}\n\n| Name | Summary |\n| --- | --- |\n${(sections.get(section) ?? []).map(row).join('')}`,
  );
  return `# API reference\n\n${tables.join('\n')}`;
}

if (require.main === module) {
  const pages = apiPages();
  rmSync(join(root, API_FOLDER), { recursive: true, force: true });
  mkdirSync(join(root, API_FOLDER), { recursive: true });
  for (const [path, text] of pages) {
    writeFileSync(join(root, path), text);
  }
  console.log(`API.md, ${API_FOLDER}: ${pages.size} pages`);
}
