import { MlopsError, type ModelConfig, type ModelManifest, type Sample } from '@nx-mlops/core';
import { loadModel } from '@nx-mlops/runtime';
import type { LocalSplit } from '../training/project-folder';
import { predictByModel } from './predict-by-model';
import { evaluationColumns, withoutSlices } from './split-columns';

export interface SampleRequest {
  /** Absolute path of any model file, such as a champion's from the registry. */
  readonly modelFile: string;
  /** Of that model. */
  readonly manifest: ModelManifest;
  /** The rows, and with `config` the truth, weights and groups that it is measured by. */
  readonly test: LocalSplit;
  readonly config: ModelConfig;
  /** Folder of the project, relative to the workspace, for errors. @default '.' */
  readonly root?: string;
  /** Binary classification: at or above it the model's score is positive. @default the config's, 0.5 where it is a rule */
  readonly threshold?: number;
  /** Classification: the classes, in the order in which the other model's labels count them. */
  readonly classes?: ModelManifest['classes'];
  readonly signal: AbortSignal;
}

/**
 * The answers of a model on the rows of a split, beside the truth of the present config.
 *
 * @throws MlopsError MLOPS_MODELS_DIFFER when the model answers another question: other task, target or classes; what
 *   `loadModel`, `evaluationColumns` and `predictSplit` throw
 */
export async function predictSample({
  modelFile,
  manifest,
  test,
  config,
  root = '.',
  threshold = typeof config.evaluation.threshold === 'number' ? config.evaluation.threshold : 0.5,
  classes,
  signal,
}: SampleRequest): Promise<Sample> {
  refuseOtherQuestion(manifest, config, classes);
  const columns = withoutSlices(evaluationColumns({ root }, config, manifest, test));
  const model = await loadModel({ file: modelFile, manifest });
  try {
    const { sample } = await predictByModel(model, modelFile, test, columns, { threshold, signal });
    return sample;
  } finally {
    await model.release();
  }
}

function refuseOtherQuestion(
  manifest: ModelManifest,
  config: ModelConfig,
  classes: ModelManifest['classes'],
): void {
  const list = (labels: ModelManifest['classes']) =>
    (labels ?? []).map((label) => JSON.stringify(label)).join(', ');
  const differences = [
    ...(manifest.task === config.task ? [] : [`its task is ${manifest.task}, not ${config.task}`]),
    ...(manifest.target === config.target
      ? []
      : [`its target is "${manifest.target}", not "${config.target}"`]),
    ...(classes === undefined || list(classes) === list(manifest.classes)
      ? []
      : [`its classes are ${list(manifest.classes)}, not ${list(classes)}`]),
  ];
  if (differences.length === 0) return;
  throw new MlopsError(
    'MLOPS_MODELS_DIFFER',
    `The model ${manifest.file.sha256.slice(0, 12)} of "${manifest.model}" cannot be compared with the present one: ${differences.join('; ')}.`,
  );
}
