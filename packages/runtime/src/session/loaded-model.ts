import type { ModelManifest } from '@nx-mlops/core';
import type { ColumnBatch } from '../column-batch';
import type { Tensor } from '../tensor';

/** A model in memory, ready to predict. Calls may overlap. */
export interface LoadedModel {
  readonly manifest: ModelManifest;

  /**
   * Scores of the rows, in their order. Binary classification: P(positive), `[rows]`, whatever the model's own layout.
   * Multiclass: row-major `[rows × classes]` in the order of `manifest.classes`. Regression and ranking: `[rows]`.
   *
   * Numeric columns of the type that the model takes are read in place: leave them alone until the promise settles.
   *
   * @throws MlopsError MLOPS_BATCH_COLUMN when a column is missing, of another length, or of a type that the feature
   *   cannot take; MLOPS_BATCH_VALUE when a value does not fit the input, naming feature and row;
   *   MLOPS_MODEL_NO_SCORES for a custom task; MLOPS_PREDICTION_FAILED when ONNX Runtime fails
   */
  predict(batch: ColumnBatch): Promise<Float32Array | Float64Array>;

  /**
   * Runs raw tensors by input name.
   *
   * @param outputs names of those wanted; all tensors when left out
   * @throws MlopsError MLOPS_PREDICTION_FAILED when ONNX Runtime fails, also for a missing or misshapen input
   */
  run(feeds: Readonly<Record<string, Tensor>>, outputs?: readonly string[]): Promise<Record<string, Tensor>>;

  /** Waits for the calls under way, then frees the session. Later calls fail with MLOPS_MODEL_RELEASED. */
  release(): Promise<void>;
}
