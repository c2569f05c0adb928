module.exports = {
  ...require('../../jest.preset.cjs')('nx-mlops'),
  // What Vega is built on (d3) is published as ES modules, which Jest does not load, and as UMD beside them.
  testEnvironmentOptions: { customExportConditions: ['node', 'node-addons', 'umd'] },
};
