import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createWorkspace } from '../../workspace/create-workspace.mjs';
import { mustRun, run } from '../../workspace/run.mjs';
import { repository } from '../../workspace/tarballs.mjs';
import { assertFree, makeBigFile, makeManyFiles } from '../many-files.mjs';
import { medianBySeconds } from '../measure.mjs';
import { measureTree } from '../measure-tree.mjs';
import { stageProcess } from '../stage-process.mjs';

const sizes = {
  full: { files: 100_000, bytes: 1000, big: 1e9, rounds: 3 },
  small: { files: 2000, bytes: 1000, big: 5e7, rounds: 2 },
};
const folder = join(repository, 'tmp/bench/transfer');

export async function transferFigures({ small }) {
  const size = small ? sizes.small : sizes.full;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // The data, the remote, the store of the other clone, the copies; a small file takes a block of 4 KiB.
  await assertFree(folder, 6 * (size.files * Math.max(size.bytes, 4096) + size.big));
  try {
    return await figures(size);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function figures(size) {
  const workspace = await createWorkspace(join(folder, 'workspace'), { daemon: false });
  await workspace.mustNx(['g', 'nx-mlops:init']);
  const remote = join(folder, 'remote');
  await workspace.edit('mlops.json', (text) =>
    text.replace('{', `{ "remote": ${JSON.stringify(`file:${remote}`)},`),
  );
  for (const name of ['files', 'big']) {
    const config = {
      sources: { raw: { path: 'data', format: 'files' } },
      splits: { all: { where: 'true' } },
    };
    await workspace.write(`ml/${name}/dataset.config.json`, JSON.stringify(config));
  }
  console.log('Writing the files …');
  await makeManyFiles(workspace.path('ml/files/data'), size.files, size.bytes);
  await mkdir(workspace.path('ml/big/data'), { recursive: true });
  await makeBigFile(workspace.path('ml/big/data/big.bin'), size.big);
  for (const name of ['files', 'big']) await workspace.mustNx(['run', `${name}:lock`]);

  const rsync = (await run('rsync', ['--version']).catch(() => ({ code: 1 }))).code === 0;
  const copy = rsync ? ['rsync', '-a'] : ['cp', '-r'];
  const shown = copy.join(' ');
  const rows = [];
  const peaks = { ours: 0 };
  const stage = async (what, root, name) => {
    const result = await stageProcess({ stage: what, workspaceRoot: root, name, root: `ml/${name}` });
    peaks.ours = Math.max(peaks.ours, result.peakMegabytes);
    return result;
  };
  for (const [name, what, isMet] of [
    [
      'files',
      `${size.files.toLocaleString('en')} files of ${size.bytes} bytes (${(size.files * size.bytes) / 1e6} MB)`,
      () => true,
    ],
    ['big', `one file of ${size.big / 1e9} GB`, (mine, limit) => mine.seconds < 3 * limit.seconds],
  ]) {
    const rounds = { push: [], copy: [], again: [], pull: [], nothing: [] };
    for (let round = 0; round < size.rounds; round++) {
      // Each round in folders of its own: making files is slow for a while where many were just removed.
      const clone = await cloneOf(workspace, name, join(folder, `clone ${name} ${round}`));
      const copied = join(folder, `copy ${name} ${round}`);
      await rm(remote, { recursive: true, force: true });
      await mkdir(remote);
      await mustRun('sync', []);
      rounds.push.push(await stage('push', workspace.folder, name));
      rounds.again.push(await stage('push', workspace.folder, name));
      await mustRun('sync', []);
      rounds.copy.push(
        await measureTree(copy[0], [...copy.slice(1), workspace.path('ml', name, 'data'), copied]),
      );
      await mustRun('sync', []);
      const pulled = await stage('pull', clone, name);
      if (pulled.files !== (name === 'files' ? size.files : 1))
        throw new Error('The pull brought too few files.');
      rounds.pull.push(pulled);
      rounds.nothing.push(await stage('pull', clone, name));
    }
    const limit = medianBySeconds(rounds.copy);
    const row = (figure, results, aim, met) => {
      const mine = medianBySeconds(results);
      rows.push({
        figure: `${what}: ${figure}`,
        ours: `${seconds(mine)} (the stage alone ${mine.inside.toFixed(2)} s)`,
        beside: `${shown} ${seconds(limit)}`,
        ratio: `${(mine.seconds / limit.seconds).toFixed(2)} ×`,
        aim,
        met: met(mine),
      });
    };
    const aim = name === 'big' ? 'under 3 ×' : 'shown';
    row('first push', rounds.push, aim, (mine) => isMet(mine, limit));
    row('push again, nothing new', rounds.again, 'under 2 s', (mine) => mine.inside < 2);
    row('pull into an empty clone', rounds.pull, name === 'big' ? aim : 'under 20 s', (mine) =>
      name === 'big' ? isMet(mine, limit) : mine.inside < 20,
    );
    row('pull again, nothing new', rounds.nothing, 'shown', () => true);
  }
  rows.push({
    figure: 'peak memory of all that, whole process tree',
    ours: `${peaks.ours.toFixed(0)} MB`,
    beside: '–',
    ratio: '–',
    aim: 'under 500 MB',
    met: peaks.ours < 500,
  });
  return {
    title: 'Push and pull: many tiny files, and a large one',
    about: `The \`push\` and \`pull\` stages as Node processes from start to exit, to and from a folder on the same disk (\`file:\`), beside \`${shown}\` of the same tree, which neither hashes nor checks. What was written is flushed (\`sync\`) before each measurement, and each round has folders of its own.`,
    rows,
  };
}

/** What git would bring: the config and the lock, and no data. */
async function cloneOf(workspace, name, clone) {
  await mkdir(join(clone, 'ml', name), { recursive: true });
  await mustRun('cp', [workspace.path('mlops.json'), clone]);
  for (const file of ['dataset.config.json', 'dataset.lock.json'])
    await mustRun('cp', [workspace.path('ml', name, file), join(clone, 'ml', name)]);
  return clone;
}

function seconds(result) {
  return `${result.seconds.toFixed(2)} s`;
}
