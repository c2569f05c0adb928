import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../workspace/tarballs.mjs';
import { run } from '../workspace/run.mjs';

/**
 * A virtual environment with packages from PyPI, kept for the next run.
 *
 * @param {string} name of the folder
 * @param {string[]} packages pinned, such as "dvc==3.0.0"
 * @returns {Promise<{ bin: string } | { missing: string }>} the folder of its programs, or why there is none
 */
export async function pythonPeer(name, packages) {
  const folder = join(repository, 'tmp/bench', `python-${name}`);
  const mark = join(folder, 'installed.txt');
  const wanted = `${packages.join('\n')}\n`;
  const bin = join(folder, 'bin');
  if (existsSync(mark)) {
    const { output } = await run('cat', [mark]);
    if (output === wanted) return { bin };
  }
  console.log(`Installing ${packages.join(', ')} from PyPI …`);
  await rm(folder, { recursive: true, force: true });
  const steps = [
    ['python3', ['-m', 'venv', folder]],
    [join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages]],
  ];
  for (const [program, args] of steps) {
    const { code, output } = await run(program, args).catch((error) => ({ code: 1, output: String(error) }));
    if (code !== 0) return { missing: lastLine(output) };
  }
  await writeFile(`${mark}.new`, wanted);
  await rename(`${mark}.new`, mark);
  return { bin };
}

function lastLine(output) {
  return output.trim().split('\n').at(-1)?.slice(0, 160) ?? 'no output';
}
