import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../../workspace/tarballs.mjs';
import { inProcess, medianBySeconds, sideBySide } from '../measure.mjs';
import { measureTree } from '../measure-tree.mjs';
import { pythonPeer } from '../python-peer.mjs';

/** Of the peer in Python; numpy, scipy and the like come with them. */
const packages = ['onnxruntime==1.30.0', 'polars==2.1.0', 'pyarrow==26.0.1', 'scikit-learn==1.9.1'];
const rounds = 3;
const cases = join(repository, 'tools/bench/cases');

export async function evaluateFigures(workspace) {
  const manifest = await workspace.readJson('ml/flights/.mlops/prepared/flights.test.split.json');
  const { features } = await workspace.readJson('ml/flight-delay/.mlops/model/model.manifest.json');
  const splitFile = workspace.path(
    '.mlops/store/sha256',
    manifest.file.sha256.slice(0, 2),
    manifest.file.sha256,
  );
  const modelFile = workspace.path('ml/flight-delay/.mlops/model/model.onnx');
  /** From start to exit, as the peer in Python is measured. */
  const whole = [];
  const [mine, limit] = await sideBySide(
    rounds,
    async () => {
      const start = performance.now();
      const result = await inProcess(join(cases, 'evaluate-ours.mjs'), {
        workspaceRoot: workspace.folder,
        name: 'flight-delay',
        root: 'ml/flight-delay',
        splitManifest: workspace.path('ml/flights/.mlops/prepared/flights.test.split.json'),
        splitFile,
      });
      whole.push({ ...result, seconds: (performance.now() - start) / 1000 });
      return result;
    },
    () =>
      inProcess(join(cases, 'evaluate-bare.mjs'), {
        modelFile,
        splitFile,
        features,
        batchRows: 8192,
      }),
  );
  const own = medianBySeconds(whole);
  const python = await inPython({ workspace, modelFile, splitFile, features });
  const speed = ({ rows, seconds }) => rows / seconds;
  const millions = (value) => `${(value / 1e6).toFixed(2)} M rows/s`;
  const ratio = speed(mine) / speed(limit);
  return {
    title: `Evaluate: ${mine.rows.toLocaleString('en')} flights`,
    about:
      'The whole `evaluate` stage (Parquet read, prediction through the serving runtime, all metrics with intervals, baseline, curves, slices, predictions kept, speed of the model) beside the bare ONNX Runtime loop on the same model and rows, which are in memory already; one thread each. In Python, as a process from start to exit: polars, ONNX Runtime on one thread and scikit-learn, the same metrics over all rows and the same slices, baseline and curves; its only interval is that of accuracy.',
    rows: [
      {
        figure: 'rows a second',
        ours: millions(speed(mine)),
        beside: `bare loop ${millions(speed(limit))}`,
        ratio: ratio.toFixed(2),
        aim: 'at least 0.67',
        met: ratio >= 0.67,
      },
      {
        figure: 'time beside Python',
        ours: `${own.seconds.toFixed(2)} s`,
        beside: python.missing ?? `${python.seconds.toFixed(2)} s, ${python.peakMegabytes.toFixed(0)} MB`,
        ratio: python.missing === undefined ? `${(python.seconds / own.seconds).toFixed(1)} × faster` : '–',
        aim: 'at least 3 × faster',
        met: python.missing !== undefined || python.seconds >= 3 * own.seconds,
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

/** The slices that ours measured, so that both do the same. */
async function inPython({ workspace, modelFile, splitFile, features }) {
  const { bin, missing } = await pythonPeer('evaluate', packages);
  if (missing !== undefined) return { missing: `not installed: ${missing}` };
  const file = workspace.path('ml/flight-delay/.mlops/evaluation/evaluation.json');
  const { slices } = JSON.parse(await readFile(file, 'utf8'));
  const columns = [...new Set(slices.map(({ column }) => column))];
  const script = join(cases, 'evaluate-python.py');
  const results = [];
  for (let round = 0; round < rounds; round++) {
    try {
      results.push(
        await measureTree(join(bin, 'python'), [
          script,
          modelFile,
          splitFile,
          JSON.stringify(features),
          columns.join(','),
        ]),
      );
    } catch (error) {
      return { missing: `did not run: ${error.message.trim().split('\n').at(-1).slice(0, 160)}` };
    }
  }
  return medianBySeconds(results);
}
