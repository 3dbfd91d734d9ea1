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

/** Folders that each module must not import: the layers of docs/architecture.md. */
const ENTRY_POINTS = ['./lambda', './container', './cli', './client'];
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
    target: './runtime/engine',
    from: ['./runtime/storage', './runtime/pipeline', './runtime/http', './runtime/config', './runtime/program'],
  },
  {
    target: './runtime/storage',
    from: ['./runtime/engine', './runtime/pipeline', './runtime/http', './runtime/config', './runtime/program'],
  },
  {
    target: './runtime/config',
    from: ['./runtime/engine', './runtime/storage', './runtime/pipeline', './runtime/http', './runtime/program'],
  },
  { target: './runtime/pipeline', from: ['./runtime/events', './runtime/http', './runtime/program'] },
  { target: './runtime/events', from: ['./runtime/http', './runtime/program'] },
  { target: './runtime/http', from: ['./runtime/events', './runtime/program'] },
  { target: './runtime', from: [...ENTRY_POINTS, './cost', './lib', './bin', './scripts', './test'] },
  { target: './lambda', from: ['./cost', './container', './cli', './client', './lib', './bin', './scripts', './test'] },
  { target: './container', from: ['./cost', './lambda', './cli', './client', './lib', './bin', './scripts', './test'] },
  { target: './cli', from: ['./lambda', './client', './lib', './bin', './scripts', './test'] },
  { target: './client', from: ['./lambda', './container', './cli', './lib', './bin', './scripts', './test'] },
  {
    target: './lib',
    from: './runtime',
    except: ['./contract'],
    message: 'lib/ shares only the contract with the runtime',
  },
  { target: './lib', from: [...ENTRY_POINTS, './cost', './bin', './scripts', './test'] },
  {
    target: './cost',
    from: [...ENTRY_POINTS, './runtime', './lib', './bin', './scripts', './bench', './test'],
    message: 'cost/ imports nothing, so that web pages can use it',
  },
];

export default defineConfig(
  { ignores: ['dist/', 'cdk.out/', 'coverage/', 'node_modules/', '.thumbnails/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { 'import-x': importX, local: { rules: { 'throws-form': throwsForm } } },
    // One program for all: the examples' own settings would load the types of the CDK once more for each.
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-default-export': 'error',
      'import-x/no-restricted-paths': ['error', { zones }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-unnecessary-condition': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      eqeqeq: 'error',

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
      'import-x/resolver': { node: { extensions: ['.ts', '.js'] } },
      // Without it no-cycle reads no TypeScript, and finds nothing.
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
  },
  {
    files: ['{lib,runtime,lambda,container,cli,client,cost}/**/*.ts'],
    rules: { '@typescript-eslint/explicit-member-accessibility': 'error', 'no-console': 'error' },
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
