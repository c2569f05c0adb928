module.exports = require('../jest.preset.cjs')('packages');
