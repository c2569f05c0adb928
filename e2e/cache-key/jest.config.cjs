module.exports = require('../jest.preset.cjs')('cache-key');
