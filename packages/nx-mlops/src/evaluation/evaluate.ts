import { join } from 'node:path';
import {
  MlopsError,
  canonicalJson,
  chooseThreshold,
  defaultMetrics,
  hasEvaluationScript,
  layout,
  modelManifestSchema,
  readManifest,
  writeAtomically,
  type Evaluation,
  type Golden,
  type MetricName,
  type ModelConfig,
  type ModelManifest,
  type Performance,
} from '@nx-mlops/core';
import { loadModel, type LoadedModel } from '@nx-mlops/runtime';
import { explainFailure } from '../data/explain-failure';
import { replaceFolder } from '../data/replace-folder';
import { formatCount, plural } from '../reporting/format';
import { removeAbandoned } from '../training/abandoned-folders';
import type { LocalSplit, ProjectFolder } from '../training/project-folder';
import { evaluateSample } from './evaluate-sample';
import { evaluationTable } from './evaluation-table';
import { GoldenRows } from './golden-rows';
import { measurePerformance, performanceOf } from './measure-performance';
import { predictByModel } from './predict-by-model';
import { nameOfSplit } from './predict-split';
import type * as ByScript from './script/measure-by-script';
import { evaluationColumns, withoutSlices } from './split-columns';
import { thresholdRuleText } from './threshold-rule';
import { writePredictions, type KeptPredictions } from './write-predictions';

export interface EvaluationRequest {
  readonly project: ProjectFolder;
  readonly config: ModelConfig;
  readonly test: LocalSplit;
  /** Needed where the config has a rule for the threshold. */
  readonly validation?: LocalSplit;
  /** Environment of our own process: an evaluation script inherits it. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  /** @default the clock of the system */
  readonly now?: () => Date;
  /** Milliseconds between SIGTERM and SIGKILL when a script is stopped. @default 10 000 */
  readonly grace?: number;
}

/** What is written of a measured model. */
interface EvaluatedModel {
  readonly evaluation: Evaluation;
  readonly performance: Performance;
  /** Absent for a custom task. */
  readonly kept?: KeptPredictions;
  /** Absent for a custom task, and where a script predicts. */
  readonly golden?: Golden;
}

/** How often progress is printed at most. Milliseconds. */
const progressInterval = 2000;

/**
 * Measures the trained model on the test split, through the very code that serves it, and moves the result into place
 * whole: evaluation.json, performance.json, golden.json and the predictions.
 *
 * @throws MlopsError MLOPS_MANIFEST_MISSING when the model is not trained, MLOPS_MODEL_CORRUPT when its file is not the
 *   one of its manifest, MLOPS_MODEL_OUTDATED when the config has other features by now, MLOPS_SPLIT_EMPTY,
 *   MLOPS_VALIDATION_MISSING, MLOPS_THRESHOLD when no threshold fulfils the rule, MLOPS_DISK_FULL, and what
 *   `predictSplit` and `evaluateSample` throw; the former result stays
 */
export async function evaluateModel(request: EvaluationRequest): Promise<Evaluation> {
  const { project, config, test, validation, now = () => new Date() } = request;
  const modelFolder = join(project.folder, layout.model);
  const manifest = await readManifest(
    join(modelFolder, layout.modelManifest),
    modelManifestSchema,
    `nx run ${project.name}:train`,
  );
  refuseOutdated(project, config, manifest);
  for (const split of validation === undefined ? [test] : [test, validation]) refuseEmpty(split);
  const folder = join(project.folder, layout.evaluation);
  await removeAbandoned(folder, now().getTime());
  const evaluated = await measure(request, manifest, join(modelFolder, layout.modelFile));
  const evaluation = await write(folder, evaluated, request.signal);
  report(request, evaluation);
  return evaluation;
}

async function write(
  folder: string,
  { evaluation, performance, kept, golden }: EvaluatedModel,
  signal: AbortSignal,
): Promise<Evaluation> {
  let written = evaluation;
  try {
    await replaceFolder(folder, async (temporary) => {
      if (kept !== undefined) {
        written = { ...evaluation, predictions: await writePredictions(temporary, kept) };
      }
      if (golden !== undefined) {
        await writeAtomically(join(temporary, layout.goldenFile), canonicalJson(golden));
      }
      await writeAtomically(join(temporary, layout.performanceFile), canonicalJson(performance));
      await writeAtomically(join(temporary, layout.evaluationFile), canonicalJson(written));
      signal.throwIfAborted();
    });
  } catch (error) {
    throw explainFailure(error);
  }
  return written;
}

async function measure(
  request: EvaluationRequest,
  manifest: ModelManifest,
  modelFile: string,
): Promise<EvaluatedModel> {
  const { project, test, print } = request;
  print(`Evaluating ${project.name} on ${nameOfSplit(test)}, ${plural(test.manifest.rows, 'row')}`);
  // Loaded whatever measures it: a model that does not load is never deployed.
  const model = await loadModel({ file: modelFile, manifest });
  try {
    if (hasEvaluationScript(request.config.evaluation))
      return await measureScripted(request, model, modelFile);
    return manifest.task === 'custom'
      ? await measureCustom(request, manifest)
      : await measurePredicted(request, model, modelFile);
  } finally {
    await model.release();
  }
}

