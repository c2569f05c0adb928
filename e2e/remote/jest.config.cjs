module.exports = require('../jest.preset.cjs')('remote');
