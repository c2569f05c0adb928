/** The same edits on the oldest line of Nx that we support. */
process.env.NX_MLOPS_LINE = '23.3';
module.exports = require('../jest.preset.cjs')('cache-key');
