/**
 * Where things lie. Paths with forward slashes; those of a project are relative to its folder, the others to the
 * workspace. All of them are git-ignored but the configs and the lock.
 */
export const layout = {
  modelConfig: 'model.config.json',
  datasetConfig: 'dataset.config.json',
  datasetLock: 'dataset.lock.json',
  mlopsConfig: 'mlops.json',

  /** Folders that are the Nx outputs of the cached tasks, each moved into place whole. */
  prepared: '.mlops/prepared',
  validation: '.mlops/validation',
  /** Written instead of `validation` when a check fails, gone once all is well; no Nx output. */
  validationFailed: '.mlops/validation-failed',
  model: '.mlops/model',
  evaluation: '.mlops/evaluation',
  /** Written by `gate`, which is not cached. */
  gate: '.mlops/gate',
  /** Kept by an interrupted training; no Nx output. */
  checkpoints: '.mlops/checkpoints',

  /** Digests of a dataset's source files by their stat; of this machine. */
  sourceStatCache: '.mlops/sources.stat-cache',
  /** What the sources were when the lock last fitted them, as one digest; of this machine. */
  unchangedSources: '.mlops/sources.unchanged',

  /** Of the workspace. */
  store: '.mlops/store',
  /** Digests of the store's files by their stat; of this machine. */
  statCache: '.mlops/stat-cache',
  /** Sources that are being fetched. */
  downloads: '.mlops/downloads',

  /** Files of versions from a registry that is not a folder, by digest; of this machine. */
  registryCache: '.mlops/registry-cache',

  /** Predictions of champions on test splits that they were not measured on; of this machine. */
  championScores: '.mlops/champion-scores',
  /** The report on all models of a run. */
  report: '.mlops/report',
  /** What the jobs of a pipeline hand to each other and to the next one. */
  ci: '.mlops/ci',

  /** File names inside the folders above. */
  datasetManifest: 'dataset.manifest.json',
  /** What a prepare script leaves in its output folder when splits are taken by rules. */
  preparedFile: 'prepared.parquet',
  modelFile: 'model.onnx',
  modelManifest: 'model.manifest.json',
  runFile: 'run.json',
  metricLog: 'metrics.jsonl',
  trainingCurve: 'training-curve.svg',
  evaluationFile: 'evaluation.json',
  /** What an evaluation script leaves: a row for each row of the split, in its order; or metrics. */
  scriptPredictions: 'predictions.parquet',
  scriptMetrics: 'metrics.json',
  /** What depends on the machine, beside the evaluation. */
  performanceFile: 'performance.json',
  /** Some rows of the test split with the model's answers, by which any loading of it is tried. */
  goldenFile: 'golden.json',
  /** Folder inside the evaluation: the model's answers beside the truth, as NumPy files. */
  predictions: 'predictions',
  validationFile: 'validation.json',
  validationReport: 'report.md',
  validationPage: 'report.html',
  validationJunit: 'junit.xml',
  gateFile: 'gate.json',
  gateReport: 'report.md',
  gatePage: 'report.html',
  gateJunit: 'junit.xml',
  /** OpenMetrics text, which GitLab shows as a metrics report. */
  gateMetrics: 'metrics.txt',
  modelCard: 'MODEL_CARD.md',
  /** Of a version: its signature (OpenSSF Model Signing). */
  signatureFile: 'model.sig',
} as const;

/** A split's own manifest, so that a model's key names just the splits it reads: `flights.train.split.json`. */
export function splitManifestFile(datasetFileName: string, split: string): string {
  return `${datasetFileName}.${split}.split.json`;
}

/** A split's profile inside the validation folder: `train.profile.json`. */
export function profileFile(split: string): string {
  return `${split}.profile.json`;
}
