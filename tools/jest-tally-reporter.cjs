/** Writes how many tests passed, failed and were skipped to tmp/test-results/<name>.json, so that CI can add them up. */
const fs = require('node:fs');
const path = require('node:path');

module.exports = class TallyReporter {
  constructor(_globalConfig, options) {
    this.file = path.join(__dirname, '..', 'tmp', 'test-results', `${options.name}.json`);
  }
  onRunComplete(_contexts, results) {
    const tally = {
      passed: results.numPassedTests,
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    fs.mkdirSync(path.dirname(this.file), { recursive: true });
    fs.writeFileSync(this.file, JSON.stringify(tally) + '\n');
  }
};
