/** Shared jest settings: TypeScript by swc, and our own packages from source so that a test never sees a stale build. */
const path = require('node:path');
const root = __dirname;

module.exports = (name) => ({
  displayName: name,
  rootDir: path.join(root, 'packages', name),
  testEnvironment: 'node',
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  globalSetup: path.join(root, 'tools/jest-temporary-folder.cjs'),
  globalTeardown: path.join(root, 'tools/jest-temporary-folder-end.cjs'),
  // Workers share the cores with each other and with what Nx runs beside them.
  testTimeout: 30_000,
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: {
    '^@nx-mlops/core/light$': path.join(root, 'packages/core/src/light.ts'),
    '^@nx-mlops/(core|training|runtime|server)$': path.join(root, 'packages/$1/src/index.ts'),
  },
  reporters: [
    'default',
    [
      path.join(root, 'tools/jest-tally-reporter.cjs'),
      { name: require(path.join(root, 'packages', name, 'package.json')).name },
    ],
  ],
});
