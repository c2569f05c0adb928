module.exports = require('../jest.preset.cjs')('versions');
