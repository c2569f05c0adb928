module.exports = {
  ...require('../../jest.preset.cjs')('server'),
  testEnvironment: require.resolve('../runtime/jest-environment.cjs'),
};
