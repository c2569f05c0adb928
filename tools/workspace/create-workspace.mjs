import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mustRun, run } from './run.mjs';
import { digestOfTarballs, nxEnvironment, packTarballs, repository } from './tarballs.mjs';

/** The lines of Nx that we test against: its version, and the devkit that goes with it. */
export const nxLines = {
  '24.0': { nx: '24.0.6', devkit: '24.0.0' },
  23.3: { nx: '23.3.2', devkit: '23.3.2' },
};

/** What a model from our generator imports besides our packages; see utils/versions.ts of the plugin. */
const tensorflow = '4.22.0';

/** What a remote in S3 needs; an optional peer of ours. */
const awsSdk = '3.1175.0';

/**
 * A fresh Nx workspace with our tarballs installed, as a user has it, under git.
 *
 * npm installs once for each line of Nx and set of tarballs; further workspaces get the installed tree by hard links.
 *
 * @param {string} folder where; emptied first
 * @param {{ line?: keyof typeof nxLines, daemon?: boolean, echo?: boolean }} [options]
 */
export async function createWorkspace(folder, { line = '24.0', daemon = true, echo = false } = {}) {
  const installed = await installedTree(line, echo);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await mustRun('cp', ['-al', join(installed, 'node_modules'), folder]).catch(() =>
    // No hard links here (another file system, another platform): a plain copy is slower and as good.
    cp(join(installed, 'node_modules'), join(folder, 'node_modules'), { recursive: true }),
  );
  for (const file of ['package.json', 'package-lock.json', '.npmrc'])
    await cp(join(installed, file), join(folder, file));
  await writeFile(join(folder, 'nx.json'), `${JSON.stringify({ analytics: false }, null, 2)}\n`);
  await writeFile(join(folder, '.gitignore'), 'node_modules/\n.nx/\ndist/\n');
  const workspace = new Workspace(folder, daemon, echo);
  await workspace.git('init', '-q', '-b', 'main');
  await workspace.git('config', 'user.name', 'Test');
  await workspace.git('config', 'user.email', 'test@example.org');
  await workspace.commit('An Nx workspace');
  return workspace;
}

/** A workspace on disk, with the commands that a user would type. */
export class Workspace {
  constructor(folder, daemon, echo) {
    this.folder = folder;
    this.echo = echo;
    this.env = {
      ...nxEnvironment,
      NX_DAEMON: String(daemon),
      // A workspace inside this repository must not take the repository for its own.
      NX_WORKSPACE_ROOT_PATH: folder,
      // Nx 24 keeps the cache in the home folder by the workspace's path: a workspace made anew would find its old one.
      NX_CACHE_DIRECTORY: join(folder, '.nx/cache'),
      // Without the daemon each plugin would cost a process.
      ...(daemon ? {} : { NX_ISOLATE_PLUGINS: 'false' }),
      CI: undefined,
    };
  }
  path(...parts) {
    return join(this.folder, ...parts);
  }
  /** nx with its exit code; does not throw. */
  nx(args, options = {}) {
    return run(
      process.execPath,
      [this.path('node_modules/nx/dist/bin/nx.js'), ...args],
      this.#options(options),
    );
  }
  /** nx that must succeed. */
  mustNx(args, options = {}) {
    return mustRun(
      process.execPath,
      [this.path('node_modules/nx/dist/bin/nx.js'), ...args],
      this.#options(options),
    );
  }
  /** Our own command, `npx nx-mlops`, with its exit code; does not throw. */
  mlops(args, options = {}) {
    return run(this.path('node_modules/.bin/nx-mlops'), args, this.#options(options));
  }
  git(...args) {
    return mustRun('git', args, { cwd: this.folder });
  }
  async commit(message) {
    await this.git('add', '-A');
    await this.git('commit', '-q', '--allow-empty', '-m', message);
  }
  read(file) {
    return readFile(this.path(file), 'utf8');
  }
  async readJson(file) {
    return JSON.parse(await this.read(file));
  }
  async write(file, content) {
    await mkdir(dirname(this.path(file)), { recursive: true });
    await writeFile(this.path(file), content);
  }
  async edit(file, change) {
    const before = await this.read(file);
    const after = change(before);
    if (after === before) throw new Error(`The edit of ${file} changed nothing`);
    await this.write(file, after);
  }
  exists(file) {
    return existsSync(this.path(file));
  }
  /** Stops the daemon of this workspace. */
  async stop() {
    await this.nx(['daemon', '--stop']);
  }
  #options({ env = {}, ...rest }) {
    return { cwd: this.folder, echo: this.echo, ...rest, env: { ...this.env, ...env } };
  }
}

/** A folder in which npm has installed Nx, our tarballs and TensorFlow.js. */
async function installedTree(line, echo) {
  const versions = nxLines[line];
  if (versions === undefined)
    throw new Error(`No line "${line}"; there are ${Object.keys(nxLines).join(', ')}`);
  const tarballs = await packTarballs();
  const folder = join(repository, 'tmp/installed', `nx-${line}-${digestOfTarballs(tarballs)}`);
  if (existsSync(folder)) return folder;

  const making = `${folder}.${process.pid}`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { recursive: true });
  await cp(join(repository, '.npmrc'), join(making, '.npmrc'));
  const file = (name) => `file:${tarballs[name]}`;
  const manifest = {
    name: 'workspace',
    version: '0.0.0',
    private: true,
    dependencies: {},
    devDependencies: {
      '@aws-sdk/client-s3': awsSdk,
      '@nx-mlops/core': file('@nx-mlops/core'),
      '@nx-mlops/runtime': file('@nx-mlops/runtime'),
      '@nx-mlops/server': file('@nx-mlops/server'),
      '@nx-mlops/training': file('@nx-mlops/training'),
      '@nx/devkit': versions.devkit,
      '@tensorflow/tfjs-backend-wasm': tensorflow,
      '@tensorflow/tfjs-core': tensorflow,
      '@tensorflow/tfjs-layers': tensorflow,
      '@types/node': '^20.19.0',
      nx: versions.nx,
      'nx-mlops': file('nx-mlops'),
      tsx: '4.23.15',
      typescript: '5.9.3',
    },
  };
  await writeFile(join(making, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await mustRun('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: making, echo });
  try {
    await rename(making, folder);
  } catch (error) {
    // Another run was first; its tree is as good.
    if (!existsSync(folder)) throw error;
    await rm(making, { recursive: true, force: true });
  }
  return folder;
}
