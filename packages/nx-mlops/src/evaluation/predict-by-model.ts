import type { LoadedModel } from '@nx-mlops/runtime';
import type { LocalSplit } from '../training/project-folder';
import { ParallelScorer, helpersFor } from './parallel-scorer';
import { predictSplit, type PredictedSplit, type PredictOptions } from './predict-split';
import type { EvaluationColumns } from './split-columns';

/**
 * Streams a split through a model on as many cores as are worth it.
 *
 * @param modelFile the one that `model` was loaded from
 * @throws MlopsError what `predictSplit` and `ParallelScorer.predict` throw; the signal's reason
 */
export async function predictByModel(
  model: LoadedModel,
  modelFile: string,
  split: LocalSplit,
  columns: EvaluationColumns,
  options: PredictOptions,
): Promise<PredictedSplit> {
  const { rows } = split.manifest;
  const helpers = helpersFor({ rows, modelSize: model.manifest.file.size });
  const scorer = new ParallelScorer(model, modelFile, helpers);
  try {
    return await predictSplit(scorer, split, columns, options);
  } finally {
    await scorer.close();
  }
}
