/**
 * Adds to package-lock.json the optional packages of other platforms that npm left out.
 *
 * npm writes no entry for an optional package that the registry at hand does not hold at that version (a mirror often
 * lacks binaries of other platforms), and `npm ci` then refuses its own lockfile as out of sync. An entry with version and
 * platform, without a digest, is enough: npm installs it on that platform alone. Run after each `npm install`:
 * `npm run lockfile`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './workspace/tarballs.mjs';

const systems = [
  'darwin',
  'linux',
  'win32',
  'freebsd',
  'android',
  'openharmony',
  'aix',
  'netbsd',
  'openbsd',
  'sunos',
];
const processors = ['x64', 'arm64', 'ia32', 'arm', 'ppc64', 's390x', 'riscv64', 'loong64', 'mips64el'];
const libraries = { gnu: 'glibc', musl: 'musl' };

const file = join(repository, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const platform = platformOf(name);
    if (platform === undefined || !/^\d/.test(range) || isLocked(path, name)) continue;
    lock.packages[`node_modules/${name}`] = {
      version: range,
      optional: true,
      ...(entry.dev ? { dev: true } : {}),
      ...platform,
    };
    added.push(`${name}@${range}`);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
if (added.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(
  added.length === 0
    ? 'package-lock.json is complete.'
    : `Added ${added.length} to package-lock.json: ${added.join(', ')}`,
);

/** As npm resolves it: in the node_modules of the package or of a folder above it. */
function isLocked(path, name) {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    if (lock.packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] !== undefined) return true;
    if (folder === '') return false;
  }
}

/** `@swc/core-linux-x64-musl` is for linux, x64, musl; undefined for a name that says no platform. */
function platformOf(name) {
  const words = name.replace(/^@[^/]+\//, '').split(/[-.]/);
  const os = systems.filter((system) => words.includes(system));
  const cpu = processors.filter((processor) => words.includes(processor));
  if (os.length === 0 || cpu.length === 0) return undefined;
  const libc = Object.entries(libraries)
    .filter(([word]) => words.some((each) => each === word))
    .map(([, library]) => library);
  return { os, cpu, ...(os[0] === 'linux' && libc.length > 0 ? { libc } : {}) };
}
