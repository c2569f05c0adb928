/** See jest-temporary-folder.cjs. */
module.exports = () => globalThis.removeTemporaryFolder();
