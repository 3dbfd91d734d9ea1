import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { devDependencies, engines } from '../../../package.json';

const root = join(__dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/**
 * An issue form:
 * https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-issue-forms
 */
interface IssueForm {
  readonly name: string;
  readonly description: string;
  readonly body: readonly {
    readonly type: string;
    readonly id: string;
    readonly attributes: { readonly label?: string };
  }[];
}

const forms = readdirSync(join(root, '.github/ISSUE_TEMPLATE')).filter((file) => file !== 'config.yml');

test.each(forms)('%s is an issue form with distinct ids', (file) => {
  const { name, description, body } = parse(read(`.github/ISSUE_TEMPLATE/${file}`)) as IssueForm;
  expect([typeof name, typeof description]).toEqual(['string', 'string']);
  expect(new Set(body.map(({ id }) => id)).size).toBe(body.length);
  for (const { type, attributes } of body) {
    expect(['textarea', 'input', 'dropdown', 'checkboxes']).toContain(type);
    expect(typeof attributes.label).toBe('string');
  }
});

test('links of the community files lead to existing files', () => {
  const pages = readdirSync(join(root, '.github')).filter((file) => file.endsWith('.md'));
  const broken = pages.flatMap((page) =>
    [...read(`.github/${page}`).matchAll(/\]\((?!https?:)([^)#]+)/g)].filter(
      ([, path]) => !existsSync(join(root, dirname(`.github/${page}`), path!)),
    ),
  );
  expect(pages.length).toBeGreaterThanOrEqual(4);
  expect(broken).toEqual([]);
});

test('the Dependabot configuration covers npm, actions and images with installed packages only', () => {
  const { updates } = parse(read('.github/dependabot.yml')) as {
    readonly updates: readonly {
      readonly 'package-ecosystem': string;
      readonly directories?: readonly string[];
      readonly groups?: Readonly<Record<string, { readonly patterns: readonly string[] }>>;
    }[];
  };
  expect(updates.map((update) => update['package-ecosystem'])).toEqual(['npm', 'npm', 'github-actions', 'docker']);
  const lockfiles = updates.flatMap(({ directories = [] }) => directories.map((path) => `.${path}/package-lock.json`));
  expect(lockfiles.filter((path) => read(path).length === 0)).toEqual([]);
  const names = Object.keys(devDependencies);
  const unused = Object.values(updates[0]!.groups!)
    .flatMap(({ patterns }) => patterns)
    .filter((pattern) => !names.some((name) => new RegExp(`^${pattern.replace('*', '.*')}$`).test(name)));
  expect(unused).toEqual([]);
});

test('the version in .nvmrc is a supported version of Node.js', () => {
  const [lowest] = /\d+/.exec(engines.node)!;
  expect(Number(read('.nvmrc'))).toBeGreaterThanOrEqual(Number(lowest));
  expect(read('.devcontainer/devcontainer.json')).toContain(`typescript-node:${read('.nvmrc').trim()}-`);
});
