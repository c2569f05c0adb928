import { join } from 'node:path';
import {
  MlopsError,
  canonicalJson,
  defaultMetrics,
  layout,
  modelManifestSchema,
  readManifest,
  writeAtomically,
  type Evaluation,
  type MetricName,
  type ModelConfig,
  type ModelManifest,
} from '@nx-mlops/core';
import { loadModel } from '@nx-mlops/runtime';
import { explainFailure } from '../data/explain-failure';
import { replaceFolder } from '../data/replace-folder';
import { formatCount, formatNumber, plural } from '../reporting/format';
import { textTable } from '../reporting/table';
import { removeAbandoned } from '../training/abandoned-folders';
import type { LocalSplit, ProjectFolder } from '../training/project-folder';
import { evaluationCharts, type Chart } from './charts';
import { measureSplit } from './measure';
import { predictSplit } from './predict-split';
import { evaluationColumns } from './split-columns';
import { keptSlices } from './slice-reader';

export interface EvaluationRequest {
  readonly project: ProjectFolder;
  readonly config: ModelConfig;
  readonly test: LocalSplit;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  /** @default the clock of the system */
  readonly now?: () => Date;
}

/** How often progress is printed at most. Milliseconds. */
const progressInterval = 2000;

/**
 * Measures the trained model on the test split, through the very code that serves it, and moves the result into place
 * whole.
 *
 * @throws MlopsError MLOPS_MANIFEST_MISSING when the model is not trained, MLOPS_MODEL_CORRUPT when its file is not the
 *   one of its manifest, MLOPS_MODEL_OUTDATED when the config has other features by now, MLOPS_SPLIT_EMPTY, and what
 *   `predictSplit` and `measureSplit` throw; the former result stays
 */
export async function evaluateModel(request: EvaluationRequest): Promise<Evaluation> {
  const { project, config, test, now = () => new Date() } = request;
  const modelFolder = join(project.folder, layout.model);
  const manifest = await readManifest(
    join(modelFolder, layout.modelManifest),
    modelManifestSchema,
    `nx run ${project.name}:train`,
  );
  refuseOutdated(project, config, manifest);
  if (test.manifest.rows === 0) {
    throw new MlopsError('MLOPS_SPLIT_EMPTY', 'has no rows, so nothing can be measured on it.', {
      file: nameOf(test),
    });
  }
  const folder = join(project.folder, layout.evaluation);
  await removeAbandoned(folder, now().getTime());
  const { evaluation, charts } = await measure(request, manifest, join(modelFolder, layout.modelFile));
  try {
    await replaceFolder(folder, async (temporary) => {
      await writeAtomically(join(temporary, layout.evaluationFile), canonicalJson(evaluation));
      for (const { file, svg } of charts) await writeAtomically(join(temporary, file), svg);
      request.signal.throwIfAborted();
    });
  } catch (error) {
    throw explainFailure(error);
  }
  report(request, evaluation);
  return evaluation;
}

async function measure(
  { project, config, test, signal, print }: EvaluationRequest,
  manifest: ModelManifest,
  modelFile: string,
): Promise<{ evaluation: Evaluation; charts: Chart[] }> {
  const { dataset, split, file, rows } = test.manifest;
  print(`Evaluating ${project.name} on ${nameOf(test)}, ${plural(rows, 'row')}`);
  const model = await loadModel({ file: modelFile, manifest });
  try {
    const base = {
      version: 1,
      model: project.name,
      task: manifest.task,
      modelSha256: manifest.file.sha256,
      test: { dataset, split, sha256: file.sha256, rows },
    } as const;
    if (manifest.task === 'custom') {
      print('A custom task has no metrics of ours: the model loads, and that is all that was checked.');
      const baseline = { strategy: 'none', metrics: {} };
      return { evaluation: { ...base, metrics: {}, baseline, slices: [], charts: [] }, charts: [] };
    }
    const columns = evaluationColumns(project, config, manifest, test);
    const predicted = await predictSplit(model, test, columns, signal, showProgress(rows, print));
    for (const { column, leftOut } of predicted.cut) {
      print(
        `  "${column}" has ${keptSlices + leftOut} values; the ${keptSlices} with the most rows are kept.`,
      );
    }
    const names = (config.evaluation.metrics as MetricName[] | undefined) ?? defaultMetrics(manifest.task);
    const { threshold } = config.evaluation;
    const measurements = inSplit(nameOf(test), () => measureSplit(predicted, names, threshold));
    const labels = manifest.classes === undefined ? {} : { classes: manifest.classes };
    const charts = evaluationCharts(predicted, { ...labels, confusion: measurements.confusion });
    return {
      evaluation: {
        ...base,
        ...measurements,
        ...labels,
        ...(manifest.task === 'binary-classification' ? { threshold } : {}),
        charts: charts.map(({ title, file: name }) => ({ title, file: name })),
      },
      charts,
    };
  } finally {
    await model.release();
  }
}

/** Says how far it is, for splits that take longer than a moment. */
function showProgress(rows: number, print: (line: string) => void): (done: number) => void {
  let last = performance.now();
  return (done) => {
    if (performance.now() - last < progressInterval || done === rows) return;
    last = performance.now();
    print(`  ${formatCount(done)} of ${plural(rows, 'row')}`);
  };
}

/** The model must be the one that the config describes now; a task that was run without its dependencies may be older. */
function refuseOutdated(project: ProjectFolder, config: ModelConfig, manifest: ModelManifest): void {
  const trained = manifest.features.map(({ name }) => name);
  const differences = [
    ...(manifest.task === config.task ? [] : [`task (${manifest.task})`]),
    ...(manifest.target === config.target ? [] : [`target ("${manifest.target}")`]),
    ...(trained.join('\n') === config.features.join('\n') ? [] : [`features (${trained.join(', ')})`]),
  ];
  if (differences.length === 0) return;
  throw new MlopsError(
    'MLOPS_MODEL_OUTDATED',
    `The model that lies there was trained with other settings: ${differences.join(', ')}. Run nx run ${project.name}:train first.`,
    { file: `${project.root}/${layout.modelConfig}` },
  );
}

/** Names the split in an error that tells of a row. */
function inSplit<Result>(where: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error;
    throw new MlopsError(error.code, error.message, { file: where }, { cause: error });
  }
}

function report({ project, print }: EvaluationRequest, evaluation: Evaluation): void {
  const { metrics, baseline } = evaluation;
  print('');
  for (const line of textTable({
    header: ['metric', 'value', `baseline (${baseline.strategy})`],
    rows: Object.entries(metrics).map(([name, value]) => [
      name,
      formatNumber(value),
      formatNumber(baseline.metrics[name]),
    ]),
    alignment: ['left', 'right', 'right'],
  })) {
    print(line);
  }
  print(`Written to ${project.root}/${layout.evaluation}/${layout.evaluationFile}`);
}

function nameOf({ manifest }: LocalSplit): string {
  return `${manifest.dataset}:${manifest.split}`;
}
