import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../../workspace/tarballs.mjs';
import { manyModels } from '../many-models.mjs';
import { sideBySide } from '../measure.mjs';

const MODELS = 100;
const command = ['run-many', '-t', 'train'];

export async function noOpFigures() {
  const rows = [];
  for (const daemon of [true, false]) {
    const withPlugin = await manyModels(join(repository, 'tmp/bench/with-plugin'), MODELS, { daemon });
    const without = await manyModels(join(repository, 'tmp/bench/without-plugin'), MODELS, { daemon });
    await pinTargets(withPlugin, without);
    for (const workspace of [withPlugin, without]) {
      await workspace.mustNx([...command, '--parallel=2']);
      await workspace.mustNx(command);
    }
    const time = (workspace) => async () => workspace.mustNx(command);
    const [mine, plain] = await sideBySide(9, time(withPlugin), time(without));
    for (const workspace of [withPlugin, without]) await workspace.stop();
    const ratio = mine.seconds / plain.seconds;
    rows.push({
      figure: `daemon ${daemon ? 'on' : 'off'}`,
      ours: `${mine.seconds.toFixed(2)} s`,
      beside: `the same targets in project.json, no plugin ${plain.seconds.toFixed(2)} s`,
      ratio: `${ratio.toFixed(2)} ×`,
      aim: 'under 1.10 ×',
      met: ratio < 1.1,
    });
  }
  return {
    title: `No-op: ${MODELS} model projects, all cached`,
    about: `\`nx run-many -t train\` when every training of ${MODELS} models is in the cache, whole command, beside the same targets written into project.json files with no plugin registered.`,
    rows,
  };
}

/** Writes what the plugin infers into project.json files, and takes the plugin out. */
async function pinTargets(from, to) {
  await from.mustNx(['graph', '--file=graph.json']);
  const { graph } = await from.readJson('graph.json');
  await rm(from.path('graph.json'));
  for (const { name, data } of Object.values(graph.nodes)) {
    const { root, targets, metadata } = data;
    const plain = Object.fromEntries(
      Object.entries(targets).map(([target, config]) => [target, { ...config, parallelism: undefined }]),
    );
    await to.write(
      `${root}/project.json`,
      JSON.stringify({
        name,
        targets: plain,
        metadata,
        implicitDependencies: name === 'measures' ? [] : ['measures'],
      }),
    );
  }
  const nx = await to.readJson('nx.json');
  await to.write('nx.json', JSON.stringify({ ...nx, plugins: [] }));
}
