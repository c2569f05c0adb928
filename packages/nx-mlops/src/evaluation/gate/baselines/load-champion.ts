import { isDeepStrictEqual } from 'node:util';
import {
  MlopsError,
  layout,
  measureSample,
  metricIntervals,
  parseMetric,
  type Evaluation,
  type FloatArray,
  type Intervals,
  type MetricName,
  type MetricValues,
  type ModelConfig,
  type ModelManifest,
  type Registry,
  type Sample,
  type VersionRecord,
} from '@nx-mlops/core';
import { explainFailure } from '../../../data/explain-failure';
import type { LocalSplit, ProjectFolder } from '../../../training/project-folder';
import type * as PredictSample from '../../predict-sample';
import type { Champion, JudgedModel } from '../judged-model';
import { championFit } from './champion-fit';
import { championSample } from './champion-sample';
import { ChampionScores } from './champion-scores';
import { readVersionEvaluation, type VersionEvaluation } from './version-evaluation';
import { readVersionRowMetrics, readVersionScores } from './version-predictions';

/** Where a champion's answers come from, and what they are put beside. */
export interface ChampionSources {
  readonly project: ProjectFolder;
  readonly config: ModelConfig;
  readonly model: JudgedModel;
  /** Of the model under judgement. */
  readonly manifest: ModelManifest;
  readonly registry: Registry;
  /** The present test split; asked for only when a champion must be scored anew. */
  readonly openTest: () => Promise<LocalSplit>;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface LoadedChampion {
  readonly champion: Champion;
  readonly metrics?: MetricValues;
  readonly intervals?: Intervals;
  /** Whether it had to be scored on this test split, since it was measured on another. */
  readonly rescored: boolean;
  /** Of the present test split. */
  readonly evaluation?: Evaluation;
}

/** A champion's scores on the present test split, or why there are none. */
type Scores = { readonly scores: FloatArray; readonly rescored: boolean } | { readonly notScored: string };

/** A score at or above it is positive, where a version says nothing else: what every version before had by default. */
const usualThreshold = 0.5;

/**
 * A registered version beside the model: its answers to the rows of the present test split. They are those that its
 * evaluation kept, when that was of the same split; else it is scored again, once on each machine.
 *
 * A champion that cannot be scored, since it answers another question or the split lacks its features, has the reason
 * in `notScored`.
 *
 * @throws MlopsError of the registry, when a file of the version is missing or damaged; of `openTest`
 */
export async function loadChampion(
  version: VersionRecord,
  sources: ChampionSources,
): Promise<LoadedChampion> {
  const { registry, model, manifest } = sources;
  const { evaluation, predictions } = model;
  const own = await readVersionEvaluation(registry, version);
  const threshold = own.threshold ?? usualThreshold;
  const base = {
    modelVersion: version.version,
    modelSize: version.manifest.file.size,
    ...(own.performance === undefined ? {} : { performance: own.performance }),
  };
  const sameScores = predictsAlike(version.manifest, manifest);
  if (sameScores && (evaluation.threshold === undefined || evaluation.threshold === threshold)) {
    const { metrics, intervals } = evaluation;
    return { champion: { ...base, isSame: true, metrics }, metrics, intervals, rescored: false, evaluation };
  }

  const measured = own.evaluation?.test.sha256 === evaluation.test.sha256 ? own.evaluation : undefined;
  const kept = measured === undefined ? {} : { evaluation: measured };
  const without = (notScored: string): LoadedChampion => ({
    champion: {
      ...base,
      isSame: false,
      ...(measured === undefined ? {} : { metrics: measured.metrics }),
      notScored,
    },
    ...(measured === undefined ? {} : { metrics: measured.metrics, intervals: measured.intervals }),
    rescored: false,
    ...kept,
  });
  const fit = championFit(manifest, version.manifest, version.version);
  if ('unfit' in fit) return without(fit.unfit);
  if (predictions === undefined) {
    return without('the evaluation of this model keeps no answers to each row, only metrics.');
  }
  const rowMetrics =
    measured?.predictions === undefined
      ? undefined
      : await readVersionRowMetrics(registry, version, measured.predictions);
  if (predictions.sample === undefined) {
    if (measured === undefined || rowMetrics === undefined) {
      return without(
        'its evaluation script measured it on another test split. Evaluate and register it again.',
      );
    }
    const { metrics, intervals } = measured;
    return {
      champion: { ...base, isSame: false, metrics, rowMetrics },
      metrics,
      intervals,
      rescored: false,
      ...kept,
    };
  }
  const scored = sameScores
    ? { scores: predictions.sample.scores, rescored: false }
    : await scoresOf(version, own, sources);
  if ('notScored' in scored) return without(scored.notScored);
  const sample = championSample(predictions.sample, scored.scores, threshold, fit.columns);
  if (sample === undefined) {
    return without(`the scores of version ${version.version} are not of as many rows as the test split has.`);
  }
  const measurements = measurementsOf(sample, model, measured);
  if ('notScored' in measurements) return without(`version ${version.version} ${measurements.notScored}`);
  const { metrics, intervals } = measurements;
  return {
    champion: {
      ...base,
      isSame: false,
      sample,
      metrics,
      ...(rowMetrics === undefined ? {} : { rowMetrics }),
    },
    metrics,
    intervals,
    rescored: scored.rescored,
    ...kept,
  };
}

/** The same file, fed and read in the same way, gives the same scores. */
function predictsAlike(champion: ModelManifest, model: ModelManifest): boolean {
  const facts = ({ task, file, features, target, classes, inputLayout, scoreOutput }: ModelManifest) => ({
    task,
    file: file.sha256,
    features,
    target,
    classes,
    inputLayout,
    scoreOutput,
  });
  return isDeepStrictEqual(facts(champion), facts(model));
}

async function scoresOf(
  version: VersionRecord,
  { evaluation: own }: VersionEvaluation,
  sources: ChampionSources,
): Promise<Scores> {
  const { registry, model, project, config, print, signal } = sources;
  const { test } = model.evaluation;
  if (own?.predictions !== undefined && own.test.sha256 === test.sha256) {
    const scores = await readVersionScores(registry, version, own.predictions);
    if (scores !== undefined) return { scores, rescored: false };
  }
  if (config.evaluation.entry !== undefined || config.evaluation.command !== undefined) {
    return {
      notScored: `version ${version.version} was measured on another test split, and this model by a script, so scoring that version here would not measure the two alike. Measure it by the script on this split and register it again.`,
    };
  }
  const cache = new ChampionScores(project.workspaceRoot);
  const which = { model: version.model, versionDigest: version.digest, splitSha256: test.sha256 };
  const known = await cache.read(which);
  if (known !== undefined) return { scores: known, rescored: true };

  print(
    `Scoring version ${version.version} on ${test.dataset}:${test.split}, which it was not measured on; the scores are kept for the next time.`,
  );
  const modelFile = await registry.fetchFile(version, layout.modelFile);
  const split = await sources.openTest();
  const manifest = version.manifest;
  const request = { modelFile, manifest, test: split, config, root: project.root, signal };
  const scored = await sampler()
    .predictSample(request)
    .catch((error: unknown) => {
      if (!(error instanceof MlopsError) || !unscorable.includes(error.code)) throw error;
      return {
        notScored: `version ${version.version} cannot be scored on this test split: ${error.message}`,
      };
    });
  if ('notScored' in scored) return scored;
  try {
    await cache.write(which, scored.scores);
  } catch (error) {
    throw explainFailure(error);
  }
  return { scores: scored.scores, rescored: true };
}

/** Failures that lie in the champion and the split, not in this machine. */
const unscorable: readonly string[] = [
  'MLOPS_UNKNOWN_COLUMN',
  'MLOPS_COLUMN_TYPE',
  'MLOPS_BATCH_COLUMN',
  'MLOPS_BATCH_VALUE',
  'MLOPS_UNKNOWN_CLASS',
  'MLOPS_MODELS_DIFFER',
  'MLOPS_MODEL_NO_SCORES',
  'MLOPS_PREDICTION_FAILED',
];

/** ONNX Runtime and DuckDB, which are slow to load, are needed only where a champion is scored anew. */
function sampler(): typeof PredictSample {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import at the top would load them always
  return require('../../predict-sample') as typeof PredictSample;
}

type Measurements = { readonly metrics: MetricValues; readonly intervals: Intervals };

/**
 * Metrics of the champion on the present rows. Those of its own evaluation hold when that was of the same rows with the
 * same truth, weights and groups; else they are computed from the scores, and only those of a script are taken over.
 */
function measurementsOf(
  sample: Sample,
  { evaluation }: JudgedModel,
  measured: Evaluation | undefined,
): Measurements | { readonly notScored: string } {
  const names = Object.keys(evaluation.metrics);
  const isKnown = names.every((name) => measured !== undefined && Object.hasOwn(measured.metrics, name));
  if (measured !== undefined && isKnown && isMeasuredAlike(measured, evaluation)) {
    return { metrics: measured.metrics, intervals: measured.intervals };
  }
  const ours = names.filter((name): name is MetricName => parseMetric(name) !== undefined);
  const ofScript = Object.entries(measured?.metrics ?? {}).filter(
    ([name]) => names.includes(name) && parseMetric(name) === undefined,
  );
  try {
    return {
      metrics: { ...Object.fromEntries(ofScript), ...measureSample(sample, ours) },
      intervals: metricIntervals(sample, ours, { confidence: evaluation.confidence }),
    };
  } catch (error) {
    if (!(error instanceof MlopsError) || !error.code.startsWith('MLOPS_SCORE_')) throw error;
    return { notScored: `gives scores that cannot be measured: ${error.message}` };
  }
}

function isMeasuredAlike(champion: Evaluation, model: Evaluation): boolean {
  const facts = ({ confidence, predictions: kept }: Evaluation) => [
    confidence,
    kept?.truth?.sha256,
    kept?.weights?.sha256,
    kept?.groups?.sha256,
  ];
  return champion.predictions !== undefined && isDeepStrictEqual(facts(champion), facts(model));
}
