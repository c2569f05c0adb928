module.exports = {
  ...require('../jest.preset.cjs')('mlflow'),
  // Runs models in this process.
  testEnvironment: require.resolve('../../packages/runtime/jest-environment.cjs'),
};
