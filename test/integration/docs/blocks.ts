import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_FOLDER } from '../../../scripts/api-pages';

export const root = join(__dirname, '../../..');

/** Rows of a table; the first row is its header. */
export type Table = readonly (readonly string[])[];

/** A code block of a page. */
export interface Block {
  /** Path of the page, relative to the repository. */
  readonly page: string;
  /** Line of the page at which the block starts. */
  readonly line: number;
  /** Text after the opening backticks. */
  readonly language: string;
  readonly code: string;
  /** Nearest heading above the block. */
  readonly heading: string;
  /** Whether the block directly follows another block, such as output after a command. */
  readonly isOutput: boolean;
}

/** Returns the paths of all pages, without the generated API reference, which has separate tests. */
export function pages(): string[] {
  const below = (folder: string): string[] =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
      .map((path) => join(folder, path))
      .filter((path) => !path.startsWith(`${API_FOLDER}/`));
  return ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...below('docs'), ...below('examples')].toSorted();
}

export function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** Returns the code blocks of a page, without the indentation of lists. */
export function blocksOf(page: string): Block[] {
  const text = read(page);
  return [...text.matchAll(/^( *)```([^\n]*)\n([\s\S]*?)^\1```$/gm)].map((match) => {
    const [, indentation = '', language = '', code = ''] = match;
    const before = text.slice(0, match.index);
    return {
      page,
      line: before.split('\n').length,
      language: language.trim(),
      code: code.replace(new RegExp(`^${indentation}`, 'gm'), ''),
      heading: [...before.matchAll(/^#+ (.+)$/gm)].at(-1)?.[1] ?? '',
      isOutput: before.endsWith('\n```\n\n'),
    };
  });
}

/** Returns the position of a block as `README.md:17`. Editors can open this text. */
export function placeOf({ page, line }: Block): string {
  return `${page}:${line}`;
}

/** Returns the cells of the Markdown tables in a text, without separator rows. */
export function rowsIn(markdown: string): string[][] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^[|\s:-]+$/.test(line))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    );
}

/** Returns a table in Markdown. */
export function toMarkdown([head, ...rows]: Table): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head!), line(head!.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Returns the rows of the first table below a heading. Each row is an object whose keys are the column names. */
export function tableBelow(page: string, heading: string): Record<string, string>[] {
  const section = read(page)
    .split(/^#+ /m)
    .find((part) => part.startsWith(`${heading}\n`));
  const table = section?.slice(section.indexOf('\n|')).split(/\n\n/)[0] ?? '';
  const [head = [], ...rows] = rowsIn(table);
  return rows.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index] ?? ''])));
}

/** Returns a text without backticks. */
export function plain(text: string): string {
  return text.replaceAll('`', '');
}
