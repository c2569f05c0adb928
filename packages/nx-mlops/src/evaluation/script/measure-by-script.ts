import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  MlopsError,
  defaultMetrics,
  layout,
  type FloatArray,
  type MetricName,
  type ModelConfig,
  type ModelManifest,
} from '@nx-mlops/core';
import type { ColumnBatch } from '@nx-mlops/runtime';
import { removeAbandoned } from '../../training/abandoned-folders';
import type { LocalSplit, ProjectFolder } from '../../training/project-folder';
import { describeRows, type DescribedRows } from '../describe-rows';
import { evaluateSample, type Measurements } from '../evaluate-sample';
import { nameOfSplit, predictSplit, type Scorer } from '../predict-split';
import { evaluationColumns } from '../split-columns';
import type { KeptPredictions } from '../write-predictions';
import { customMeasurements, type CustomMeasurements } from './custom-metrics';
import { runEvaluationScript } from './run-evaluation-script';
import { readScriptOutput, type ScriptOutput } from './script-output';

export interface ScriptedMeasuring {
  readonly project: ProjectFolder;
  readonly config: ModelConfig;
  readonly manifest: ModelManifest;
  /** Absolute. */
  readonly modelFile: string;
  readonly test: LocalSplit;
  readonly validation?: LocalSplit;
  /** Environment of our own process: the script inherits it. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  readonly now: () => Date;
  /** Milliseconds between SIGTERM and SIGKILL when the script is stopped. @default 10 000 */
  readonly grace?: number;
}

/** What came of a script's answers. */
export interface MeasuredByScript {
  readonly measurements: Measurements;
  readonly threshold?: number;
  /** Absent where the script wrote metrics alone. */
  readonly kept?: KeptPredictions;
  /** The first rows as the model would take them, where the script wrote scores. */
  readonly firstBatch?: ColumnBatch;
}

/**
 * Runs the evaluation script of a model and measures what it left: scores as our own predictions are, custom metrics as
 * it says or as the mean over the rows.
 *
 * @throws MlopsError of `runEvaluationScript`, `readScriptOutput`, `predictSplit`, `evaluateSample`
 */
export async function measureByScript(measuring: ScriptedMeasuring): Promise<MeasuredByScript> {
  const { project, config, manifest, test, signal, now } = measuring;
  const run = join(project.folder, '.mlops', 'evaluation-run');
  const folder = `${run}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  await removeAbandoned(run, now().getTime());
  await mkdir(folder, { recursive: true });
  let output: ScriptOutput;
  try {
    output = await readScriptOutput({
      folder: await runEvaluationScript({ ...measuring, folder }),
      configFile: `${project.root}/${layout.modelConfig}`,
      manifest,
      rows: test.manifest.rows,
      customMetrics: Object.keys(config.evaluation.customMetrics),
      signal,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return output.scores === undefined
    ? measureRows(measuring, output)
    : measureScores(measuring, output, output.scores);
}

async function measureScores(
  { project, config, manifest, test, signal }: ScriptedMeasuring,
  output: ScriptOutput,
  scores: FloatArray,
): Promise<MeasuredByScript> {
  const { threshold, metrics, confidence } = config.evaluation;
  if (typeof threshold !== 'number') throw new TypeError('the config refuses a rule beside a script');
  const { sample, slices, automaticLeftOut, firstBatch } = await predictSplit(
    scorerOf(manifest, scores),
    test,
    evaluationColumns(project, config, manifest, test),
    { threshold, signal },
  );
  const measured = await evaluateSample(
    {
      sample,
      metrics: (metrics as MetricName[] | undefined) ?? defaultMetrics(manifest.task),
      confidence,
      ...(manifest.classes === undefined ? {} : { classes: manifest.classes }),
      slices,
      automaticLeftOut,
      where: nameOfSplit(test),
    },
    signal,
  );
  const rows: DescribedRows = { ...sample, slices };
  const custom = customMeasurements(output, rows, config.evaluation);
  return {
    measurements: joined(measured, custom),
    ...(sample.task === 'binary-classification' ? { threshold: sample.threshold } : {}),
    kept: { sample, slices: configured(rows), rowMetrics: Object.fromEntries(output.rowMetrics) },
    firstBatch,
  };
}

/** Of metrics alone: no scores, so nothing of ours can be computed. */
async function measureRows(
  { project, config, manifest, test, signal }: ScriptedMeasuring,
  output: ScriptOutput,
): Promise<MeasuredByScript> {
  if (manifest.task !== 'custom' && config.evaluation.metrics !== undefined) {
    throw new MlopsError(
      'MLOPS_EVALUATION_OUTPUT',
      `the script wrote no scores, so ${config.evaluation.metrics.join(', ')} cannot be measured. Write the scores to ${layout.scriptPredictions}, or take the metrics out.`,
      { file: `${project.root}/${layout.modelConfig}`, path: 'evaluation.metrics' },
    );
  }
  const columns = { ...evaluationColumns(project, config, { ...manifest, features: [] }, test) };
  const rows: DescribedRows =
    output.rowMetrics.size === 0 ? { slices: [] } : await describeRows(test, columns, signal);
  const custom = customMeasurements(output, rows, config.evaluation);
  return {
    measurements: {
      ...custom,
      baseline: { strategy: 'none', metrics: {} },
      fairness: [],
      warnings: [],
    },
    ...(output.rowMetrics.size === 0
      ? {}
      : {
          kept: {
            rows: test.manifest.rows,
            ...(rows.weights === undefined ? {} : { weights: rows.weights }),
            ...(rows.groups === undefined ? {} : { groups: rows.groups }),
            slices: configured(rows),
            rowMetrics: Object.fromEntries(output.rowMetrics),
          },
        }),
  };
}

/** Scores that were written in the order of the rows, given out batch by batch. */
function scorerOf(manifest: ModelManifest, scores: FloatArray): Scorer {
  const width = manifest.task === 'multiclass-classification' ? (manifest.classes ?? []).length : 1;
  let done = 0;
  return {
    manifest,
    predict({ rows }) {
      const from = done;
      done += rows;
      return Promise.resolve(scores.subarray(from * width, done * width));
    },
  };
}

/** Both name the same slices in the same order, but where no metric was written for each row. */
function joined(measured: Measurements, custom: CustomMeasurements): Measurements {
  return {
    ...measured,
    metrics: { ...measured.metrics, ...custom.metrics },
    intervals: { ...measured.intervals, ...custom.intervals },
    directions: { ...measured.directions, ...custom.directions },
    slices: measured.slices.map((slice, index) => {
      const other = custom.slices[index];
      if (other === undefined) return slice;
      return {
        ...slice,
        metrics: { ...slice.metrics, ...other.metrics },
        intervals: { ...slice.intervals, ...other.intervals },
      };
    }),
  };
}

/** The slices that gates may name. */
function configured({ slices }: DescribedRows): KeptPredictions['slices'] {
  return slices.filter(({ kind }) => kind === 'declared' || kind === 'expression');
}
