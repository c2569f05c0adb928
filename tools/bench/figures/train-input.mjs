import { join } from 'node:path';
import { repository } from '../../workspace/tarballs.mjs';
import { inProcess, medianBySeconds } from '../measure.mjs';

export async function trainInputFigures(workspace) {
  const manifest = await workspace.readJson('ml/flight-delay/.mlops/model/model.manifest.json');
  // The split with all three million rows.
  const split = await workspace.readJson('ml/flights/.mlops/prepared/flights.test.split.json');
  const path = workspace.path('.mlops/store/sha256', split.file.sha256.slice(0, 2), split.file.sha256);
  const context = {
    version: 1,
    model: 'flight-delay',
    task: manifest.task,
    features: manifest.features,
    target: { name: manifest.target, type: 'boolean' },
    classes: manifest.classes,
    params: {},
    seed: 7,
    threads: 1,
    datasets: {
      train: { dataset: 'flights', split: 'test', path, rows: split.rows, columns: split.columns },
    },
  };
  const rounds = [];
  for (let round = 0; round < 3; round++)
    rounds.push(
      await inProcess(join(repository, 'tools/bench/cases/train-input.mjs'), {
        context,
        maxRows: split.rows,
      }),
    );
  const mine = medianBySeconds(rounds);
  const matrix = (mine.rows * mine.width * 4) / 2 ** 20;
  return {
    title: `Training input: ${mine.rows.toLocaleString('en')} flights`,
    about: `\`fitEncoder\` and \`readEncoded\` over every row, ${mine.width} columns once encoded, beside the dense float32 matrix that the same rows would be.`,
    rows: [
      {
        figure: 'time',
        ours: `${mine.seconds.toFixed(1)} s`,
        beside: '–',
        ratio: '–',
        aim: 'shown',
        met: true,
      },
      {
        figure: 'peak memory',
        ours: `${mine.peakMegabytes.toFixed(0)} MB`,
        beside: `the matrix alone ${matrix.toFixed(0)} MB`,
        ratio: (mine.peakMegabytes / matrix).toFixed(2),
        aim: 'under 1 GB',
        met: mine.peakMegabytes < 1024,
      },
    ],
  };
}
