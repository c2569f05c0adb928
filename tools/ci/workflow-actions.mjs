import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import picomatch from 'picomatch';
import { mustRun } from '../workspace/run.mjs';
import { commonFolder, filesMatching, searchPath } from './globs.mjs';

/**
 * Stand-ins for the actions of GitHub that our workflows use.
 *
 * @typedef {object} ActionCall
 * @property {Record<string, string>} inputs `with:`
 * @property {import('./workflow-run.mjs').Run} run
 * @property {string} workspace folder of the job
 * @property {string} home what `~` is
 * @property {Record<string, string>} environment of the step
 * @property {(line: string) => void} log
 * @property {(action: () => Promise<void>) => void} afterwards runs it when the job is over and green
 * @typedef {(call: ActionCall) => Promise<Record<string, string>>} Action returns its outputs; throws when it fails
 */

/** @type {Record<string, Action>} by name, without the version */
const actions = {
  'actions/checkout': checkout,
  'actions/setup-node': async ({ inputs, log }) => {
    log(`Node ${process.version} of the machine stands in for ${inputs['node-version'] ?? 'the default'}`);
    return { 'node-version': process.version, 'cache-hit': 'false' };
  },
  'actions/cache': cache,
  'actions/cache/restore': restoreCache,
  'actions/cache/save': saveCache,
  'actions/upload-artifact': uploadArtifact,
  'actions/download-artifact': downloadArtifact,
};

/** @param {string} uses `owner/name@version` */
export function actionOf(uses) {
  const [name, version] = uses.split('@');
  const action = actions[name];
  if (action === undefined)
    throw new Error(
      `The step uses ${uses}, for which there is no stand-in. There are: ${Object.keys(actions).join(', ')}`,
    );
  if (!version) throw new Error(`The step uses ${uses} without a version, which GitHub refuses`);
  return action;
}

