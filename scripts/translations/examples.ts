// Code blocks of the documentation that define constructs.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { definesConstructs, type Example } from './translate';

const root = join(__dirname, '../..');

/** Examples in TypeScript only, with the reason. */
export const TYPESCRIPT_ONLY: readonly { readonly page: string; readonly text: string; readonly reason: string }[] = [
  {
    page: 'CONTRIBUTING.md',
    text: 'class Ec2Compute',
    reason: 'changes the library itself, which is written in TypeScript',
  },
  { page: 'docs/explanation/security.md', text: 'class StrictOnLambda', reason: 'two stacks share object literals' },
  { page: 'docs/guides/recipes.md', text: 'Array.from', reason: 'creates a thousand rules by a function' },
  { page: 'docs/guides/recipes.md', text: 'IPropertyInjector', reason: 'merges object literals' },
  {
    page: 'docs/guides/cross-account.md',
    text: 'targets.EventBus',
    reason: 'uses two classes with the name EventBus, which jsii-rosetta confuses',
  },
  {
    page: 'docs/reference/events.md',
    text: 'ApiDestinationTarget',
    reason: 'uses two classes with the name ApiDestination, which jsii-rosetta confuses',
  },
];

/**
 * Returns all examples that define constructs, from README.md and the folders docs and examples. Excludes examples that exist
 * in TypeScript only.
 */
export function documentedExamples(): Example[] {
  const below = (folder: string): string[] =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => !path.includes('node_modules') && (path.endsWith('.md') || path.endsWith('app.ts')))
      .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
      .toSorted();
  return ['README.md', 'CONTRIBUTING.md', ...below('docs'), ...below('examples')]
    .flatMap(examplesOf)
    .filter(({ page, code }) => !TYPESCRIPT_ONLY.some((each) => each.page === page && code.includes(each.text)));
}

/** Returns the examples in a Markdown page or in the source file of an app. */
export function examplesOf(page: string): Example[] {
  const text = readFileSync(join(root, page), 'utf8');
  const examples = page.endsWith('.ts')
    ? [{ page, line: 1, code: text }]
    : Array.from(text.matchAll(/^( *)```ts\n([\s\S]*?)^\1```$/gm), (match) => ({
        page,
        line: text.slice(0, match.index).split('\n').length,
        code: match[2]!.replaceAll(new RegExp(`^${match[1]}`, 'gm'), ''),
      }));
  return examples.filter(({ code }) => definesConstructs(code));
}
