module.exports = {
  ...require('../../jest.preset.cjs')('server'),
  // The specs talk HTTP and write registries; a busy machine takes its time.
  testTimeout: 60_000,
  testEnvironment: require.resolve('../runtime/jest-environment.cjs'),
};
