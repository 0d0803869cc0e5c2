// ESLint for the preload. It is run in the directory above: see .ci/eslint.
import js from '@eslint/js';
import primordials from './primordials.mjs';

const nodeGlobals = { process: 'readonly', console: 'readonly', Buffer: 'readonly', URL: 'readonly', WebAssembly: 'readonly' };

export default [
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['src/*.cjs'],
    languageOptions: { ecmaVersion: 'latest', sourceType: 'commonjs', globals: {} },
    plugins: { preload: { rules: { primordials } } },
    rules: {
      'preload/primordials': 'error',
      'no-empty': ['error', { allowEmptyCatch: true }],
      'no-unused-vars': ['error', { varsIgnorePattern: '^_$' }],
      'eqeqeq': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'quotes': ['error', 'single', { avoidEscape: false }],
      'strict': ['error', 'global'],
    },
  },
  {
    // It takes the globals, and what its functions call is defined in it.
    files: ['src/primordials.cjs'],
    languageOptions: { globals: nodeGlobals },
    rules: { 'preload/primordials': 'off' },
  },
  { files: ['src/input.cjs'], rules: { 'preload/primordials': 'off' } },
  { files: ['bootstrap.mjs'], languageOptions: { globals: { ...nodeGlobals, $PATHS: 'readonly' } }, rules: { 'no-empty': 'off' } },
  { files: ['lint/*.mjs'], languageOptions: { globals: nodeGlobals } },
];
