import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { ground, house } from './build/house.js';
import walls from './build/walls.js';

// The rules that need types are in .oxlintrc.json: they take seconds there and took minutes here.
export default defineConfig(
  { ignores: ['dist/**', 'coverage/**', 'node_modules/**'] },
  {
    files: ['**/*.ts', '**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.strict, tseslint.configs.stylistic],
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
    },
  },
  {
    // What each room of the house may import: the table is in build/house.js.
    files: ['src/**/*.ts'],
    plugins: { walls },
    rules: { 'walls/between-rooms': ['error', { house, ground }] },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      'no-console': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
