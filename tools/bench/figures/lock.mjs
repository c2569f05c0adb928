import { randomBytes } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { mustRun } from '../../workspace/run.mjs';
import { createWorkspace } from '../../workspace/create-workspace.mjs';
import { repository } from '../../workspace/tarballs.mjs';
import { assertFree, makeBigFile, makeManyFiles } from '../many-files.mjs';
import { medianBySeconds } from '../measure.mjs';
import { measureTree } from '../measure-tree.mjs';
import { pythonPeer } from '../python-peer.mjs';
import { stageProcess } from '../stage-process.mjs';

const dvcVersion = '3.67.1';
const sizes = {
  full: { files: 100_000, bytes: 20_000, big: 8e9, rounds: 3 },
  small: { files: 2000, bytes: 20_000, big: 2e8, rounds: 2 },
};
const folder = join(repository, 'tmp/bench/lock');

export async function lockFigures({ small }) {
  const size = small ? sizes.small : sizes.full;
  await mkdir(folder, { recursive: true });
  // The data, DVC's copy of it, and DVC's cache.
  await assertFree(folder, 3.2 * (size.files * size.bytes + size.big));
  try {
    return await figures(size);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function figures(size) {
  const workspace = await createWorkspace(join(folder, 'workspace'), { daemon: false });
  await workspace.mustNx(['g', 'nx-mlops:init']);
  const datasets = { files: 'data/**/*.bin', big: 'data/*.bin' };
  for (const [name, path] of Object.entries(datasets)) {
    const splits = { train: { fraction: 0.5 }, test: { fraction: 0.5 } };
    // One file is one row: it has no second split.
    const config = {
      sources: { files: { path, format: 'files' } },
      splits: name === 'big' ? { all: { where: 'true' } } : splits,
    };
    await workspace.write(`ml/${name}/dataset.config.json`, JSON.stringify(config));
  }
  await workspace.edit('.gitignore', (text) => `${text}/ml/*/data/\n`);
  console.log('Writing the files …');
  await makeManyFiles(workspace.path('ml/files/data'), size.files, size.bytes);
  await mkdir(workspace.path('ml/big/data'), { recursive: true });
  await makeBigFile(workspace.path('ml/big/data/big.bin'), size.big);
  await workspace.commit('Files');

  const dvc = await dvcPeer(workspace);
  const rows = [];
  const peaks = { ours: 0, dvc: 0 };
  const counted = `${size.files.toLocaleString('en')} files (${gigabytes(size.files * size.bytes)})`;
  for (const [name, what] of [
    ['files', counted],
    ['big', `one file of ${gigabytes(size.big)}`],
  ]) {
    const ours = measured(() => stageOf(workspace, name), peaks, 'ours');
    const limit = (digest) => () =>
      measureTree('sh', ['-c', digestOnAllCores(digest)], { cwd: workspace.path('ml', name, 'data') });
    const rounds = { ours: [], sha256sum: [], openssl: [] };
    for (let round = 0; round < size.rounds; round++) {
      await forgetLock(workspace, name);
      rounds.ours.push(await ours());
      rounds.sha256sum.push(await limit('sha256sum')());
      rounds.openssl.push(await limit('openssl dgst -sha256')().catch(() => undefined));
    }
    const first = medianBySeconds(rounds.ours);
    const sha256sum = medianBySeconds(rounds.sha256sum);
    const openssl = rounds.openssl.includes(undefined) ? undefined : medianBySeconds(rounds.openssl);
    const added = await dvc.add(name, peaks);
    rows.push({
      figure: `${what}: first lock`,
      ours: seconds(first),
      beside: `sha256sum on all cores ${seconds(sha256sum)}; openssl's on all cores ${seconds(openssl)}; dvc add ${seconds(added)}`,
      ratio: `${(first.seconds / sha256sum.seconds).toFixed(2)} × sha256sum${openssl === undefined ? '' : `, ${(first.seconds / openssl.seconds).toFixed(2)} × openssl`}`,
      aim: 'under 1.3 × sha256sum',
      met: first.seconds < 1.3 * sha256sum.seconds,
    });
    rows.push(await noOp(`${what}: lock again, nothing changed`, ours, () => dvc.status(name, peaks)));
    if (name === 'files') {
      await changeOne(workspace.path('ml/files/data/0000/000007.bin'));
      const changed = await ours();
      if (!changed.written) throw new Error('The lock did not see the changed file.');
      const again = await dvc.addChanged(peaks);
      rows.push({
        figure: `${what}: lock after one changed`,
        ours: seconds(changed),
        beside: `dvc add ${seconds(again)}`,
        ratio: faster(changed, again),
        aim: 'shown',
        met: true,
      });
    }
  }
  rows.push(...(await tasks(workspace, counted, () => dvc.status('files', peaks))));
  rows.push({
    figure: 'peak memory of all that, whole process tree',
    ours: `${peaks.ours.toFixed(0)} MB`,
    beside: dvc.missing === undefined ? `dvc ${peaks.dvc.toFixed(0)} MB` : dvc.missing,
    ratio: dvc.missing === undefined ? `${(peaks.ours / peaks.dvc).toFixed(2)} ×` : '–',
    aim: 'under 500 MB',
    met: peaks.ours < 500,
  });
  return {
    title: `Lock: ${counted} and one of ${gigabytes(size.big)}`,
    about: `The \`lock\` stage as a Node process from start to exit, beside DVC ${dvcVersion} (\`dvc add\` and \`dvc status\`, each a process from start to exit, on a copy of the files; \`dvc add\` also copies them into its cache, as it does by default; it ran once) and beside the bare digest on ${cpus().length} cores: \`find | xargs -P sha256sum\`, and the same with OpenSSL's, which uses the processor's SHA instructions as Node does. All files are in the page cache. Nx's own start is apart, in the last rows.`,
    rows,
  };
}

function stageOf(workspace, name) {
  return stageProcess({ stage: 'lock', workspaceRoot: workspace.folder, name, root: `ml/${name}` });
}

function measured(work, peaks, whose) {
  return async () => {
    const result = await work();
    peaks[whose] = Math.max(peaks[whose], result.peakMegabytes);
    return result;
  };
}

async function forgetLock(workspace, name) {
  for (const path of [`ml/${name}/dataset.lock.json`, `ml/${name}/.mlops`, '.mlops'])
    await rm(workspace.path(path), { recursive: true, force: true });
}

async function noOp(figure, ours, status) {
  const rounds = { ours: [], dvc: [] };
  for (let round = 0; round < 3; round++) {
    rounds.ours.push(await ours());
    rounds.dvc.push(await status());
  }
  if (rounds.ours.some(({ written }) => written))
    throw new Error('A lock was written though nothing changed.');
  const mine = medianBySeconds(rounds.ours);
  const theirs = rounds.dvc.every(({ seconds }) => seconds !== undefined)
    ? medianBySeconds(rounds.dvc)
    : rounds.dvc[0];
  return {
    figure,
    ours: `${seconds(mine)} (the stage alone ${mine.inside.toFixed(2)} s)`,
    beside: `dvc status ${seconds(theirs)}`,
    ratio: faster(mine, theirs),
    aim: 'at least 10 × faster than DVC',
    met: theirs.seconds !== undefined && theirs.seconds >= 10 * mine.seconds,
  };
}

/** The whole commands, Nx's start included. */
async function tasks(workspace, counted, status) {
  await workspace.mustNx(['run', 'files:lock']);
  await workspace.mustNx(['run', 'files:validate']);
  const timed = async (args) => {
    const rounds = [];
    for (let round = 0; round < 3; round++) rounds.push(await workspace.mustNx(args));
    return medianBySeconds(rounds);
  };
  const start = await timed(['show', 'project', 'files']);
  const lock = await timed(['run', 'files:lock']);
  const validate = await timed(['run', 'files:validate']);
  const theirs = await status();
  const row = (figure, mine) => ({
    figure,
    ours: `${seconds(mine)} (Nx's start alone, \`nx show project\`: ${seconds(start)})`,
    beside: `dvc status ${seconds(theirs)}`,
    ratio: faster(mine, theirs),
    aim: 'shown',
    met: true,
  });
  return [
    row(`${counted}: \`nx run files:lock\`, nothing changed`, lock),
    row(`${counted}: \`nx run files:validate\` with prepare, nothing changed`, validate),
  ];
}

/** DVC on a copy of the files; where it cannot be had, every answer says so. */
async function dvcPeer(workspace) {
  const peer = await pythonPeer('dvc', [`dvc==${dvcVersion}`]);
  if (peer.missing !== undefined) {
    const missing = async () => ({ missing: `not measured: ${peer.missing}` });
    return {
      add: missing,
      addChanged: missing,
      status: missing,
      missing: `dvc not installed: ${peer.missing}`,
    };
  }
  const home = join(folder, 'dvc');
  await mkdir(home, { recursive: true });
  const env = { DVC_NO_ANALYTICS: '1', DVC_SITE_CACHE_DIR: join(home, '.site-cache') };
  const dvc = (...args) => measureTree(join(peer.bin, 'dvc'), args, { cwd: home, env });
  await dvc('init', '--no-scm', '--quiet');
  for (const name of ['files', 'big'])
    await mustRun('cp', ['-r', workspace.path('ml', name, 'data'), join(home, name)]);
  const timed =
    (...args) =>
    async (peaks) => {
      const result = await measured(() => dvc(...args), peaks, 'dvc')();
      console.log(`  dvc ${args.join(' ')}: ${result.seconds.toFixed(2)} s`);
      return result;
    };
  return {
    add: (name, peaks) => timed('add', '--quiet', name)(peaks),
    addChanged: async (peaks) => {
      await changeOne(join(home, 'files/0000/000007.bin'));
      return timed('add', '--quiet', 'files')(peaks);
    },
    status: (name, peaks) => timed('status', '--quiet', `${name}.dvc`)(peaks),
  };
}

async function changeOne(file) {
  const handle = await open(file, 'r+');
  try {
    await handle.write(randomBytes(64), 0, 64, 0);
  } finally {
    await handle.close();
  }
}

function digestOnAllCores(digest) {
  return `find . -type f -print0 | xargs -0 -n 256 -P ${cpus().length} ${digest} > /dev/null`;
}

function seconds(result) {
  if (result === undefined) return 'not installed';
  return result.seconds === undefined ? result.missing : `${result.seconds.toFixed(2)} s`;
}

function faster(mine, theirs) {
  return theirs.seconds === undefined ? '–' : `${(theirs.seconds / mine.seconds).toFixed(1)} × faster`;
}

function gigabytes(bytes) {
  return `${Number((bytes / 1e9).toPrecision(2))} GB`;
}
