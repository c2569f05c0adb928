const { availableParallelism } = require('node:os');

module.exports = {
  ...require('../../jest.preset.cjs')('nx-mlops'),
  // On two cores Jest takes one worker by itself, and this suite, the longest by far, would decide how long all take.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  // What Vega is built on (d3) is published as ES modules, which Jest does not load, and as UMD beside them.
  testEnvironmentOptions: { customExportConditions: ['node', 'node-addons', 'umd'] },
};
