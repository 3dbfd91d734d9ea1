import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import eslint from '@eslint/js';
import { importX } from 'eslint-plugin-import-x';
import prettier from 'eslint-config-prettier';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * Requires one form of `@throws`: the class, optionally the codes, and the condition.
 *
 * @example "@throws ImageRejection with code `too-many-pixels` if the image exceeds `maxPixels`"
 */
const throwsForm = {
  meta: { type: 'suggestion', messages: { form: 'expected "@throws ErrorClass if …" or "… with code `code` if …"' } },
  create(context) {
    const form = /^[A-Z]\w*(?: with code `[\w-]+`(?:(?:, | or )`[\w-]+`)*)? if \S/;
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          const [, ...tags] = comment.type === 'Block' ? comment.value.split(/^[ *]*@throws\b/m) : [];
          if (tags.some((text) => !form.test(text.replace(/\s*\n\s*\*?\s*/g, ' ').trim()))) {
            context.report({ loc: comment.loc, messageId: 'form' });
          }
        }
      },
    };
  },
};

/** Caches the imports of each module by the path of the module. */
const importsByModule = new Map();

/** Returns the modules of this project that a module imports or exports from, types included. */
function importsOf(file) {
  if (!importsByModule.has(file)) {
    const paths = readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^;'"]*?\bfrom '(\.[^']*)'/gm);
    const modules = [...paths].flatMap(([, path]) => {
      const base = resolve(dirname(file), path);
      return [`${base}.ts`, `${base}.tsx`, join(base, 'index.ts')].find((candidate) => existsSync(candidate)) ?? [];
    });
    importsByModule.set(file, modules);
  }
  return importsByModule.get(file);
}

/** Rejects import cycles, including cycles of type imports. */
const noTypeCycle = {
  meta: { type: 'problem', messages: { cycle: 'the import is part of a cycle: {{path}}' } },
  create(context) {
    return {
      Program(node) {
        const start = context.filename;
        const pathTo = new Map([[start, []]]);
        for (const [file, path] of pathTo) {
          for (const next of importsOf(file)) {
            if (next === start) {
              const cycle = [...path, start].map((each) => relative(import.meta.dirname, each)).join(' → ');
              context.report({ node, messageId: 'cycle', data: { path: cycle } });
              return;
            }
            if (!pathTo.has(next)) {
              pathTo.set(next, [...path, next]);
            }
          }
        }
      },
    };
  },
};

/** Folders of the entry points, for the layers of docs/explanation/architecture.md. */
const ENTRY_POINTS = ['./lambda', './container', './cli', './client'];
const PAGE_IMPORTS =
  'the page imports the client, the cost model, the contract and the types of the studio server only';
const zones = [
  { target: './runtime/errors', from: ['./runtime', './lib'], except: ['./errors'], message: 'errors imports nothing' },
  {
    target: './runtime/contract',
    from: ['./runtime', './lib'],
    except: ['./contract'],
    message: 'the contract imports nothing',
  },
  {
    target: './runtime/errors',
    from: ['./runtime', './lib'],
    except: ['./errors'],
    message: 'the error codes import nothing',
  },
  {
    target: ['./runtime/engine', './runtime/storage', './runtime/config'],
    from: ['./runtime/analysis', './runtime/pipeline', './runtime/http', './runtime/program'],
  },
  { target: './runtime/engine', from: ['./runtime/storage', './runtime/config'] },
  { target: './runtime/storage', from: ['./runtime/engine', './runtime/config'] },
  { target: './runtime/config', from: ['./runtime/engine', './runtime/storage'] },
  {
    target: './runtime/analysis',
    from: [
      './runtime/storage',
      './runtime/config',
      './runtime/pipeline',
      './runtime/events',
      './runtime/http',
      './runtime/program',
    ],
    message: 'analysis imports only the contract, the error codes and the engine',
  },
  { target: './runtime/pipeline', from: ['./runtime/events', './runtime/http', './runtime/program'] },
  { target: './runtime/events', from: ['./runtime/http', './runtime/program'] },
  { target: './runtime/http', from: ['./runtime/events', './runtime/program'] },
  { target: './runtime', from: [...ENTRY_POINTS, './cost', './lib', './bin', './scripts', './test'] },
  { target: './lambda', from: ['./cost', './container', './cli', './client', './lib', './bin', './scripts', './test'] },
  { target: './container', from: ['./cost', './lambda', './cli', './client', './lib', './bin', './scripts', './test'] },
  { target: './cli', from: ['./lambda', './lib', './bin', './scripts', './test'] },
  { target: ['./cli/*.ts', './cli/!(studio)/**', './cli/studio/*.ts', './cli/studio/server/**'], from: './client' },
  { target: './cli/studio/page', from: './container', message: PAGE_IMPORTS },
  { target: './cli/studio/page', from: './runtime', except: ['./contract'], message: PAGE_IMPORTS },
  {
    target: './cli/studio/page',
    from: './cli',
    except: ['./studio/page', './studio/studio-api.ts'],
    message: PAGE_IMPORTS,
  },
  { target: './client', from: ['./lambda', './container', './cli', './lib', './bin', './scripts', './test'] },
  {
    target: './lib',
    from: './runtime',
    except: ['./contract'],
    message: 'lib/ shares only the contract with the runtime',
  },
  { target: './lib/compute/ecs', from: ['./lib/compute/eks', './lib/compute/fargate', './lib/compute/lambda'] },
  { target: './lib/compute/eks', from: ['./lib/compute/fargate', './lib/compute/lambda'] },
  { target: './lib/compute/eks/manifests', from: './lib', except: ['./compute/eks/manifests'] },
  {
    target: './test/integ',
    from: [...ENTRY_POINTS, './runtime', './cost', './scripts'],
    message: 'the apps use the library only',
  },
  { target: './lib', from: [...ENTRY_POINTS, './cost', './bin', './scripts', './test'] },
  {
    target: './cost',
    from: [...ENTRY_POINTS, './runtime', './lib', './bin', './scripts', './bench', './test'],
    message: 'cost/ imports nothing, so that web pages can use it',
  },
];

export default defineConfig(
  {
    ignores: [
      'dist/',
      'cdk.out/',
      'coverage/',
      'node_modules/',
      '.thumbnails/',
      // The packages of these examples are installed separately, so that their types can be missing.
      'examples/web/{nextjs,nuxt,amplify}/',
      'examples/web/react/dist/',
      'site/',
    ],
  },
  eslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommended],
    plugins: { 'import-x': importX, local: { rules: { 'throws-form': throwsForm, 'no-type-cycle': noTypeCycle } } },
    rules: {
      'import-x/no-default-export': 'error',
      'import-x/no-restricted-paths': ['error', { zones }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      eqeqeq: 'error',

      'local/no-type-cycle': 'error',
      'local/throws-form': 'error',
      'import-x/order': [
        'error',
        {
          groups: ['builtin', 'external', 'parent', 'sibling', 'index'],
          alphabetize: { order: 'asc', caseInsensitive: true },
          'newlines-between': 'never',
        },
      ],
    },
    settings: {
      'import-x/resolver': { node: { extensions: ['.ts', '.tsx', '.js'] } },
    },
  },
  {
    files: ['{lib,runtime,lambda,container,cli,client,cost}/**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/explicit-member-accessibility': 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['cost/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^[^.]', message: 'cost/ uses no packages and no modules of Node.js.' }] },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: { 'no-restricted-globals': ['error', { name: 'it', message: 'Use test.' }] },
  },
  {
    files: ['**/*.js'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { process: 'readonly', Buffer: 'readonly', console: 'readonly' },
    },
  },
  prettier,
  // After eslint-config-prettier, which switches it off.
  { rules: { curly: ['error', 'all'] } },
);
