import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../../workspace/tarballs.mjs';
import { manyModels } from '../many-models.mjs';
import { inProcess, medianBySeconds } from '../measure.mjs';

const MODELS = 1000;

export async function graphFigures() {
  const workspace = await manyModels(join(repository, 'tmp/bench/graph'), MODELS);
  await workspace.stop();
  const measure = () =>
    inProcess(join(repository, 'tools/bench/cases/graph-time.mjs'), {
      workspaceRoot: workspace.folder,
      options: {},
    });
  await rm(workspace.path('.nx/workspace-data'), { recursive: true, force: true });
  const cold = await measure();
  const warm = [];
  for (let round = 0; round < 5; round++) warm.push(await measure());
  const { newProcessMilliseconds, sameProcessMilliseconds, loadMilliseconds } = medianBySeconds(warm);
  const row = (figure, value, aim, met) => ({
    figure,
    ours: `${value.toFixed(0)} ms`,
    beside: `from nothing ${cold.newProcessMilliseconds.toFixed(0)} ms`,
    ratio: (value / cold.newProcessMilliseconds).toFixed(2),
    aim,
    met,
  });
  return {
    title: `Graph: ${MODELS.toLocaleString('en')} model projects`,
    about: `\`createNodes\` on the configs of ${MODELS.toLocaleString('en')} models and a dataset, loading the plugin included (${loadMilliseconds.toFixed(0)} ms of it), beside the same with nothing cached.`,
    rows: [
      row(
        'warm, in a new process (daemon off)',
        newProcessMilliseconds,
        'under 300 ms',
        newProcessMilliseconds < 300,
      ),
      row(
        'warm, in the same process (daemon on)',
        sameProcessMilliseconds,
        'under 300 ms',
        sameProcessMilliseconds < 300,
      ),
    ],
  };
}
