import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { repository } from '../../workspace/tarballs.mjs';
import { inProcess, sideBySide } from '../measure.mjs';
import { measureTree } from '../measure-tree.mjs';
import { pythonPeer } from '../python-peer.mjs';

/** Of the peer in Python; numpy, scipy and the like come with them. */
const packages = ['onnxruntime==1.30.0', 'polars==2.1.0', 'pyarrow==26.0.1', 'scikit-learn==1.9.1'];
const rounds = 5;
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
  const bare = (input = {}) =>
    inProcess(join(cases, 'evaluate-bare.mjs'), {
      modelFile,
      splitFile,
      features,
      batchRows: 8192,
      ...input,
    });
  const ours = async () => {
    const start = performance.now();
    const result = await inProcess(
      join(cases, 'evaluate-ours.mjs'),
      {
        workspaceRoot: workspace.folder,
        name: 'flight-delay',
        root: 'ml/flight-delay',
        splitManifest: workspace.path('ml/flights/.mlops/prepared/flights.test.split.json'),
        splitFile,
      },
      { tree: true },
    );
    // From start to exit, as the peer in Python is measured.
    return { ...result, whole: (performance.now() - start) / 1000 };
  };
  const peers = await inPython({ workspace, modelFile, splitFile, features });
  const [mine, limit, ownThreads, everyCore, ...inTurn] = await sideBySide(
    rounds,
    ours,
    bare,
    () => bare({ threads: 0 }),
    () => onEveryCore(bare),
    ...peers.flatMap(({ run }) => run ?? []),
  );
  const python = peers.map((peer) => ({ ...peer, ...(peer.run && inTurn.shift()) }));
  const speed = ({ rows, seconds }) => rows / seconds;
  const millions = (value) => `${(value / 1e6).toFixed(2)} M rows/s`;
  const besideBare = (figure, name, other, aim) => {
    const ratio = speed(mine) / speed(other);
    return {
      figure,
      ours: millions(speed(mine)),
      beside: `${name} ${millions(speed(other))}`,
      ratio: ratio.toFixed(2),
      aim: aim === undefined ? 'shown' : `at least ${aim}`,
      met: ratio >= (aim ?? 0),
    };
  };
  return {
    title: `Evaluate: ${mine.rows.toLocaleString('en')} flights`,
    about: `The whole \`evaluate\` stage (Parquet read, prediction through the serving runtime, all metrics with intervals, baseline, curves, slices, predictions kept, speed of the model) on ${availableParallelism()} cores, beside the bare ONNX Runtime loop on the same model and rows, which are in memory already. Ours predicts in a process for each core, ONNX Runtime on one thread in each and text given to it by codes, and measures in one, slices in threads of it. The bare loop: as one program has it by itself, on one thread and on the threads that ONNX Runtime takes by default; and divided by hand among a process for each core, which is all that the machine can do. In Python, as a process from start to exit, polars on its default threads, ONNX Runtime on one thread and on its default ones, and scikit-learn, which has one: the same metrics over all rows and the same slices, baseline and curves; its only interval is that of accuracy.`,
    rows: [
      besideBare('rows a second', 'bare loop, one thread', limit, 0.67),
      besideBare('rows a second, default threads', 'bare loop, default threads', ownThreads, 0.67),
      besideBare('rows a second, all cores', 'bare loop, divided among the cores', everyCore),
      ...python.map(({ name, missing, seconds, peakMegabytes }) => ({
        figure: `time beside Python, ${name}`,
        ours: `${mine.whole.toFixed(2)} s`,
        beside: missing ?? `${seconds.toFixed(2)} s, ${peakMegabytes.toFixed(0)} MB`,
        ratio: missing === undefined ? `${(seconds / mine.whole).toFixed(1)} × faster` : '–',
        aim: 'at least 3 × faster',
        met: missing !== undefined || seconds >= 3 * mine.whole,
      })),
      {
        figure: 'peak memory, all processes',
        ours: `${mine.peakMegabytes.toFixed(0)} MB`,
        beside: `bare loop, all rows in memory ${limit.peakMegabytes.toFixed(0)} MB`,
        ratio: (mine.peakMegabytes / limit.peakMegabytes).toFixed(2),
        aim: 'under 1 GB',
        met: mine.peakMegabytes < 1024,
      },
    ],
  };
}

/** The slowest of them says when all rows are done. */
async function onEveryCore(bare) {
  const of = availableParallelism();
  const parts = await Promise.all(Array.from({ length: of }, (_, index) => bare({ part: { index, of } })));
  return {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    seconds: Math.max(...parts.map(({ seconds }) => seconds)),
  };
}

/** What runs it with the slices that ours measured, so that both do the same: on one thread and on the default ones. */
async function inPython({ workspace, modelFile, splitFile, features }) {
  const names = ['one thread', 'default threads'];
  const { bin, missing } = await pythonPeer('evaluate', packages);
  if (missing !== undefined) return names.map((name) => ({ name, missing: `not installed: ${missing}` }));
  const file = workspace.path('ml/flight-delay/.mlops/evaluation/evaluation.json');
  const { slices } = JSON.parse(await readFile(file, 'utf8'));
  const columns = [...new Set(slices.map(({ column }) => column))];
  const script = join(cases, 'evaluate-python.py');
  return [1, 0].map((threads, index) => ({
    name: names[index],
    run: () =>
      measureTree(join(bin, 'python'), [
        script,
        modelFile,
        splitFile,
        JSON.stringify(features),
        columns.join(','),
        String(threads),
      ]).catch((error) => ({
        seconds: Infinity,
        missing: `did not run: ${error.message.trim().split('\n').at(-1).slice(0, 160)}`,
      })),
  }));
}
