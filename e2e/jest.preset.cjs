/** Shared jest settings of the end-to-end suites: stories on a real workspace, one at a time, with time to work. */
const path = require('node:path');
const root = path.join(__dirname, '..');

module.exports = (name) => ({
  displayName: `e2e ${name}`,
  rootDir: path.join(root, 'e2e', name),
  testEnvironment: 'node',
  testMatch: ['<rootDir>/**/*.e2e.ts'],
  moduleFileExtensions: ['ts', 'mjs', 'cjs', 'js', 'json'],
  transform: {
    '^.+\\.(ts|mjs)$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  testTimeout: 300_000,
  maxWorkers: 1,
  reporters: [
    'default',
    [
      path.join(root, 'tools/jest-tally-reporter.cjs'),
      { name: require(path.join(root, 'e2e', name, 'package.json')).name },
    ],
  ],
});
