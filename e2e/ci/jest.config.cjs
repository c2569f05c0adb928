module.exports = require('../jest.preset.cjs')('ci');
