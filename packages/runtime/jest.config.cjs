module.exports = {
  ...require('../../jest.preset.cjs')('runtime'),
  testEnvironment: require.resolve('./jest-environment.cjs'),
};
