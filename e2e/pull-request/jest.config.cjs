module.exports = require('../jest.preset.cjs')('pull-request');
