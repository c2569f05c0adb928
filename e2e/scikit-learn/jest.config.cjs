module.exports = require('../jest.preset.cjs')('scikit-learn');
