import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(__dirname, '../../..');

/** A block of code in a page. */
export interface Block {
  /** Path of the page in the repository. */
  readonly page: string;
  /** Line of the page on which it begins. */
  readonly line: number;
  /** What stands behind the three backticks. */
  readonly language: string;
  readonly code: string;
  /** The heading that it stands under. */
  readonly heading: string;
  /** Whether it stands right below another block, as its output does. */
  readonly isOutput: boolean;
}

/** Every page that people read; API.md is generated, and checked by itself. */
export function pages(): string[] {
  const below = (folder: string): string[] =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
      .map((path) => join(folder, path));
  return ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...below('docs'), ...below('examples')].toSorted();
}

export function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** The blocks of a page in their order, without the indentation that a list gives them. */
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

/** `README.md:17`, as editors jump to it. */
export function placeOf({ page, line }: Block): string {
  return `${page}:${line}`;
}
