// ESLint for the preload, and for the launcher of the npm package. It is run in the root
// of the repository: see .ci/eslint.
import js from '@eslint/js';
import primordials from './primordials.mjs';

const nodeGlobals = { process: 'readonly', console: 'readonly', Buffer: 'readonly', URL: 'readonly', WebAssembly: 'readonly' };

// rules are those of both.
const rules = {
  'no-empty': ['error', { allowEmptyCatch: true }],
  'no-unused-vars': ['error', { varsIgnorePattern: '^_$' }],
  'eqeqeq': 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  'quotes': ['error', 'single', { avoidEscape: false }],
  'strict': ['error', 'global'],
};

export default [
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['integrity/preload/src/*.cjs'],
    languageOptions: { ecmaVersion: 'latest', sourceType: 'commonjs', globals: {} },
    plugins: { preload: { rules: { primordials } } },
    rules: { 'preload/primordials': 'error', ...rules },
  },
  {
    files: ['release/npm/*.js'],
    languageOptions: { ecmaVersion: 2022, sourceType: 'commonjs', globals: { ...nodeGlobals, setTimeout: 'readonly' } },
    rules,
  },
  {
    // It takes the globals, and what its functions call is defined in it.
    files: ['integrity/preload/src/primordials.cjs'],
    languageOptions: { globals: nodeGlobals },
    rules: { 'preload/primordials': 'off' },
  },
  { files: ['integrity/preload/src/input.cjs'], rules: { 'preload/primordials': 'off' } },
  { files: ['integrity/preload/bootstrap.cjs'], languageOptions: { sourceType: 'script', globals: { ...nodeGlobals, $PATHS: 'readonly', $HEAD: 'readonly', $SIZE: 'readonly', $SHA256: 'readonly' } }, rules: { 'no-empty': 'off' } },
  { files: ['integrity/preload/lint/*.mjs'], languageOptions: { globals: nodeGlobals } },
];
