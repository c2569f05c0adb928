import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** The walls of the house: what each package may import. A package that is not listed here is a library from npm. */
const ours = ['core', 'training', 'runtime', 'server'].map((name) => `@nx-mlops/${name}`).concat('nx-mlops');
const nx = ['nx', 'nx/*', '@nx/*'];

function wall(files, { mayImport, forbidden = [], reason }) {
  return {
    files,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [
                ...ours.filter((name) => !mayImport.includes(name)).flatMap((name) => [name, `${name}/*`]),
                ...forbidden,
              ],
              message: reason,
            },
            {
              group: ['**/packages/*'],
              message: 'Import a package by its name, never by a path into its folder.',
            },
          ],
        },
      ],
    },
  };
}

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      'tmp/**',
      '.nx/**',
      'packages/nx-mlops/src/generators/*/files/**',
      'packages/training/src/onnx/onnx-proto.*',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  // Taking an object apart to leave a field out is how that is written.
  { rules: { '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }] } },
  {
    files: ['packages/*/src/**/*.ts'],
    languageOptions: {
      parserOptions: { project: ['packages/*/tsconfig.spec.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    },
  },
  {
    files: ['**/*.{mjs,cjs,js}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        module: 'writable',
        require: 'readonly',
        __dirname: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        performance: 'readonly',
        Buffer: 'readonly',
        AbortSignal: 'readonly',
        AbortController: 'readonly',
      },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  wall(['packages/core/src/**/*.ts'], {
    mayImport: [],
    forbidden: [...nx, '@duckdb/*', 'onnxruntime-node', 'fastify', 'execa'],
    reason: 'core imports nothing of ours, no Nx and no native code (DESIGN §1).',
  }),
  wall(['packages/training/src/**/*.ts'], {
    mayImport: ['@nx-mlops/core'],
    forbidden: nx,
    reason: 'training may import core, DuckDB and TensorFlow.js (DESIGN §1).',
  }),
  wall(['packages/runtime/src/**/*.ts'], {
    mayImport: ['@nx-mlops/core'],
    forbidden: [...nx, '@duckdb/*'],
    reason: 'runtime may import core and onnxruntime-node (DESIGN §1).',
  }),
  wall(['packages/server/src/**/*.ts'], {
    mayImport: ['@nx-mlops/core', '@nx-mlops/runtime'],
    forbidden: [...nx, '@duckdb/*', 'onnxruntime-node'],
    reason: 'server may import runtime, core and fastify (DESIGN §1).',
  }),
  wall(['packages/nx-mlops/src/**/*.ts'], {
    mayImport: ['@nx-mlops/core', '@nx-mlops/runtime'],
    forbidden: ['nx/*', '@nx/devkit/*'],
    reason: 'nx-mlops may import core and runtime; of Nx only the public @nx/devkit (DESIGN §1).',
  }),
  wall(
    [
      'packages/nx-mlops/src/{cache-server,ci,data,processes,training,evaluation,rollout,monitoring,reporting,doctor}/**/*.ts',
    ],
    {
      mayImport: ['@nx-mlops/core', '@nx-mlops/runtime'],
      forbidden: [...nx, '**/graph/*', '**/executors/*', '**/generators/*'],
      reason: 'A stage imports no Nx and nothing of the half that Nx sees (DESIGN §1).',
    },
  ),
  wall(['packages/nx-mlops/src/graph/**/*.ts'], {
    mayImport: ['@nx-mlops/core'],
    forbidden: [
      'nx/*',
      '@duckdb/*',
      'execa',
      'onnxruntime-node',
      '**/cache-server/*',
      '**/ci/**',
      '**/data/*',
      '**/processes/*',
      '**/training/*',
      '**/evaluation/*',
      '**/rollout/*',
      '**/doctor/*',
      '**/executors/*',
    ],
    reason: 'Nothing heavy loads at graph time: the graph reads config files only.',
  }),
  {
    // A spec may reach for test helpers of Nx.
    files: ['packages/nx-mlops/src/{graph,generators,executors}/**/*.spec.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
);
