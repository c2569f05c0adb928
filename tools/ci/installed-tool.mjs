import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../workspace/tarballs.mjs';

const ATTEMPTS = 3;

/**
 * A tool of the tests in tmp/tools, installed the first time and kept. The folder appears whole or not at all.
 *
 * @param {string} name of the folder, with the version of what is in it
 * @param {(folder: string) => Promise<{ code: number, output: string }>} install fills an empty folder; tried 3 times
 * @param {string} needs what has to be there for that, a sentence
 * @returns {Promise<string>} the folder
 */
export async function installedTool(name, install, needs) {
  const folder = join(repository, 'tmp/tools', name);
  if (existsSync(folder)) return folder;
  const making = `${folder}.${process.pid}`;
  let output = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    await rm(making, { recursive: true, force: true });
    await mkdir(making, { recursive: true });
    const result = await install(making).catch((error) => ({ code: 1, output: String(error) }));
    if (result.code === 0) {
      await rename(making, folder).catch((error) => {
        // Another run was first; its tool is as good.
        if (!existsSync(folder)) throw error;
      });
      await rm(making, { recursive: true, force: true });
      return folder;
    }
    output = result.output;
    await new Promise((resolve) => setTimeout(resolve, attempt * 2000));
  }
  await rm(making, { recursive: true, force: true });
  throw new Error(`${name} could not be installed in ${ATTEMPTS} attempts. ${needs}\n${output}`);
}
