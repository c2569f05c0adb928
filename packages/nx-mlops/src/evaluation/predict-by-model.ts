import { loadCodedModel, type LoadedModel } from '@nx-mlops/runtime';
import type { LocalSplit } from '../training/project-folder';
import { ParallelScorer, byCodes, helpersFor } from './parallel-scorer';
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
  const { manifest } = model;
  const size = { rows, modelSize: manifest.file.size };
  const helpers = helpersFor(size);
  const scorer = new ParallelScorer({
    model,
    modelFile,
    helpers,
    ...(byCodes(size, helpers) && {
      loadCoded: (dictionaries) => loadCodedModel({ file: modelFile, manifest, dictionaries }),
    }),
  });
  try {
    return await predictSplit(scorer, split, columns, options);
  } finally {
    await scorer.close();
  }
}
