module.exports = require('../jest.preset.cjs')('main');
