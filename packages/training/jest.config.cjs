module.exports = {
  ...require('../../jest.preset.cjs')('training'),
  testEnvironment: require.resolve('../runtime/jest-environment.cjs'),
};
