import eslint from '@eslint/js';
import { importX } from 'eslint-plugin-import-x';
import prettier from 'eslint-config-prettier';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What each room may import of the others: the picture in docs/architecture.md as a rule. */
const walls = [
  { target: './lambda/contract.ts', from: ['./lambda', './lib'], message: 'the contract imports nothing' },
  { target: './lambda/engine', from: ['./lambda/store', './lambda/pipeline', './lambda/http', './lambda/entry'] },
  { target: './lambda/store', from: ['./lambda/engine', './lambda/pipeline', './lambda/http', './lambda/entry'] },
  { target: './lambda/pipeline', from: ['./lambda/http', './lambda/entry'] },
  { target: './lambda/http', from: ['./lambda/entry'] },
  { target: './lambda', from: ['./lib', './bin', './scripts', './test'] },
  {
    target: './lib',
    from: './lambda',
    except: ['./contract.ts'],
    message: 'lib/ shares only the contract with what runs',
  },
  { target: './lib', from: ['./bin', './scripts', './test'] },
];

export default defineConfig(
  { ignores: ['dist/', 'cdk.out/', 'coverage/', 'node_modules/', '.thumbnails/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { 'import-x': importX },
    // One program for all: the examples' own settings would load the types of the CDK once more for each.
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-default-export': 'error',
      'import-x/no-restricted-paths': ['error', { zones: walls }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-unnecessary-condition': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      eqeqeq: 'error',
    },
    settings: {
      'import-x/resolver': { node: { extensions: ['.ts', '.js'] } },
      // Without it no-cycle reads no TypeScript, and finds nothing.
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
  },
  {
    files: ['lib/**/*.ts', 'lambda/**/*.ts'],
    rules: { '@typescript-eslint/explicit-member-accessibility': 'error', 'no-console': 'error' },
  },
  {
    files: ['**/*.js'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { process: 'readonly', Buffer: 'readonly', console: 'readonly' },
    },
  },
  prettier,
);
