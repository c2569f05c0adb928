import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun } from './run.mjs';

export const repository = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const packages = ['core', 'training', 'runtime', 'server', 'nx-mlops'];
const folder = join(repository, 'tmp/tarballs');

/**
 * Builds and packs our packages as a user would get them.
 *
 * @returns {Promise<Record<string, string>>} package name to absolute path of its tarball
 */
export async function packTarballs({ echo = false } = {}) {
  // NX_MLOPS_TARBALLS=ready: a caller packed a moment ago, as the test runner does for its suites.
  if (process.env.NX_MLOPS_TARBALLS !== 'ready' || !existsSync(folder)) {
    await mustRun('npx', ['nx', 'run-many', '-t', 'build'], { cwd: repository, echo, env: nxEnvironment });
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const workspaces = packages.flatMap((name) => ['-w', `packages/${name}`]);
    await mustRun('npm', ['pack', ...workspaces, '--pack-destination', folder], { cwd: repository });
  }
  const files = await readdir(folder);
  return Object.fromEntries(
    packages.map((name) => {
      const { name: packageName, version } = JSON.parse(
        readFileSync(join(repository, 'packages', name, 'package.json'), 'utf8'),
      );
      const file = `${packageName.replace('@', '').replace('/', '-')}-${version}.tgz`;
      if (!files.includes(file)) throw new Error(`npm pack wrote no ${file}`);
      return [packageName, join(folder, file)];
    }),
  );
}

/** Changes whenever the content of a tarball does. */
export function digestOfTarballs(tarballs) {
  const hash = createHash('sha256');
  for (const file of Object.values(tarballs)) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** Plain output and no question asked, whatever the terminal. */
export const nxEnvironment = {
  NX_TUI: 'false',
  NX_NO_CLOUD: 'true',
  FORCE_COLOR: '0',
  // Else Nx leaves a copy of its native part, 28 MB, in the system's temporary folder for each workspace that was ever made.
  NX_SKIP_NATIVE_FILE_CACHE: 'true',
};
