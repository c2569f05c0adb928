module.exports = require('../jest.preset.cjs')('rollout');