async function measureScripted(
  request: EvaluationRequest,
  model: LoadedModel,
  modelFile: string,
): Promise<EvaluatedModel> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- most evaluations start no script
  const { measureByScript } = require('./script/measure-by-script') as typeof ByScript;
  const { now = () => new Date() } = request;
  const { manifest } = model;
  const { measurements, threshold, kept, firstBatch } = await measureByScript({
    ...request,
    manifest,
    modelFile,
    now,
  });
  return {
    evaluation: {
      ...factsOf(request, manifest),
      ...measurements,
      ...(manifest.classes === undefined ? {} : { classes: manifest.classes }),
      ...(threshold === undefined ? {} : { threshold }),
    },
    performance:
      firstBatch === undefined
        ? await performanceOf(manifest, undefined)
        : await measurePerformance(model, firstBatch),
    ...(kept === undefined ? {} : { kept }),
  };
}

async function measureCustom(request: EvaluationRequest, manifest: ModelManifest): Promise<EvaluatedModel> {
  request.print('A custom task has no metrics of ours: the model loads, and that is all that was checked.');
  return {
    evaluation: {
      ...factsOf(request, manifest),
      metrics: {},
      intervals: {},
      directions: {},
      baseline: { strategy: 'none', metrics: {} },
      slices: [],
      fairness: [],
      warnings: [],
    },
    performance: await performanceOf(manifest, undefined),
  };
}

async function measurePredicted(
  request: EvaluationRequest,
  model: LoadedModel,
  modelFile: string,
): Promise<EvaluatedModel> {
  const { project, config, test, signal, print } = request;
  const { manifest } = model;
  const { threshold, thresholdChosen } = await thresholdOf(request, model, modelFile);
  const columns = evaluationColumns(project, config, manifest, test);
  const golden = new GoldenRows(columns.features, test.manifest.rows);
  const { sample, slices, automaticLeftOut, firstBatch } = await predictByModel(
    model,
    modelFile,
    test,
    columns,
    {
      threshold,
      signal,
      onProgress: showProgress(test.manifest.rows, print),
      onBatch: (batch, offset) => golden.take(batch, offset),
    },
  );
  const { confidence } = config.evaluation;
  const where = nameOfSplit(test);
  const classes = manifest.classes === undefined ? {} : { classes: manifest.classes };
  const metrics = (config.evaluation.metrics as MetricName[] | undefined) ?? defaultMetrics(manifest.task);
  const measurements = await inSplit(where, () =>
    evaluateSample({ sample, metrics, confidence, ...classes, slices, automaticLeftOut, where }, signal),
  );
  return {
    evaluation: {
      ...factsOf(request, manifest),
      ...measurements,
      ...classes,
      ...(sample.task === 'binary-classification' ? { threshold: sample.threshold } : {}),
      ...(thresholdChosen === undefined ? {} : { thresholdChosen }),
    },
    performance: await measurePerformance(model, firstBatch),
    golden: await golden.answeredBy(model, test),
    kept: { sample, slices: slices.filter(({ kind }) => kind === 'declared' || kind === 'expression') },
  };
}

/** The threshold of the config, or the one that its rule chooses on the validation split. */
async function thresholdOf(
  { project, config, validation, signal, print }: EvaluationRequest,
  model: LoadedModel,
  modelFile: string,
): Promise<{ readonly threshold: number; readonly thresholdChosen?: Evaluation['thresholdChosen'] }> {
  const rule = config.evaluation.threshold;
  if (typeof rule === 'number') return { threshold: rule };
  if (validation === undefined) {
    throw new MlopsError(
      'MLOPS_VALIDATION_MISSING',
      'evaluation.threshold is a rule, which chooses on the validation split, but there is none. Give datasets.validation, or a number as the threshold.',
      { file: `${project.root}/${layout.modelConfig}`, path: 'evaluation.threshold' },
    );
  }
  const where = nameOfSplit(validation);
  const columns = withoutSlices(evaluationColumns(project, config, model.manifest, validation));
  const { sample } = await predictByModel(model, modelFile, validation, columns, { threshold: 0.5, signal });
  if (sample.task !== 'binary-classification')
    throw new TypeError('a threshold is of a binary classification');
  const threshold = await inSplit(where, () => chooseThreshold(sample, rule));
  const text = thresholdRuleText(rule);
  print(`  Threshold ${threshold}, chosen on ${where}: ${text}`);
  const { dataset, split, file } = validation.manifest;
  return { threshold, thresholdChosen: { dataset, split, sha256: file.sha256, rule: text } };
}

/** What an evaluation says before anything is measured. */
function factsOf({ project, config, test }: EvaluationRequest, { task, file }: ModelManifest) {
  const { dataset, split, rows } = test.manifest;
  return {
    version: 2,
    model: project.name,
    task,
    modelSha256: file.sha256,
    modelSize: file.size,
    test: { dataset, split, sha256: test.manifest.file.sha256, rows },
    confidence: config.evaluation.confidence,
  } as const;
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

function refuseEmpty(split: LocalSplit): void {
  if (split.manifest.rows > 0) return;
  throw new MlopsError('MLOPS_SPLIT_EMPTY', 'has no rows, so nothing can be measured on it.', {
    file: nameOfSplit(split),
  });
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
async function inSplit<Result>(where: string, work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error;
    throw new MlopsError(error.code, error.message, { file: where }, { cause: error });
  }
}

function report({ project, print }: EvaluationRequest, evaluation: Evaluation): void {
  print('');
  for (const line of evaluationTable(evaluation)) print(line);
  for (const { message } of evaluation.warnings) print(`Warning: ${message}`);
  print(`Written to ${project.root}/${layout.evaluation}/${layout.evaluationFile}`);
}
