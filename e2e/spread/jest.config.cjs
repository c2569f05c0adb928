module.exports = require('../jest.preset.cjs')('spread');