async function checkout({ inputs, run: workflow, workspace, environment, log }) {
  onlyInputs('actions/checkout', inputs, [
    'ref',
    'fetch-depth',
    'fetch-tags',
    'path',
    'persist-credentials',
    'token',
    'clean',
    'show-progress',
    'filter',
  ]);
  const { github, repository } = workflow;
  const folder = resolve(workspace, inputs.path ?? '.');
  mkdirSync(folder, { recursive: true });
  const git = (...args) => mustRun('git', args, { cwd: folder, env: environment });
  await git('init', '-q', '-b', 'main');
  await git('remote', 'add', 'origin', `file://${repository}`);
  const ref = inputs.ref || github.ref;
  const sha = inputs.ref ? '' : github.sha;
  const short = ref.replace(/^refs\/(heads|tags|pull|remotes)\//, '');
  const isPull = ref.startsWith('refs/pull/');
  const isTag = ref.startsWith('refs/tags/');
  const isSha = /^[0-9a-f]{40}$/.test(ref);
  const local = isSha
    ? undefined
    : isTag
      ? ref
      : isPull
        ? `refs/remotes/pull/${short}`
        : `refs/remotes/origin/${short}`;
  const wanted = sha || (isSha || ref.startsWith('refs/') ? ref : `refs/heads/${ref}`);
  const depth = Number(inputs['fetch-depth'] ?? '1');
  const refs = [local === undefined ? wanted : `+${wanted}:${local}`];
  if (depth === 0) refs.unshift('+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*');
  await git(
    'fetch',
    '-q',
    ...(depth === 0 ? [] : [`--depth=${depth}`]),
    ...(depth === 0 || inputs['fetch-tags'] === 'true' ? [] : ['--no-tags']),
    'origin',
    ...refs,
  );
  if (isPull || isTag || isSha) await git('checkout', '-q', '--force', '--detach', local ?? wanted);
  else await git('checkout', '-q', '--force', '-B', short, local);
  const { output } = await git('rev-parse', 'HEAD');
  log(`Checked out ${ref} at ${output.trim()}, fetch-depth ${depth}`);
  return { ref, commit: output.trim() };
}

async function cache(call) {
  const { inputs, afterwards, log } = call;
  const outputs = await restoreCache(call, [
    'path',
    'key',
    'restore-keys',
    'fail-on-cache-miss',
    'lookup-only',
    'save-always',
    'enableCrossOsArchive',
  ]);
  afterwards(async () => {
    if (outputs['cache-hit'] === 'true') log(`Cache ${inputs.key} was hit, so it is not saved`);
    else await saveCache({ ...call, inputs: { path: inputs.path, key: inputs.key } });
  });
  return { 'cache-hit': outputs['cache-hit'] };
}

async function restoreCache(
  { inputs, run: workflow, workspace, home, log },
  known = ['path', 'key', 'restore-keys', 'fail-on-cache-miss', 'lookup-only', 'enableCrossOsArchive'],
) {
  onlyInputs('actions/cache', inputs, known, ['path', 'key']);
  const keys = [inputs.key, ...linesOf(inputs['restore-keys'] ?? '')];
  for (const key of keys) checkKey(key);
  const version = versionOf(inputs.path);
  for (const scope of cacheScopes(workflow)) {
    const entries = entriesOf(workflow, scope, version);
    // An exact key first, then the newest that starts with it.
    const entry =
      entries.find((each) => each.key === inputs.key) ??
      keys.map((key) => entries.find((each) => each.key.startsWith(key))).find(Boolean);
    if (entry === undefined) continue;
    if (inputs['lookup-only'] !== 'true')
      for (const [root, name] of [
        [workspace, 'work'],
        [home, 'home'],
      ])
        if (existsSync(join(entry.folder, `${name}.tar`)))
          await mustRun('tar', ['-xPf', join(entry.folder, `${name}.tar`)], { cwd: root });
    log(`Cache restored from key ${entry.key} of ${scope}`);
    return {
      'cache-hit': String(entry.key === inputs.key),
      'cache-primary-key': inputs.key,
      'cache-matched-key': entry.key,
    };
  }
  if (inputs['fail-on-cache-miss'] === 'true') throw new Error(`No cache for ${keys.join(', ')}`);
  log(`No cache for ${keys.join(', ')}`);
  return { 'cache-hit': '', 'cache-primary-key': inputs.key, 'cache-matched-key': '' };
}

async function saveCache({ inputs, run: workflow, workspace, home, log }) {
  onlyInputs(
    'actions/cache/save',
    inputs,
    ['path', 'key', 'enableCrossOsArchive', 'upload-chunk-size'],
    ['path', 'key'],
  );
  checkKey(inputs.key);
  const scope = workflow.github.ref;
  const version = versionOf(inputs.path);
  const folder = join(scopeFolder(workflow, scope), digestOf(`${version}\n${inputs.key}`));
  if (existsSync(folder)) {
    // An entry never changes.
    log(`Cache ${inputs.key} is there already, so it is not saved`);
    return {};
  }
  const parts = [
    { name: 'work', root: workspace, paths: linesOf(inputs.path).filter((path) => !path.startsWith('~/')) },
    {
      name: 'home',
      root: home,
      paths: linesOf(inputs.path).flatMap((path) => (path.startsWith('~/') ? [path.slice(2)] : [])),
    },
  ].map((part) => ({ ...part, paths: part.paths.filter((path) => existsSync(resolve(part.root, path))) }));
  if (parts.every(({ paths }) => paths.length === 0)) {
    log(`Nothing to save for ${inputs.key}: ${linesOf(inputs.path).join(', ')} is not there`);
    return {};
  }
  mkdirSync(folder, { recursive: true });
  for (const { name, root, paths } of parts)
    if (paths.length > 0)
      await mustRun('tar', ['-cPf', join(folder, `${name}.tar`), '--', ...paths], { cwd: root });
  const order = readdirSync(workflow.cacheFolder, { recursive: true }).filter((name) =>
    String(name).endsWith('entry.json'),
  ).length;
  writeFileSync(join(folder, 'entry.json'), JSON.stringify({ key: inputs.key, version, order }));
  log(`Cache saved with key ${inputs.key} of ${scope}`);
  return {};
}

/** A run reads the caches of its own ref, of the branch it is to be merged into, and of the default branch. */
function cacheScopes({ github, defaultBranch }) {
  const base = github.base_ref ? `refs/heads/${github.base_ref}` : undefined;
  return [...new Set([github.ref, base, `refs/heads/${defaultBranch}`])].filter(Boolean);
}

function scopeFolder({ cacheFolder }, scope) {
  return join(cacheFolder, encodeURIComponent(scope));
}

/** Newest first. */
function entriesOf(workflow, scope, version) {
  const folder = scopeFolder(workflow, scope);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((each) => existsSync(join(each, 'entry.json')))
    .map((each) => ({ folder: each, ...JSON.parse(readFileSync(join(each, 'entry.json'), 'utf8')) }))
    .filter((entry) => entry.version === version)
    .sort((a, b) => b.order - a.order);
}

/** GitHub tells caches apart by their paths as they are written, too. */
function versionOf(path) {
  return digestOf(linesOf(path).join('\n'));
}

function checkKey(key) {
  if (key.length > 512) throw new Error(`The cache key ${key} is longer than 512 characters`);
  if (key.includes(',')) throw new Error(`The cache key ${key} has a comma in it, which GitHub refuses`);
}

async function uploadArtifact({ inputs, run: workflow, workspace, log }) {
  onlyInputs(
    'actions/upload-artifact',
    inputs,
    [
      'name',
      'path',
      'if-no-files-found',
      'include-hidden-files',
      'retention-days',
      'overwrite',
      'compression-level',
    ],
    ['path'],
  );
  const name = inputs.name ?? 'artifact';
  if (/["<>|*?\r\n\\/:]/.test(name))
    throw new Error(`The artifact name ${name} has a character in it that GitHub refuses`);
  const patterns = linesOf(inputs.path);
  const hidden = inputs['include-hidden-files'] === 'true';
  const files = filesMatching(workspace, patterns, { hidden });
  if (files.length === 0) {
    const message = `No files were found with the path ${patterns.join(', ')}; no artifact ${name} will be uploaded`;
    if (inputs['if-no-files-found'] === 'error') throw new Error(message);
    log(message);
    return {};
  }
  const folder = join(workflow.artifactFolder, name);
  if (existsSync(folder) && inputs.overwrite !== 'true')
    throw new Error(`An artifact with the name ${name} already exists in this run (409 Conflict)`);
  const root = artifactRoot(workspace, patterns, files);
  for (const file of files) {
    const target = join(folder, relative(root, file));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(file, target, { dereference: true });
  }
  log(`Artifact ${name}: ${files.length} files`);
  return { 'artifact-id': digestOf(name).slice(0, 8), 'artifact-url': `https://github.invalid/${name}` };
}

/** One path: what is in it. Several: the folder that they have in common. */
function artifactRoot(workspace, patterns, files) {
  const paths = patterns
    .filter((pattern) => !pattern.startsWith('!'))
    .map((pattern) => searchPath(resolve(workspace, pattern)));
  if (paths.length > 1) return commonFolder(paths);
  const [path] = paths;
  return files.length === 1 && path === files[0] ? dirname(path) : path;
}

async function downloadArtifact({ inputs, run: workflow, workspace, log }) {
  onlyInputs('actions/download-artifact', inputs, ['name', 'pattern', 'path', 'merge-multiple']);
  const target = resolve(workspace, inputs.path ?? '.');
  const { artifactFolder } = workflow;
  const there = existsSync(artifactFolder) ? readdirSync(artifactFolder).sort() : [];
  if (inputs.name) {
    if (!there.includes(inputs.name))
      throw new Error(
        `Artifact not found for name: ${inputs.name}. There are: ${there.join(', ') || 'none'}`,
      );
    cpSync(join(artifactFolder, inputs.name), target, { recursive: true });
    log(`Artifact ${inputs.name} downloaded`);
    return { 'download-path': target };
  }
  const matches = picomatch(inputs.pattern || '*', { dot: true });
  const wanted = there.filter((name) => matches(name));
  for (const name of wanted)
    cpSync(join(artifactFolder, name), inputs['merge-multiple'] === 'true' ? target : join(target, name), {
      recursive: true,
    });
  log(`Artifacts downloaded: ${wanted.join(', ') || 'none'}`);
  return { 'download-path': target };
}

function onlyInputs(action, inputs, known, required = []) {
  const unknown = Object.keys(inputs).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`The stand-in for ${action} knows no input ${unknown.join(', ')}`);
  const missing = required.filter((name) => !inputs[name]);
  if (missing.length > 0) throw new Error(`${action} needs the input ${missing.join(', ')}`);
}

function linesOf(text) {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function digestOf(text) {
  return createHash('sha256').update(text).digest('hex');
}
