import { join } from 'node:path';
import { repository } from '../../workspace/tarballs.mjs';
import { inProcess, sideBySide } from '../measure.mjs';

const cases = join(repository, 'tools/bench/cases');

export async function evaluateFigures(workspace) {
  const manifest = await workspace.readJson('ml/flights/.mlops/prepared/flights.test.split.json');
  const { features } = await workspace.readJson('ml/flight-delay/.mlops/model/model.manifest.json');
  const splitFile = workspace.path(
    '.mlops/store/sha256',
    manifest.file.sha256.slice(0, 2),
    manifest.file.sha256,
  );
  const [mine, limit] = await sideBySide(
    3,
    () =>
      inProcess(join(cases, 'evaluate-ours.mjs'), {
        workspaceRoot: workspace.folder,
        name: 'flight-delay',
        root: 'ml/flight-delay',
        splitManifest: workspace.path('ml/flights/.mlops/prepared/flights.test.split.json'),
        splitFile,
      }),
    () =>
      inProcess(join(cases, 'evaluate-bare.mjs'), {
        modelFile: workspace.path('ml/flight-delay/.mlops/model/model.onnx'),
        splitFile,
        features,
        batchRows: 8192,
      }),
  );
  const speed = ({ rows, seconds }) => rows / seconds;
  const millions = (value) => `${(value / 1e6).toFixed(2)} M rows/s`;
  const ratio = speed(mine) / speed(limit);
  return {
    title: `Evaluate: ${mine.rows.toLocaleString('en')} flights`,
    about:
      'The whole `evaluate` stage (Parquet read, prediction through the serving runtime, all metrics, baseline, charts) beside the bare ONNX Runtime loop on the same model and rows, which are in memory already; one thread each.',
    rows: [
      {
        figure: 'rows a second',
        ours: millions(speed(mine)),
        beside: `bare loop ${millions(speed(limit))}`,
        ratio: ratio.toFixed(2),
        aim: 'at least 0.5',
        met: ratio >= 0.5,
      },
      {
        figure: 'peak memory',
        ours: `${mine.peakMegabytes.toFixed(0)} MB`,
        beside: `bare loop, all rows in memory ${limit.peakMegabytes.toFixed(0)} MB`,
        ratio: (mine.peakMegabytes / limit.peakMegabytes).toFixed(2),
        aim: 'under 1 GB',
        met: mine.peakMegabytes < 1024,
      },
    ],
  };
}
