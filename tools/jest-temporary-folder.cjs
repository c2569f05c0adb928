/**
 * Gives a run of the units a folder of its own for temporary files, and removes it at the end: a spec that is cut short, or
 * keeps files until its process ends, leaves nothing behind on the machine.
 */
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/** Where os.tmpdir() looks, on every system. */
const variables = ['TMPDIR', 'TMP', 'TEMP'];

module.exports = async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nx-mlops-units-'));
  // Specs that become another user have to get in, as into the folder of the system.
  fs.chmodSync(folder, 0o755);
  for (const variable of variables) process.env[variable] = folder;
  globalThis.removeTemporaryFolder = () =>
    fs.promises.rm(folder, { recursive: true, force: true, maxRetries: 3 });
};
