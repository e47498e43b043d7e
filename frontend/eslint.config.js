import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

import svelteConfig from './svelte.config.js';

const pure = (names) => ({
  'no-restricted-globals': [
    'error',
    ...names.map((name) => ({ name, message: 'model and tools are pure: no DOM, no network.' })),
  ],
});

export default ts.config(
  { ignores: ['dist/', 'node_modules/', 'test-results/', 'playwright-report/', 'src/api/schema.d.ts'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  prettier,
  ...svelte.configs.prettier,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { extraFileExtensions: ['.svelte'], parser: ts.parser, svelteConfig },
    },
  },
  {
    rules: {
      'max-lines': ['error', 400],
      'no-console': 'error',
      eqeqeq: 'error',
      'no-undef': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // Own router: links are plain hrefs that it takes over.
      'svelte/no-navigation-without-resolve': 'off',
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    files: ['src/model/**/*.ts', 'src/tools/**/*.ts'],
    rules: pure(['document', 'window', 'fetch', 'localStorage', 'indexedDB', 'navigator']),
  },
  {
    files: ['src/model/**/*.ts', 'src/tools/**/*.ts', 'src/store/**/*.ts', 'src/canvas/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^svelte|/ui/|\\.svelte$', message: 'Svelte stays in src/ui.' }] },
      ],
    },
  },
);
